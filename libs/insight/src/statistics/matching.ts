/** Pairing the factors of two dictionaries so that together they are as alike as can be. */
import { InputError } from '@saccade/core';

/**
 * The assignment of rows to columns with the least total cost (Kuhn 1955; shortest augmenting paths with potentials,
 * Jonker & Volgenant 1987).
 * @param cost [rows, columns], rows <= columns
 * @returns the column of each row
 */
export function assign(cost: ArrayLike<number>, rows: number, columns: number): Int32Array {
  if (rows > columns || cost.length !== rows * columns) {
    throw new InputError(`assign: expected costs [rows, columns] with rows <= columns, got [${rows}, ${columns}]`);
  }
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  /** Row (from 1) that holds each column (from 1); column 0 is the row being placed. */
  const holder = new Int32Array(columns + 1);
  const before = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    holder[0] = row;
    let column = 0;
    const least = new Float64Array(columns + 1).fill(Infinity);
    const used = new Uint8Array(columns + 1);
    do {
      used[column] = 1;
      const from = holder[column];
      let step = Infinity;
      let next = 0;
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue;
        const reduced = cost[(from - 1) * columns + j - 1] - rowPotential[from] - columnPotential[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          before[j] = column;
        }
        if (least[j] < step) {
          step = least[j];
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j]) {
          rowPotential[holder[j]] += step;
          columnPotential[j] -= step;
        } else least[j] -= step;
      }
      column = next;
    } while (holder[column] !== 0);
    do {
      const previous = before[column];
      holder[column] = holder[previous];
      column = previous;
    } while (column !== 0);
  }
  const columnOf = new Int32Array(rows);
  for (let j = 1; j <= columns; j++) if (holder[j] > 0) columnOf[holder[j] - 1] = j - 1;
  return columnOf;
}

/** Cosine of two vectors; 0 where one is zero. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

export interface Matching {
  /** The factor of `second` that goes with each factor of `first`, [factors]. */
  readonly partner: Int32Array;
  /** Cosine of each pair, [factors]. */
  readonly cosines: Float64Array;
  readonly meanCosine: number;
}

/**
 * Pairs the rows of two dictionaries so that the sum of their cosines is largest.
 * @param first, second directions [factors, columns]
 */
export function matchDirections(first: Float32Array, second: Float32Array, columns: number): Matching {
  const rows = first.length / columns;
  const others = second.length / columns;
  if (!Number.isInteger(rows) || rows !== others) {
    throw new InputError(`matchDirections: expected two dictionaries of one size, got ${rows} and ${others} factors`);
  }
  const row = (of: Float32Array, i: number): Float32Array => of.subarray(i * columns, (i + 1) * columns);
  const all = Float64Array.from({ length: rows * rows }, (_, at) =>
    cosine(row(first, Math.floor(at / rows)), row(second, at % rows)),
  );
  const partner = assign(
    all.map((value) => 1 - value),
    rows,
    rows,
  );
  const cosines = Float64Array.from(partner, (column, i) => all[i * rows + column]);
  return { partner, cosines, meanCosine: cosines.reduce((sum, value) => sum + value, 0) / rows };
}
