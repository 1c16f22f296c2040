/**
 * A grid of places asked coarse to fine: a quarter of the rows and columns first, then a half, then all. A coarse map
 * of the whole comes early, and what was asked for it is not asked again.
 */
import { throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Size } from './picture/resize.ts';

/** Rows and columns between the places of each pass. */
const passes = [4, 2, 1] as const;

export interface GridSweep {
  /** Named when it is cancelled. */
  readonly title: string;
  readonly grid: Size;
  /** Numbers that each place is answered with. */
  readonly row: number;
  /** Places of one call. */
  readonly largest: number;
  /** Places (row-major indices of the grid) -> their answers, [places, row]. */
  evaluate(places: readonly number[]): Promise<Float32Array>;
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1. */
  readonly progress?: (done: number) => void;
  /** Called after each pass but the last: places not asked yet repeat the nearest asked above and to the left. */
  readonly draft?: (answers: Float32Array, done: number) => void;
}

/** @returns [grid height x grid width, row]. Small grids, of one call, are asked in one pass. */
export async function sweepGrid(request: GridSweep): Promise<Float32Array> {
  const { title, grid, row, largest, evaluate, cancellation, progress, draft } = request;
  const count = grid.height * grid.width;
  const answers = new Float32Array(count * row);
  const asked = new Uint8Array(count);
  let done = 0;
  for (const step of count > largest ? passes : ([1] as const)) {
    const places: number[] = [];
    for (let y = 0; y < grid.height; y += step) {
      for (let x = 0; x < grid.width; x += step) if (!asked[y * grid.width + x]) places.push(y * grid.width + x);
    }
    for (let start = 0; start < places.length; start += largest) {
      throwIfAborted(cancellation, title);
      const part = places.slice(start, start + largest);
      const made = await evaluate(part);
      part.forEach((place, k) => {
        asked[place] = 1;
        answers.set(made.subarray(k * row, (k + 1) * row), place * row);
      });
      done += part.length;
      progress?.(done / count);
    }
    if (step > 1) draft?.(repeated(answers, grid, row, step), done / count);
  }
  return answers;
}

function repeated(answers: Float32Array, { height, width }: Size, row: number, step: number): Float32Array {
  const filled = new Float32Array(answers.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y - (y % step)) * width + x - (x % step)) * row;
      filled.set(answers.subarray(from, from + row), (y * width + x) * row);
    }
  }
  return filled;
}
