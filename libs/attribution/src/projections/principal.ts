/** Principal components, exact and deterministic: the directions in which points vary most. */
import { expectLength, InputError } from '@saccade/core';
import { eigenSymmetric } from '../factorisation/symmetric.ts';

export interface PrincipalComponents {
  readonly columns: number;
  /** Mean of the points, [columns]. */
  readonly mean: Float64Array;
  /** Unit vectors, the component of largest absolute value positive, [components, columns]. */
  readonly components: Float64Array;
  /** Variance along each, with n - 1 in the denominator, [components]; descending. */
  readonly variances: Float64Array;
  /** Of all directions together. */
  readonly totalVariance: number;
  /** The points in these coordinates, [points, components]. */
  readonly coordinates: Float64Array;
}

/**
 * Through the smaller of covariance [columns, columns] and Gram matrix [points, points], so that wide layers of a few
 * hundred frames stay cheap.
 * @param points [points, columns]
 * @throws InputError when there are fewer than two points, or more components than points or columns
 */
export function principalComponents(points: ArrayLike<number>, columns: number, count: number): PrincipalComponents {
  const rows = points.length / columns;
  expectLength('principalComponents', 'points', [Math.floor(rows), columns], points.length);
  if (rows < 2) throw new InputError(`principalComponents: expected at least 2 points, got ${rows}`);
  const most = Math.min(rows, columns);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new InputError(`principalComponents: expected 1 to ${most} components, got ${count}`);
  }
  const mean = new Float64Array(columns);
  for (let at = 0; at < points.length; at++) mean[at % columns] += points[at] / rows;
  // `Float64Array.from` would first make a list of all values: hundreds of megabytes.
  const centred = new Float64Array(points.length);
  for (let at = 0; at < points.length; at++) centred[at] = points[at] - mean[at % columns];
  let totalVariance = 0;
  for (const value of centred) totalVariance += (value * value) / (rows - 1);
  const components =
    columns <= rows ? fromCovariance(centred, rows, columns, count) : fromGram(centred, rows, columns, count);
  for (let k = 0; k < count; k++) orient(components.subarray(k * columns, (k + 1) * columns));
  const coordinates = new Float64Array(rows * count);
  const variances = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += centred[row * columns + c] * components[k * columns + c];
      coordinates[row * count + k] = sum;
      variances[k] += (sum * sum) / (rows - 1);
    }
  }
  return { columns, mean, components, variances, totalVariance, coordinates };
}

/** The largest component positive: an eigenvector's sign is arbitrary. */
function orient(vector: Float64Array): void {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let i = 0; i < vector.length; i++) vector[i] = -vector[i];
}

function fromCovariance(centred: Float64Array, rows: number, columns: number, count: number): Float64Array {
  const covariance = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0, x = row * columns; i < columns; i++) {
      const value = centred[x + i];
      if (value !== 0) for (let j = i; j < columns; j++) covariance[i * columns + j] += value * centred[x + j];
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) covariance[i * columns + j] = covariance[j * columns + i];
  return eigenSymmetric(covariance, columns).vectors.slice(0, count * columns);
}

/** Eigenvectors u of X X^T give those of X^T X as X^T u, to be normalised. */
function fromGram(centred: Float64Array, rows: number, columns: number, count: number): Float64Array {
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i; j < rows; j++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += centred[i * columns + c] * centred[j * columns + c];
      gram[i * rows + j] = gram[j * rows + i] = sum;
    }
  }
  const { vectors } = eigenSymmetric(gram, rows);
  const components = new Float64Array(count * columns);
  for (let k = 0; k < count; k++) {
    let squared = 0;
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += vectors[k * rows + row] * centred[row * columns + c];
      components[k * columns + c] = sum;
      squared += sum * sum;
    }
    if (squared > 0) for (let c = 0; c < columns; c++) components[k * columns + c] /= Math.sqrt(squared);
  }
  return components;
}

/** The components' approximation of points: mean + (x - mean) C^T C, [points, columns]. */
export function principalReconstruction(
  points: ArrayLike<number>,
  { mean, components, columns }: Pick<PrincipalComponents, 'mean' | 'components' | 'columns'>,
): Float32Array {
  const rows = points.length / columns;
  const count = components.length / columns;
  const result = new Float32Array(points.length);
  const row = new Float64Array(columns);
  for (let r = 0, x = 0; r < rows; r++, x += columns) {
    row.set(mean);
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += (points[x + c] - mean[c]) * components[k * columns + c];
      for (let c = 0; c < columns; c++) row[c] += sum * components[k * columns + c];
    }
    result.set(row, x);
  }
  return result;
}
