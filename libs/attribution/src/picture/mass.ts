/**
 * Thresholds by attribution mass, as the pictures of Integrated Gradients use them: not "the brightest 5% of pixels"
 * but "the pixels that hold 5% of the attribution".
 */
import { InputError } from '@saccade/core';

/** How magnitudes add up, from the largest: what a distribution plot draws. */
export interface MassDistribution {
  /** Descending. */
  readonly magnitudes: Float32Array;
  /** Share of all magnitude up to and including each, 0-1. */
  readonly cumulative: Float64Array;
}

/** @throws InputError when a value is not finite */
export function massDistribution(values: ArrayLike<number>): MassDistribution {
  const magnitudes = Float32Array.from(values, Math.abs).sort().reverse();
  const cumulative = new Float64Array(magnitudes.length);
  let sum = 0;
  for (let i = 0; i < magnitudes.length; i++) {
    if (!Number.isFinite(magnitudes[i])) {
      throw new InputError(`massDistribution: expected finite values, got ${magnitudes[i]}`);
    }
    cumulative[i] = sum += magnitudes[i];
  }
  if (sum > 0) for (let i = 0; i < cumulative.length; i++) cumulative[i] /= sum;
  return { magnitudes, cumulative };
}

/**
 * The magnitude at which the largest values together reach `percent` of the mass; the smallest one at 100.
 * @param percent 0-100
 */
export function massThreshold({ magnitudes, cumulative }: MassDistribution, percent: number): number {
  if (!(percent >= 0 && percent <= 100)) {
    throw new InputError(`massThreshold: expected a percentage from 0 to 100, got ${percent}`);
  }
  if (magnitudes.length === 0) return 0;
  if (percent === 100) return magnitudes[magnitudes.length - 1];
  const at = cumulative.findIndex((share) => 100 * share >= percent);
  return magnitudes[at === -1 ? magnitudes.length - 1 : at];
}
