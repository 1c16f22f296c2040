/** Ridge regression in its dual form: as many unknowns as frames, however wide the layer. */
import { expectLength, InputError } from '@saccade/core';

/** In place: the lower triangle L of A = L L^T. @throws InputError when A is not positive definite */
export function cholesky(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i === j) {
        if (!(sum > 0)) throw new InputError(`ridge: expected a positive penalty, got a singular system at row ${i}`);
        matrix[i * n + i] = Math.sqrt(sum);
      } else matrix[i * n + j] = sum / matrix[j * n + j];
    }
  }
}

/** Solves L L^T x = b. */
export function solveCholesky(lower: Float64Array, n: number, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * n + k] * x[k];
    x[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= lower[k * n + i] * x[k];
    x[i] /= lower[i * n + i];
  }
  return x;
}

export interface RidgeProbe {
  /** Predictions for the test frames of one target of the training frames. */
  predict(target: ArrayLike<number>): Float64Array;
}

/**
 * Prepares probes of one representation: features centred on the training frames, one penalty for all targets, in
 * units of the mean squared length of a frame's features.
 * @param train [frames, features]
 * @param test [frames, features]
 */
export function ridgeProbe(
  train: ArrayLike<number>,
  test: ArrayLike<number>,
  features: number,
  penalty = 0.1,
): RidgeProbe {
  const n = train.length / features;
  const m = test.length / features;
  expectLength('ridgeProbe', 'train', [Math.floor(n), features], train.length);
  expectLength('ridgeProbe', 'test', [Math.floor(m), features], test.length);
  if (n < 2) throw new InputError(`ridgeProbe: expected two training frames or more, got ${n}`);
  const mean = new Float64Array(features);
  for (let at = 0; at < train.length; at++) mean[at % features] += train[at] / n;
  const centre = (values: ArrayLike<number>): Float32Array =>
    Float32Array.from(values, (value, at) => value - mean[at % features]);
  const x = centre(train);
  const z = centre(test);
  const gram = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      gram[i * n + j] = gram[j * n + i] = product(x, i * features, x, j * features, features);
    trace += gram[i * n + i];
  }
  const ridge = Math.max((penalty * trace) / n, 1e-12);
  for (let i = 0; i < n; i++) gram[i * n + i] += ridge;
  cholesky(gram, n);
  const cross = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) cross[i * n + j] = product(z, i * features, x, j * features, features);
  return {
    predict(target) {
      expectLength('ridgeProbe', 'target', [n], target.length);
      let offset = 0;
      for (let i = 0; i < n; i++) offset += target[i] / n;
      const dual = solveCholesky(
        gram,
        n,
        Float64Array.from(target, (value) => value - offset),
      );
      return Float64Array.from({ length: m }, (_, i) => {
        let sum = offset;
        for (let j = 0; j < n; j++) sum += cross[i * n + j] * dual[j];
        return sum;
      });
    },
  };
}

function product(a: Float32Array, i: number, b: Float32Array, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i + k] * b[j + k];
  return sum;
}
