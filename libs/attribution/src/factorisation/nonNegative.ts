/**
 * Non-negative matrix factorisation, X [rows, columns] ~ W [rows, factors] H [factors, columns]: how a layer's
 * channels are gathered into a few groups that add up and never cancel (Olah et al. 2018). Deterministic; the
 * algorithm, its start and its stopping rule are scikit-learn's defaults, so that factors can be compared with it.
 */
import { expectLength, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { nonNegativeStart } from './start.ts';

export interface FactorisationOptions {
  /** Stops once the projected gradient fell below this share of its first value. 1e-4 by default. */
  readonly tolerance?: number;
  /** 200 by default. */
  readonly maximumIterations?: number;
  /** W [rows, factors] and H [factors, columns] to begin with, changed in place; NNDSVD by default. */
  readonly start?: { readonly weights: Float64Array; readonly directions: Float64Array };
  readonly cancellation?: Cancellation;
  /** Called with iterations done / maximumIterations. */
  readonly progress?: (done: number) => void;
}

export interface Factorisation {
  readonly factors: number;
  readonly columns: number;
  /** W, [rows, factors]. */
  readonly weights: Float32Array;
  /** H, [factors, columns]: the direction of each factor. */
  readonly directions: Float32Array;
  readonly iterations: number;
  /** Frobenius norm of X - WH. */
  readonly error: number;
}

/** A B^T of A [m, n], B [k, n] -> [m, k]. */
function timesTransposed(a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array {
  const product = new Float64Array(m * k);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let c = 0, ai = i * n, bj = j * n; c < n; c++) sum += a[ai + c] * b[bj + c];
      product[i * k + j] = sum;
    }
  }
  return product;
}

/** A^T A of A [rows, k] -> [k, k]. */
function gramOf(a: Float64Array, k: number): Float64Array {
  const gram = new Float64Array(k * k);
  for (let at = 0; at < a.length; at += k) {
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) gram[i * k + j] += a[at + i] * a[at + j];
  }
  return gram;
}

/**
 * One pass of coordinate descent over `w` [k] with the other factor fixed (Cichocki & Phan 2009): each coordinate
 * goes to its minimum, clipped at zero. `linear` [k] is the row of X H^T, `gram` [k, k] is H H^T.
 * @returns the row's projected gradient, summed: zero at the optimum
 */
function descendRow(
  w: Float64Array | Float32Array,
  at: number,
  linear: Float64Array,
  from: number,
  gram: Float64Array,
  k: number,
): number {
  let violation = 0;
  for (let t = 0; t < k; t++) {
    let slope = -linear[from + t];
    for (let r = 0; r < k; r++) slope += gram[t * k + r] * w[at + r];
    const value = w[at + t];
    violation += Math.abs(value === 0 ? Math.min(0, slope) : slope);
    const curvature = gram[t * k + t];
    if (curvature !== 0) w[at + t] = Math.max(value - slope / curvature, 0);
  }
  return violation;
}

export function expectNonNegative(where: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0 && values[i] < Infinity)) {
      throw new InputError(`${where}: expected finite values of at least 0, got ${values[i]} at element ${i}`);
    }
  }
}

/**
 * @param matrix X, [rows, columns], non-negative
 * @throws InputError when there are more factors than columns or rows, when X is all zero, or has a negative value
 */
export function factorise(
  matrix: Float32Array,
  columns: number,
  factors: number,
  options: FactorisationOptions = {},
): Factorisation {
  const steps = factoriseSteps(matrix, columns, factors, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * `factorise`, an iteration at a time, for callers that have something else to do in between. Yields iterations done /
 * maximumIterations.
 */
export function* factoriseSteps(
  matrix: Float32Array,
  columns: number,
  factors: number,
  { tolerance = 1e-4, maximumIterations = 200, start, cancellation, progress }: FactorisationOptions = {},
): Generator<number, Factorisation> {
  const rows = matrix.length / columns;
  expectLength('factorise', 'matrix', [Math.floor(rows), columns], matrix.length);
  if (!Number.isInteger(factors) || factors < 1 || factors > Math.min(rows, columns)) {
    throw new InputError(`factorise: expected 1 to ${Math.min(rows, columns)} factors, got ${factors}`);
  }
  expectNonNegative('factorise', matrix);
  if (matrix.every((value) => value === 0)) {
    throw new InputError('factorise: expected some activity, got a matrix of zeros');
  }
  const { weights, directions } = start ?? nonNegativeStart(matrix, columns, factors);
  expectLength('factorise', 'starting weights', [rows, factors], weights.length);
  expectLength('factorise', 'starting directions', [factors, columns], directions.length);
  const linear = new Float64Array(factors);
  // H by column, [columns, factors]: activations are sparse, and a value of zero then costs nothing.
  const byColumn = new Float64Array(columns * factors);
  for (let at = 0; at < directions.length; at++)
    byColumn[(at % columns) * factors + Math.floor(at / columns)] = directions[at];
  let first = 0;
  let iterations = 0;
  while (iterations < maximumIterations) {
    throwIfAborted(cancellation, 'factorise');
    let violation = 0;
    const gramOfDirections = gramOf(byColumn, factors);
    // The update of H needs W^T W and X^T W; both are gathered while each row of W is still in the cache.
    const gramOfWeights = new Float64Array(factors * factors);
    const products = new Float64Array(columns * factors);
    for (let row = 0; row < rows; row++) {
      const x = row * columns;
      const w = row * factors;
      linear.fill(0);
      for (let c = 0, h = 0; c < columns; c++, h += factors) {
        const value = matrix[x + c];
        if (value !== 0) for (let t = 0; t < factors; t++) linear[t] += value * byColumn[h + t];
      }
      violation += descendRow(weights, w, linear, 0, gramOfDirections, factors);
      for (let t = 0; t < factors; t++) {
        const weight = weights[w + t];
        if (weight !== 0) for (let r = 0; r < factors; r++) gramOfWeights[t * factors + r] += weight * weights[w + r];
      }
      for (let c = 0, at = 0; c < columns; c++, at += factors) {
        const value = matrix[x + c];
        if (value !== 0) for (let t = 0; t < factors; t++) products[at + t] += value * weights[w + t];
      }
    }
    for (let at = 0; at < byColumn.length; at += factors) {
      violation += descendRow(byColumn, at, products, at, gramOfWeights, factors);
    }
    iterations++;
    if (iterations === 1) first = violation;
    progress?.(iterations / maximumIterations);
    yield iterations / maximumIterations;
    if (first === 0 || violation / first <= tolerance) break;
  }
  for (let at = 0; at < directions.length; at++)
    directions[at] = byColumn[(at % columns) * factors + Math.floor(at / columns)];
  return {
    factors,
    columns,
    weights: Float32Array.from(weights),
    directions: Float32Array.from(directions),
    iterations,
    error: reconstructionError(matrix, weights, directions, columns, factors),
  };
}

/** Frobenius norm of X - WH. */
export function reconstructionError(
  matrix: Float32Array,
  weights: ArrayLike<number>,
  directions: ArrayLike<number>,
  columns: number,
  factors: number,
): number {
  let squared = 0;
  const row = new Float64Array(columns);
  for (let x = 0, w = 0; x < matrix.length; x += columns, w += factors) {
    row.fill(0);
    for (let t = 0; t < factors; t++) {
      const weight = weights[w + t];
      if (weight !== 0) for (let c = 0, h = t * columns; c < columns; c++) row[c] += weight * directions[h + c];
    }
    for (let c = 0; c < columns; c++) squared += (matrix[x + c] - row[c]) ** 2;
  }
  return Math.sqrt(squared);
}

/**
 * The weights W [rows, factors] of new rows for fixed directions H, from zero, by the same descent and stopping rule.
 * @param matrix [rows, columns], non-negative
 * @param directions [factors, columns]
 */
export function encode(
  matrix: Float32Array,
  directions: Float32Array,
  columns: number,
  { tolerance = 1e-4, maximumIterations = 200, cancellation }: FactorisationOptions = {},
): Float32Array {
  const factors = directions.length / columns;
  const rows = matrix.length / columns;
  expectLength('encode', 'directions', [Math.floor(factors), columns], directions.length);
  expectLength('encode', 'matrix', [Math.floor(rows), columns], matrix.length);
  expectNonNegative('encode', matrix);
  const linear = timesTransposed(matrix, directions, rows, factors, columns);
  const gram = timesTransposed(directions, directions, factors, factors, columns);
  const weights = new Float64Array(rows * factors);
  let first = 0;
  for (let iteration = 0; iteration < maximumIterations; iteration++) {
    throwIfAborted(cancellation, 'encode');
    let violation = 0;
    for (let at = 0; at < weights.length; at += factors) {
      violation += descendRow(weights, at, linear, at, gram, factors);
    }
    if (iteration === 0) first = violation;
    if (first === 0 || violation / first <= tolerance) break;
  }
  return Float32Array.from(weights);
}

/** W H: [rows, columns]. */
export function decode(weights: Float32Array, directions: Float32Array, columns: number): Float32Array {
  const factors = directions.length / columns;
  const rows = weights.length / factors;
  expectLength('decode', 'weights', [Math.floor(rows), factors], weights.length);
  const matrix = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < factors; t++) {
      const weight = weights[row * factors + t];
      if (weight === 0) continue;
      for (let c = 0, x = row * columns, h = t * columns; c < columns; c++) matrix[x + c] += weight * directions[h + c];
    }
  }
  return matrix;
}
