/**
 * Sprites prepared for blitting at one size: pixels as 32-bit words, mirrored and flat-coloured where asked for, and a
 * bounded cache of them.
 */
import { flatColour, rasteriseInto, type SpriteName } from './sprites.ts';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** 0xAABBGGRR (bytes R, G, B, A on any little-endian machine), [height, width], row 0 at the top. */
  readonly words: Uint32Array;
  /** True where every pixel is fully opaque. */
  readonly opaque: boolean;
}

/** Everything but the backdrop. */
export type Piece = Exclude<SpriteName, 'background'>;

/** An opaque word of 0xRRGGBB. */
export const wordOf = (colour: number): number =>
  (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;

/** Multiplies the colour by 0xRRGGBB / 255 and keeps the alpha. */
export function tintWord(word: number, tint: number): number {
  const channel = (shift: number, factor: number): number =>
    Math.floor((((word >>> shift) & 255) * factor + 127) / 255) << shift;
  const colour = channel(0, (tint >> 16) & 255) | channel(8, (tint >> 8) & 255) | channel(16, tint & 255);
  return ((word & 0xff000000) | colour) >>> 0;
}

function bitmapOf(width: number, height: number, data: Uint8ClampedArray): Bitmap {
  const words = new Uint32Array(data.length / 4);
  let opaque = true;
  for (let i = 0, k = 0; i < words.length; i++, k += 4) {
    words[i] = (data[k] | (data[k + 1] << 8) | (data[k + 2] << 16) | (data[k + 3] << 24)) >>> 0;
    if (data[k + 3] !== 255) opaque = false;
  }
  return { width, height, words, opaque };
}

/** The whole backdrop, `size` pixels square. */
export function prepareBackdrop(variant: number, size: number): Bitmap {
  return bitmapOf(size, size, rasteriseInto('background', variant, 0, size, size).data);
}

/** The sprite in a box of exactly `width` x `height` pixels; in its class's one colour where `flat`. */
export function prepareSprite(
  name: Piece,
  variant: number,
  frame: number,
  width: number,
  height: number,
  flip: boolean,
  flat: boolean,
): Bitmap {
  const bitmap = bitmapOf(width, height, rasteriseInto(name, flat ? 0 : variant, frame, width, height).data);
  const { words } = bitmap;
  if (flat) {
    const colour = wordOf(flatColour(name)) & 0xffffff;
    for (let i = 0; i < words.length; i++) words[i] = ((words[i] & 0xff000000) | colour) >>> 0;
  }
  if (flip) for (let y = 0; y < height; y++) words.subarray(y * width, (y + 1) * width).reverse();
  return bitmap;
}

/** Keeps what was made under a key; forgets everything once it holds more than `limit` pixels. */
export function createBitmapCache(limit: number): (key: string, make: () => Bitmap) => Bitmap {
  const bitmaps = new Map<string, Bitmap>();
  let held = 0;
  return (key, make) => {
    const known = bitmaps.get(key);
    if (known !== undefined) return known;
    const bitmap = make();
    if (held + bitmap.words.length > limit) {
      bitmaps.clear();
      held = 0;
    }
    held += bitmap.words.length;
    bitmaps.set(key, bitmap);
    return bitmap;
  };
}
