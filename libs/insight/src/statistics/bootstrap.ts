/** Intervals by resampling whole units (levels, policies): what varies between units is what they measure. */
import { InputError } from '@saccade/core';
import type { RandomStream } from '@saccade/core';

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The q-quantile (0-1) of values in ascending order, linear between neighbours. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The q-quantile (0-1) of values in any order. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) throw new InputError('quantile: expected at least one value, got none');
  return quantileOfSorted(Float64Array.from(values).sort(), q);
}

/**
 * The percentile bootstrap of any statistic of `units` (Efron 1979): units drawn with replacement, 95% unless told
 * otherwise. Resamples whose statistic is not finite (a constant predictor) are left out.
 * @param statistic of the indices of the units drawn
 */
export function bootstrap(
  units: number,
  statistic: (drawn: Int32Array) => number,
  stream: RandomStream,
  { resamples = 1000, level }: { readonly resamples?: number; readonly level?: number } = {},
): Interval {
  if (units < 1) throw new InputError(`bootstrap: expected at least one unit, got ${units}`);
  const drawn = Int32Array.from({ length: units }, (_, i) => i);
  const estimate = statistic(drawn);
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    for (let unit = 0; unit < units; unit++) drawn[unit] = stream.integer(units);
    const value = statistic(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  return percentiles(estimate, values, level);
}

function percentiles(estimate: number, values: readonly number[], level = 0.95): Interval {
  if (values.length === 0) return { estimate, low: Number.NaN, high: Number.NaN };
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  return { estimate, low: quantileOfSorted(sorted, tail), high: quantileOfSorted(sorted, 1 - tail) };
}

/** Values that differ at most: above, resampling by counts costs more than drawing unit by unit. */
const fewDistinct = 16;

/**
 * How many of `trials` succeed: the gaps between successes are geometric, so that rare ones cost little (Devroye 1986,
 * X.4.3). Exact.
 */
function binomial(trials: number, chance: number, stream: RandomStream): number {
  if (chance <= 0) return 0;
  if (chance >= 1) return trials;
  if (chance > 0.5) return trials - binomial(trials, 1 - chance, stream);
  const scale = Math.log1p(-chance);
  let successes = 0;
  for (let at = 0; ; successes++) {
    at += Math.floor(Math.log1p(-stream.next()) / scale) + 1;
    if (at > trials) return successes;
  }
}

/**
 * The mean of `values`, one a unit, with its bootstrap interval. Values that repeat (differences of outcomes are -1, 0
 * or 1, mostly 0) are drawn by their counts, which is the same experiment at a fraction of the cost.
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  stream: RandomStream,
  options: { readonly resamples?: number; readonly level?: number } = {},
): Interval {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i], (counts.get(values[i]) ?? 0) + 1);
  if (counts.size === 1) return { estimate: values[0], low: values[0], high: values[0] };
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const estimate = sum / values.length;
  if (counts.size > fewDistinct) return bootstrap(values.length, (drawn) => meanOf(values, drawn), stream, options);
  // The commonest value last: it takes what the others leave.
  const kinds = [...counts].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  const resampled = (): number => {
    let left = values.length;
    let rest = values.length;
    let total = 0;
    for (const [i, [value, count]] of kinds.entries()) {
      const drawn = i === kinds.length - 1 ? left : binomial(left, count / rest, stream);
      total += drawn * value;
      left -= drawn;
      rest -= count;
    }
    return total / values.length;
  };
  const { resamples = 1000, level } = options;
  return percentiles(estimate, Array.from({ length: resamples }, resampled), level);
}

function meanOf(values: ArrayLike<number>, drawn: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < drawn.length; i++) sum += values[drawn[i]];
  return sum / drawn.length;
}
