/** How alike two maps look. */
import { expectLength } from '@saccade/core';
import { gaussianBlur } from '../picture/blur.ts';
import type { Size } from '../picture/resize.ts';

/** Of the window, positions; and the constants that keep flat windows finite (Wang et al. 2004). */
const windowSigma = 1.5;
const [k1, k2] = [0.01, 0.03];

/**
 * Mean structural similarity under a Gaussian window. Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861.
 * @param range largest less smallest value that the maps can have
 * @returns 1 for equal maps, around 0 for unrelated ones
 */
export function structuralSimilarity(a: Float32Array, b: Float32Array, { height, width }: Size, range: number): number {
  expectLength('structuralSimilarity', 'maps', [height, width], a.length);
  expectLength('structuralSimilarity', 'maps', [height, width], b.length);
  const blur = (values: Float32Array): Float32Array => gaussianBlur(values, [height, width], windowSigma);
  const [meanA, meanB] = [blur(a), blur(b)];
  const [aa, bb, ab] = [blur(a.map((x) => x * x)), blur(b.map((x) => x * x)), blur(a.map((x, i) => x * b[i]))];
  const [c1, c2] = [(k1 * range) ** 2, (k2 * range) ** 2];
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const varianceA = aa[i] - meanA[i] ** 2;
    const varianceB = bb[i] - meanB[i] ** 2;
    const covariance = ab[i] - meanA[i] * meanB[i];
    const luminance = (2 * meanA[i] * meanB[i] + c1) / (meanA[i] ** 2 + meanB[i] ** 2 + c1);
    sum += (luminance * (2 * covariance + c2)) / (varianceA + varianceB + c2);
  }
  return sum / a.length;
}
