/** Shapes in small pictures: grey closing and opening, filled holes, connected components, erosion. */
import { expectLength } from '@saccade/core';
import type { Size } from './resize.ts';

/** The extreme over each 3x3 neighbourhood; edges reflect, which for an extreme is to leave out what is outside. */
function extreme(values: Float32Array, { height, width }: Size, pick: (a: number, b: number) => number): Float32Array {
  const result = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let best = values[y * width + x];
      for (let dy = Math.max(0, y - 1); dy <= Math.min(height - 1, y + 1); dy++) {
        for (let dx = Math.max(0, x - 1); dx <= Math.min(width - 1, x + 1); dx++) {
          best = pick(best, values[dy * width + dx]);
        }
      }
      result[y * width + x] = best;
    }
  }
  return result;
}

/** Fills dark specks: the maximum, then the minimum, over 3x3 neighbourhoods. */
export function greyClose(values: Float32Array, size: Size): Float32Array {
  expectLength('greyClose', 'values', [size.height, size.width], values.length);
  return extreme(extreme(values, size, Math.max), size, Math.min);
}

/** Removes bright specks: the minimum, then the maximum, over 3x3 neighbourhoods. */
export function greyOpen(values: Float32Array, size: Size): Float32Array {
  expectLength('greyOpen', 'values', [size.height, size.width], values.length);
  return extreme(extreme(values, size, Math.min), size, Math.max);
}

export interface Components {
  /** 0 where the mask is 0, else the component's number from 1, in the order in which rows meet them. */
  readonly labels: Int32Array;
  /** Cells of each component; index 0 is unused. */
  readonly areas: readonly number[];
}

/** @param mask non-zero inside, [height, width] */
export function connectedComponents(mask: ArrayLike<number>, { height, width }: Size, diagonal = true): Components {
  expectLength('connectedComponents', 'mask', [height, width], mask.length);
  const labels = new Int32Array(mask.length);
  const areas = [0];
  const stack: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start] !== 0) continue;
    const label = areas.length;
    labels[start] = label;
    stack.push(start);
    let area = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      area++;
      const [y, x] = [Math.floor(at / width), at % width];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (!mask[next] || labels[next] !== 0 || (!diagonal && ny !== y && nx !== x)) continue;
          labels[next] = label;
          stack.push(next);
        }
      }
    }
    areas.push(area);
  }
  return { labels, areas };
}

/** Also what is enclosed, not reachable from the edge by steps along rows and columns. */
export function fillHoles(mask: ArrayLike<number>, size: Size): Uint8Array {
  const outside = Uint8Array.from(mask, (inside) => (inside ? 0 : 1));
  const { labels } = connectedComponents(outside, size, false);
  const open = new Set<number>();
  const { height, width } = size;
  for (let x = 0; x < width; x++) open.add(labels[x]).add(labels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) open.add(labels[y * width]).add(labels[y * width + width - 1]);
  return Uint8Array.from(labels, (label) => (label === 0 || !open.has(label) ? 1 : 0));
}

/** Cells whose neighbours along rows and columns are all inside; beyond the edge is outside. */
export function erode(mask: ArrayLike<number>, { height, width }: Size): Uint8Array {
  expectLength('erode', 'mask', [height, width], mask.length);
  return Uint8Array.from({ length: mask.length }, (_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    if (y === 0 || x === 0 || y === height - 1 || x === width - 1) return 0;
    return mask[at] && mask[at - 1] && mask[at + 1] && mask[at - width] && mask[at + width] ? 1 : 0;
  });
}
