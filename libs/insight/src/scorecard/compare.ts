/**
 * From one number a frame to what can be said of a method: intervals over levels, the difference from the best map
 * that knows nothing of the model, and whether several policies rank the methods alike.
 */
import { createStream, InputError } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { bootstrapMean, quantileOfSorted } from '../statistics/bootstrap.ts';
import type { Interval } from '../statistics/bootstrap.ts';
import { holm } from '../statistics/tests.ts';

export interface PairedDifference extends Interval {
  /**
   * Two-sided, of a mean difference of 0: how often resampled means fall on the other side, at least 2 / (resamples + 1).
   * Never below 2^(1 - units), the least that a sign test can say: resamples of a handful of units are always sure.
   */
  readonly p: number;
}

/** Mean of paired differences, one a unit: percentile bootstrap over units (Efron 1979), 95%. */
export function pairedDifference(
  differences: ArrayLike<number>,
  stream: RandomStream,
  resamples = 2000,
): PairedDifference {
  const units = differences.length;
  if (units < 1) throw new InputError('pairedDifference: expected at least one difference, got none');
  const mean = (pick: (unit: number) => number): number => {
    let sum = 0;
    for (let unit = 0; unit < units; unit++) sum += differences[pick(unit)];
    return sum / units;
  };
  const means = Float64Array.from({ length: resamples }, () => mean(() => stream.integer(units))).sort();
  let [below, above] = [1, 1];
  for (const value of means) {
    if (value <= 0) below++;
    if (value >= 0) above++;
  }
  return {
    estimate: mean((unit) => unit),
    low: quantileOfSorted(means, 0.025),
    high: quantileOfSorted(means, 0.975),
    p: Math.min(1, Math.max(2 ** (1 - units), (2 * Math.min(below, above)) / (resamples + 1))),
  };
}

export interface ScoredEntry {
  readonly mean: Interval;
  /** Frames on which the metric is defined for this map. */
  readonly frames: number;
  /** Over the best control on the frames that both have, positive where the method is better; none for controls. */
  readonly advantage?: PairedDifference;
  /** The advantage's p, by Holm over the methods of the metric. */
  readonly adjusted?: number;
}

export interface MetricComparison {
  /** The control with the best mean; none where the metric is not defined for controls. */
  readonly bestControl?: string;
  /** By name of method or control; those on which the metric is defined nowhere are left out. */
  readonly entries: Readonly<Record<string, ScoredEntry>>;
  /** Methods, best first. */
  readonly ranking: readonly string[];
}

const finite = (values: Float64Array): Float64Array => values.filter((value) => Number.isFinite(value));

/**
 * @param values of one metric, one a frame, by name of method or control; NaN where it is not defined
 * @param better which way is good
 */
export function compareWithControls(
  values: Readonly<Record<string, Float64Array>>,
  { methods, controls }: { readonly methods: readonly string[]; readonly controls: readonly string[] },
  better: 'higher' | 'lower',
  seed: number | string,
): MetricComparison {
  const sign = better === 'higher' ? 1 : -1;
  const defined = (names: readonly string[]): string[] => names.filter((name) => finite(values[name]).length > 0);
  const means = Object.fromEntries(
    defined([...methods, ...controls]).map((name) => {
      const own = finite(values[name]);
      return [name, { mean: bootstrapMean(own, createStream(seed, `mean/${name}`)), frames: own.length }];
    }),
  );
  const byMean = (names: readonly string[]): string[] =>
    defined(names).sort((a, b) => sign * (means[b].mean.estimate - means[a].mean.estimate));
  const bestControl = byMean(controls).at(0);
  const advantages: Record<string, PairedDifference> = {};
  if (bestControl !== undefined) {
    for (const name of defined(methods)) {
      const differences = finite(values[name].map((value, i) => sign * (value - values[bestControl][i])));
      if (differences.length > 0) {
        advantages[name] = pairedDifference(differences, createStream(seed, `advantage/${name}`));
      }
    }
  }
  const compared = Object.keys(advantages);
  const adjusted = holm(compared.map((name) => advantages[name].p));
  return {
    bestControl,
    ranking: byMean(methods),
    entries: Object.fromEntries(
      Object.entries(means).map(([name, entry]) => {
        const at = compared.indexOf(name);
        return [name, at === -1 ? entry : { ...entry, advantage: advantages[name], adjusted: adjusted[at] }];
      }),
    ),
  };
}

/**
 * Kendall's tau-b: (concordant - discordant) / sqrt((pairs - ties in a) (pairs - ties in b)), -1 to 1 (Kendall 1945).
 * Pairs with a value that is not finite are left out; NaN where one side does not vary.
 */
export function kendallTau(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new InputError(`kendallTau: expected ${a.length} values, got ${b.length}`);
  let balance = 0;
  let [variedA, variedB] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [da, db] = [Math.sign(a[i] - a[j]), Math.sign(b[i] - b[j])];
      if (Number.isNaN(da) || Number.isNaN(db)) continue;
      balance += da * db;
      variedA += da * da;
      variedB += db * db;
    }
  }
  return variedA === 0 || variedB === 0 ? Number.NaN : balance / Math.sqrt(variedA * variedB);
}
