/**
 * What one look of a sprite is: a vector drawing for every size, and, where a cell is only about five pixels, pixel art
 * set by hand, because at that size each pixel is a decision. Both come from one palette.
 */
import type { Pen } from './picture.ts';

/** Below this many pixels a cell the hand-set pixels are used. */
export const TINY_BELOW = 8;

/** Rows of characters, top first; '.' is transparent, every other character is in the palette. */
export type Pixels = readonly string[];

export interface Look {
  /** Vector drawing of one frame on a canvas of the sprite's size in cells, y down. */
  draw(pen: Pen, frame: number): void;
  /** Hand-set pixels of one frame. */
  pixels(frame: number): Pixels;
  readonly palette: Readonly<Record<string, number>>;
  /** Share of its size by which the canvas is wider than the sprite's box (see `drawPicture`); 0 where absent. */
  readonly room?: number;
  /** The one colour of the monochrome asset mode. */
  readonly flat?: number;
}

/** Where the pixels of `to` meet those of `from` along one axis: [from index, to index, shared length in `to` pixels]. */
function overlaps(from: number, to: number): [number, number, number][] {
  const list: [number, number, number][] = [];
  for (let a = 0; a < from; a++) {
    const start = (a * to) / from;
    const end = ((a + 1) * to) / from;
    for (let b = Math.floor(start); b < to && b < end; b++) {
      const shared = Math.min(end, b + 1) - Math.max(start, b);
      if (shared > 0) list.push([a, b, shared]);
    }
  }
  return list;
}

/** Hand-set pixels stretched to a size, each output pixel the mean of what it covers; RGBA, [height, width, 4]. */
export function stretchPixels(
  pixels: Pixels,
  palette: Readonly<Record<string, number>>,
  width: number,
  height: number,
): Uint8ClampedArray {
  const sums = new Float64Array(width * height * 4);
  const columns = overlaps(pixels[0].length, width);
  for (const [row, y, tall] of overlaps(pixels.length, height)) {
    for (const [column, x, wide] of columns) {
      const colour = palette[pixels[row][column]];
      if (colour === undefined) continue;
      const area = tall * wide;
      const i = (y * width + x) * 4;
      sums[i] += (colour >> 16) * area;
      sums[i + 1] += ((colour >> 8) & 255) * area;
      sums[i + 2] += (colour & 255) * area;
      sums[i + 3] += area;
    }
  }
  const out = new Uint8ClampedArray(sums.length);
  for (let i = 0; i < sums.length; i += 4) {
    const area = sums[i + 3];
    if (area === 0) continue;
    for (let c = 0; c < 3; c++) out[i + c] = Math.floor(sums[i + c] / area + 0.5);
    out[i + 3] = Math.floor(area * 255 + 0.5);
  }
  return out;
}

/** Dark outline shared by everything that moves or matters: it holds the look together. */
export const INK = 0x2a1b3d;
