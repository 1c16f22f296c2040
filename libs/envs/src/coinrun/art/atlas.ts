/**
 * Sprites prepared for blitting at one size: pixels as 32-bit words (bytes R, G, B, A in memory order), mirrored and
 * flat-coloured copies made once. Shared by every renderer of that size, since they hold nothing but derived pixels.
 */
import { flatColour, plainColour, rasteriseInto, spriteSheets, type SpriteName } from './sprites.ts';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** [height, width], row 0 at the top; 0xAABBGGRR. */
  readonly words: Uint32Array;
  /** True where every pixel is fully opaque. */
  readonly opaque: boolean;
}

export const wordOf = (colour: number): number =>
  (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;

function wordsOf(data: Uint8ClampedArray): Uint32Array {
  const words = new Uint32Array(data.length / 4);
  for (let i = 0; i < words.length; i++) {
    const k = i * 4;
    words[i] = (data[k] | (data[k + 1] << 8) | (data[k + 2] << 16) | (data[k + 3] << 24)) >>> 0;
  }
  return words;
}

/** Multiplies the colour by 0xRRGGBB / 255 and keeps the alpha. */
export function tintWord(word: number, tint: number): number {
  const channel = (shift: number, factor: number): number =>
    Math.floor((((word >>> shift) & 255) * factor + 127) / 255) << shift;
  return (
    ((word & 0xff000000) | channel(0, (tint >> 16) & 255) | channel(8, (tint >> 8) & 255) | channel(16, tint & 255)) >>>
    0
  );
}

export interface Atlas {
  /** The sprite in a box of exactly `width` x `height` pixels. */
  sprite(
    name: Exclude<SpriteName, 'background'>,
    variant: number,
    frame: number,
    width: number,
    height: number,
    flip: boolean,
    flat: boolean,
  ): Bitmap;
  /** The whole backdrop, `size` pixels square; one plain colour where `plain`. */
  backdrop(variant: number, size: number): Bitmap;
}

/**
 * `crisp` rounds every alpha to nothing or all, so that each pixel belongs to exactly one thing: observations are
 * crisp, which is what makes their masks exact.
 */
export function createAtlas(crisp: boolean): Atlas {
  const bitmaps = new Map<string, Bitmap>();
  const cached = (key: string, make: () => Bitmap): Bitmap => {
    let bitmap = bitmaps.get(key);
    if (bitmap === undefined) {
      bitmap = make();
      bitmaps.set(key, bitmap);
    }
    return bitmap;
  };
  const finish = (width: number, height: number, words: Uint32Array): Bitmap => {
    if (crisp)
      for (let i = 0; i < words.length; i++) words[i] = words[i] >>> 24 >= 128 ? (words[i] | 0xff000000) >>> 0 : 0;
    return { width, height, words, opaque: words.every((word) => word >>> 24 === 255) };
  };
  return {
    sprite: (name, variant, frame, width, height, flip, flat) =>
      cached(`${name}/${variant}/${frame}/${width}x${height}/${flip}/${flat}`, () => {
        const words = wordsOf(rasteriseInto(name, flat ? 0 : variant, frame, width, height).data);
        if (flat) {
          const colour = wordOf(flatColour(name)) & 0xffffff;
          for (let i = 0; i < words.length; i++) words[i] = ((words[i] & 0xff000000) | colour) >>> 0;
        }
        if (flip) for (let y = 0; y < height; y++) words.subarray(y * width, (y + 1) * width).reverse();
        return finish(width, height, words);
      }),
    backdrop: (variant, size) =>
      cached(`background/${variant}/${size}`, () =>
        finish(size, size, wordsOf(rasteriseInto('background', variant, 0, size, size).data)),
      ),
  };
}

export { plainColour, spriteSheets };
