/**
 * The large view: any part of the world at any size, antialiased, for PNG and video. It draws the list that the page
 * draws, from the same rasteriser.
 */
import { InputError } from '@saccade/core';
import type { Scene } from '../scene.ts';
import { createBitmapCache, prepareBackdrop, prepareSprite, tintWord, wordOf, type Bitmap } from './atlas.ts';
import { drawList } from './draw-list.ts';
import { plainColour } from './sprites.ts';

export interface ViewOptions {
  /** Size of the picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** The point of the world at the picture's middle, cells. */
  readonly centreX: number;
  readonly centreY: number;
  /** How many cells the width shows. */
  readonly cellsAcross: number;
}

const round = (x: number): number => Math.floor(x + 0.5);
/** Pixels of prepared sprites to keep: some backdrops for a large picture, thousands of tiles. */
const CACHED_PIXELS = 1 << 25;
const cached = createBitmapCache(CACHED_PIXELS);

/** `over` on top of opaque `under`, both 0xAABBGGRR. */
function blend(under: number, over: number): number {
  const alpha = over >>> 24;
  const rest = 255 - alpha;
  const channel = (shift: number): number =>
    Math.floor((((over >>> shift) & 255) * alpha + ((under >>> shift) & 255) * rest + 127) / 255) << shift;
  return (0xff000000 | channel(0) | channel(8) | channel(16)) >>> 0;
}

/** RGBA bytes, [height, width, 4], row 0 at the top, all opaque. */
export function renderView(scene: Scene, options: ViewOptions): Uint8ClampedArray {
  const { width, height, centreX, centreY, cellsAcross } = options;
  if (
    !Number.isInteger(width) ||
    !Number.isInteger(height) ||
    width < 1 ||
    height < 1 ||
    width > 8192 ||
    height > 8192
  ) {
    throw new InputError(`renderView: expected a size from 1 to 8192 pixels, got ${width} x ${height}`);
  }
  if (!(cellsAcross > 0 && cellsAcross <= width))
    throw new InputError(`renderView: expected cellsAcross above 0 and at most the width ${width}, got ${cellsAcross}`);
  if (!Number.isFinite(centreX) || !Number.isFinite(centreY)) {
    throw new InputError(`renderView: expected a finite centre, got ${centreX}, ${centreY}`);
  }
  const scale = width / cellsAcross;
  const originX = round(centreX * scale - width / 2);
  const topV = round(centreY * scale + height / 2) - 1;
  const target = new Uint32Array(width * height);
  const { background, backgrounds, monochrome } = scene.theme;

  const blit = (bitmap: Bitmap, left: number, top: number, tint: number | undefined): void => {
    const { words } = bitmap;
    const x0 = left < 0 ? 0 : left;
    const x1 = left + bitmap.width > width ? width : left + bitmap.width;
    const y0 = top < 0 ? 0 : top;
    const y1 = top + bitmap.height > height ? height : top + bitmap.height;
    for (let y = y0; y < y1; y++) {
      let from = (y - top) * bitmap.width + (x0 - left);
      let to = y * width + x0;
      if (bitmap.opaque && tint === undefined) {
        for (const end = to + x1 - x0; to < end; to++, from++) target[to] = words[from];
        continue;
      }
      for (let x = x0; x < x1; x++, from++, to++) {
        const word = words[from];
        const alpha = word >>> 24;
        if (alpha === 0) continue;
        const tinted = tint === undefined ? word : tintWord(word, tint);
        target[to] = alpha === 255 ? tinted : blend(target[to], tinted);
      }
    }
  };

  if (!backgrounds) target.fill(wordOf(plainColour(background)));
  for (const item of drawList(scene, { centreX, centreY, width: cellsAcross + 1, height: height / scale + 1 })) {
    const left = round(item.x * scale);
    const bottom = round(item.y * scale);
    if (item.sprite === 'background') {
      const size = round(item.width * scale);
      const bitmap = cached(`background/${item.variant}/${size}`, () => prepareBackdrop(item.variant, size));
      let shift = (originX - left) % size;
      if (shift < 0) shift += size;
      for (let y = 0; y < height; y++) {
        const wanted = size - 1 - (topV - y - bottom);
        const start = (wanted < 0 ? 0 : wanted >= size ? size - 1 : wanted) * size;
        for (let x = 0, from = shift; x < width;) {
          const run = Math.min(size - from, width - x);
          target.set(bitmap.words.subarray(start + from, start + from + run), y * width + x);
          x += run;
          from = 0;
        }
      }
      continue;
    }
    // Tiles fill the gap up to their neighbour; what moves has one size wherever it is.
    const tile = item.sprite === 'ground' || item.sprite === 'lava';
    const boxWidth = tile ? round((item.x + 1) * scale) - left : round(item.width * scale);
    const boxHeight = tile ? round((item.y + 1) * scale) - bottom : round(item.height * scale);
    if (boxWidth < 1 || boxHeight < 1) continue;
    const { sprite, variant, frame, flip } = item;
    const key = `${sprite}/${variant}/${frame}/${boxWidth}x${boxHeight}/${flip}/${monochrome}`;
    const bitmap = cached(key, () => prepareSprite(sprite, variant, frame, boxWidth, boxHeight, flip, monochrome));
    blit(bitmap, left - originX, topV - bottom - boxHeight + 1, item.tint);
  }
  return new Uint8ClampedArray(target.buffer);
}
