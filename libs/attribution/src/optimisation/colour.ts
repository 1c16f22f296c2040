/** Colours as independent numbers: how red, green and blue go together in one's own frames, and out of it again. */
import { InputError } from '@saccade/core';
import { eigenSymmetric } from '../factorisation/symmetric.ts';

/** Rows are what one independent number adds to red, green and blue: [3, 3]. */
export type ColourMatrix = Float64Array;

/**
 * The square root of the covariance of colours (Olah et al. 2017, decorrelated colour), over its largest column norm.
 * @param frames RGB bytes, [..., 3]
 */
export function colourMatrix(frames: Uint8Array): ColourMatrix {
  const count = frames.length / 3;
  if (!Number.isInteger(count) || count === 0) {
    throw new InputError(`colourMatrix: expected RGB bytes, got ${frames.length} values`);
  }
  const mean = [0, 0, 0];
  for (let i = 0; i < frames.length; i++) mean[i % 3] += frames[i] / count;
  const covariance = new Float64Array(9);
  for (let p = 0; p < frames.length; p += 3) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        covariance[i * 3 + j] += ((frames[p + i] - mean[i]) * (frames[p + j] - mean[j])) / count;
      }
    }
  }
  const { values, vectors } = eigenSymmetric(covariance, 3);
  const matrix = new Float64Array(9);
  for (let k = 0; k < 3; k++) {
    for (let c = 0; c < 3; c++) matrix[k * 3 + c] = Math.sqrt(Math.max(values[k], 0)) * vectors[k * 3 + c];
  }
  let largest = 0;
  for (let c = 0; c < 3; c++) largest = Math.max(largest, Math.hypot(matrix[c], matrix[3 + c], matrix[6 + c]));
  if (largest === 0) throw new InputError('colourMatrix: expected frames of several colours, got a single one');
  return matrix.map((value) => value / largest);
}

/** Independent numbers -> red, green and blue, [..., 3]; linear. */
export function mixColours(values: Float32Array, matrix: ColourMatrix): Float32Array {
  return values.map((_, at) => {
    const [p, c] = [at - (at % 3), at % 3];
    return values[p] * matrix[c] + values[p + 1] * matrix[3 + c] + values[p + 2] * matrix[6 + c];
  });
}

/** The transpose of `mixColours`. */
export function mixColoursBack(gradient: Float32Array, matrix: ColourMatrix): Float32Array {
  return gradient.map((_, at) => {
    const [p, k] = [at - (at % 3), at % 3];
    return gradient[p] * matrix[k * 3] + gradient[p + 1] * matrix[k * 3 + 1] + gradient[p + 2] * matrix[k * 3 + 2];
  });
}
