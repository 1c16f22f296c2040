/** Linear probes of a layer beside what a probe finds without it: chance, pixels, position, an untrained network. */
import { createStream } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { pause } from '../pause.ts';
import type { ReportProgress } from '../pause.ts';
import { levelPermutations } from '../statistics/permute.ts';
import { auroc } from '../statistics/ranks.ts';
import { quantile } from '../statistics/bootstrap.ts';
import { ridgeProbe } from './ridge.ts';
import type { ProbeTarget } from './targets.ts';

export interface Representation {
  readonly name: string;
  readonly features: number;
  /** [frames, features]. */
  readonly train: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

export interface ProbeScore {
  readonly target: string;
  readonly representation: string;
  /** AUROC of facts, R^2 of numbers, on the test frames; NaN where the test frames do not vary. */
  readonly score: number;
  /** 95th percentile of the same with training labels permuted between levels. */
  readonly chance: number;
}

export function scorePrediction(
  kind: ProbeTarget['kind'],
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
): number {
  if (kind === 'fact') return auroc(predicted, actual);
  let mean = 0;
  for (let i = 0; i < actual.length; i++) mean += actual[i] / actual.length;
  let error = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    error += (actual[i] - predicted[i]) ** 2;
    total += (actual[i] - mean) ** 2;
  }
  return total === 0 ? Number.NaN : 1 - error / total;
}

/**
 * @param train, test the same targets over training and test frames, which share no level
 * @param levels of the training frames
 */
export async function runProbes(
  representations: readonly Representation[],
  train: readonly ProbeTarget[],
  test: readonly ProbeTarget[],
  levels: ArrayLike<number>,
  {
    permutations = 20,
    seed = 0,
    penalty = 0.1,
    cancellation,
    progress,
  }: {
    readonly permutations?: number;
    readonly seed?: number;
    readonly penalty?: number;
    readonly cancellation?: Cancellation;
    readonly progress?: ReportProgress;
  } = {},
): Promise<ProbeScore[]> {
  const scores: ProbeScore[] = [];
  for (const [done, representation] of representations.entries()) {
    let asked = 0;
    const probe = ridgeProbe(representation.train, representation.test, representation.features, penalty);
    for (const target of train) {
      const actual = test.find(({ name }) => name === target.name)?.values;
      if (!actual) continue;
      const permutation = levelPermutations(levels, createStream(seed, `permutations/${target.name}`));
      const chances = Array.from({ length: permutations }, () => {
        const order = permutation();
        return scorePrediction(target.kind, probe.predict(Float64Array.from(order, (i) => target.values[i])), actual);
      });
      scores.push({
        target: target.name,
        representation: representation.name,
        score: scorePrediction(target.kind, probe.predict(target.values), actual),
        chance: chances.every(Number.isFinite) && chances.length > 0 ? quantile(chances, 0.95) : Number.NaN,
      });
      asked++;
      await pause((done + asked / train.length) / representations.length, progress, cancellation, 'probes');
    }
    await pause((done + 1) / representations.length, progress, cancellation, 'probes');
  }
  return scores;
}
