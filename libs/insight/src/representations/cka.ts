/** How alike two layers represent the same frames, whatever their coordinates. */
import { expectLength, InputError } from '@saccade/core';

/** X X^T of X [frames, features], its diagonal 0: [frames, frames]. */
function hollowGram(activations: ArrayLike<number>, frames: number): Float64Array {
  const features = activations.length / frames;
  const gram = new Float64Array(frames * frames);
  for (let i = 0; i < frames; i++) {
    for (let j = i + 1; j < frames; j++) {
      let sum = 0;
      for (let c = 0, a = i * features, b = j * features; c < features; c++)
        sum += activations[a + c] * activations[b + c];
      gram[i * frames + j] = gram[j * frames + i] = sum;
    }
  }
  return gram;
}

/** The unbiased HSIC estimate of two hollow Gram matrices (Song et al. 2012, equation 5). */
function unbiasedHsic(k: Float64Array, l: Float64Array, n: number): number {
  const rowsOfK = new Float64Array(n);
  const rowsOfL = new Float64Array(n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0, at = i * n; j < n; j++, at++) {
      trace += k[at] * l[at];
      rowsOfK[i] += k[at];
      rowsOfL[i] += l[at];
    }
  }
  let sumK = 0;
  let sumL = 0;
  let product = 0;
  for (let i = 0; i < n; i++) {
    sumK += rowsOfK[i];
    sumL += rowsOfL[i];
    product += rowsOfK[i] * rowsOfL[i];
  }
  return (trace + (sumK * sumL) / ((n - 1) * (n - 2)) - (2 * product) / (n - 2)) / (n * (n - 3));
}

/**
 * Linear CKA with the unbiased HSIC estimate (Kornblith et al. 2019; Nguyen et al. 2021): 1 for the same representation
 * up to rotation and scale, about 0 for unrelated ones, however many features there are. It can come out below 0.
 * @param first, second [frames, features] each, of the same frames in the same order
 * @returns NaN where one of them does not vary
 */
export function debiasedCka(first: ArrayLike<number>, second: ArrayLike<number>, frames: number): number {
  if (!Number.isInteger(frames) || frames < 4)
    throw new InputError(`debiasedCka: expected at least 4 frames, got ${frames}`);
  for (const [name, values] of [
    ['first', first],
    ['second', second],
  ] as const) {
    expectLength('debiasedCka', name, [frames, Math.floor(values.length / frames)], values.length);
  }
  const k = hollowGram(centre(first, frames), frames);
  const l = hollowGram(centre(second, frames), frames);
  const norm = unbiasedHsic(k, k, frames) * unbiasedHsic(l, l, frames);
  return norm > 0 ? unbiasedHsic(k, l, frames) / Math.sqrt(norm) : Number.NaN;
}

/** The estimate does not depend on the mean; taking it away keeps large offsets from costing digits. */
function centre(activations: ArrayLike<number>, frames: number): Float64Array {
  const features = activations.length / frames;
  const mean = new Float64Array(features);
  for (let at = 0; at < activations.length; at++) mean[at % features] += activations[at] / frames;
  return Float64Array.from(activations, (value, at) => value - mean[at % features]);
}
