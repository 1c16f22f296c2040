/** A layer's map brought to the size of the frame it explains. */
import { expectLength } from '@saccade/core';

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** For each place along an axis of `to` cells: the two neighbours among `from` cells, and the share of the second. */
function neighbours(from: number, to: number): { low: Int32Array; high: Int32Array; share: Float64Array } {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    low[i] = Math.floor(place);
    high[i] = Math.min(low[i] + 1, from - 1);
    share[i] = place - low[i];
  }
  return { low, high, share };
}

/** Bilinear, cell centres aligned and corners not: [[0, 1], [2, 3]] to 4x4 starts 0, .25, .75, 1. */
export function resizeBilinear(values: Float32Array, from: Size, to: Size): Float32Array {
  expectLength('resizeBilinear', 'values', [from.height, from.width], values.length);
  if (from.height === to.height && from.width === to.width) return values.slice();
  const rows = neighbours(from.height, to.height);
  const columns = neighbours(from.width, to.width);
  const resized = new Float32Array(to.height * to.width);
  for (let y = 0; y < to.height; y++) {
    const top = rows.low[y] * from.width;
    const bottom = rows.high[y] * from.width;
    const down = rows.share[y];
    for (let x = 0; x < to.width; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const across = columns.share[x];
      const upper = values[top + left] * (1 - across) + values[top + right] * across;
      const lower = values[bottom + left] * (1 - across) + values[bottom + right] * across;
      resized[y * to.width + x] = upper * (1 - down) + lower * down;
    }
  }
  return resized;
}

/** Nearest neighbour: the layer's own grid stays visible. */
export function resizeNearest(values: Float32Array, from: Size, to: Size): Float32Array {
  expectLength('resizeNearest', 'values', [from.height, from.width], values.length);
  const resized = new Float32Array(to.height * to.width);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / to.height) * from.width;
    for (let x = 0; x < to.width; x++) {
      resized[y * to.width + x] = values[row + Math.floor(((x + 0.5) * from.width) / to.width)];
    }
  }
  return resized;
}
