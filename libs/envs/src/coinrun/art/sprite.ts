/**
 * What one look of a sprite is: a vector drawing for every size, and, where a cell is only about five pixels, pixel art
 * set by hand, because at that size each pixel is a decision. Both come from one palette.
 */
import { rect } from './path.ts';
import { drawPicture, type Pen, type Picture } from './picture.ts';

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
  /** The one colour of the monochrome asset mode. */
  readonly flat?: number;
}

/** Hand-set pixels as a picture, so that one rasteriser serves both. */
export function pictureOfPixels(pixels: Pixels, palette: Readonly<Record<string, number>>): Picture {
  const height = pixels.length;
  const width = pixels[0].length;
  return drawPicture(width, height, (pen) => {
    pixels.forEach((row, y) => {
      for (let x = 0; x < width; x++) {
        const colour = palette[row[x]];
        if (colour !== undefined) pen.fill(rect(x, y, 1, 1), colour);
      }
    });
  });
}

/** Dark outline shared by everything that moves or matters: it holds the look together. */
export const INK = 0x2a1b3d;
