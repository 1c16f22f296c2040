/**
 * How well each factor detects each of the simulator's classes. Positions are compared with themselves in other
 * frames, so that knowing where things usually are earns nothing. This measures alignment with the simulator's
 * classes; whether a person can interpret a factor is another question.
 */
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { FactorActivity } from '../dictionary/examples.ts';
import { quantile } from '../statistics/bootstrap.ts';
import { levelPermutations } from '../statistics/permute.ts';
import { midranks } from '../statistics/ranks.ts';
import { alignedClasses } from './cover.ts';

export interface AlignmentScores {
  readonly classes: readonly string[];
  readonly factors: number;
  /** AUROC stratified by position, [factors, classes]; NaN for classes that never vary. */
  readonly auroc: Float64Array;
  /** Best factor and its AUROC for each class, [classes]; -1 and NaN for classes that never vary. */
  readonly best: readonly { readonly factor: number; readonly auroc: number }[];
  /** Mean of the best over classes that vary. */
  readonly score: number;
}

/** Ranks of every factor's activity at every position over frames, computed once for all classes and permutations. */
interface Ranked {
  readonly frames: number;
  readonly positions: number;
  readonly factors: number;
  /** [positions, frames, factors]. */
  readonly ranks: Float32Array;
}

function rankActivity({ activity, frames, height, width, factors }: FactorActivity): Ranked {
  const positions = height * width;
  const ranks = new Float32Array(positions * frames * factors);
  const values = new Float32Array(frames);
  for (let position = 0; position < positions; position++) {
    for (let factor = 0; factor < factors; factor++) {
      for (let frame = 0; frame < frames; frame++)
        values[frame] = activity[(frame * positions + position) * factors + factor];
      const here = midranks(values);
      for (let frame = 0; frame < frames; frame++) ranks[(position * frames + frame) * factors + factor] = here[frame];
    }
  }
  return { frames, positions, factors, ranks };
}

/** @param order the frame whose masks stand for each frame's; the identity scores, others give the null */
function score(
  { ranks, frames, positions, factors }: Ranked,
  presence: Uint8Array,
  order: Int32Array,
): AlignmentScores {
  const classes = alignedClasses.length;
  const auroc = new Float64Array(factors * classes).fill(Number.NaN);
  const sums = new Float64Array(factors);
  const wins = new Float64Array(factors);
  for (let k = 0; k < classes; k++) {
    let pairs = 0;
    wins.fill(0);
    for (let position = 0; position < positions; position++) {
      sums.fill(0);
      let positives = 0;
      for (let frame = 0; frame < frames; frame++) {
        if (presence[(k * frames + order[frame]) * positions + position] === 0) continue;
        positives++;
        for (let f = 0, at = (position * frames + frame) * factors; f < factors; f++) sums[f] += ranks[at + f];
      }
      if (positives === 0 || positives === frames) continue;
      pairs += positives * (frames - positives);
      for (let f = 0; f < factors; f++) wins[f] += sums[f] - (positives * (positives + 1)) / 2;
    }
    if (pairs > 0) for (let f = 0; f < factors; f++) auroc[f * classes + k] = wins[f] / pairs;
  }
  const best = alignedClasses.map((_, k) => {
    let factor = -1;
    for (let f = 0; f < factors; f++) {
      const value = auroc[f * classes + k];
      if (!Number.isNaN(value) && (factor < 0 || value > auroc[factor * classes + k])) factor = f;
    }
    return { factor, auroc: factor < 0 ? Number.NaN : auroc[factor * classes + k] };
  });
  const known = best.filter(({ factor }) => factor >= 0);
  return {
    classes: alignedClasses,
    factors,
    auroc,
    best,
    score: known.reduce((sum, { auroc: value }) => sum + value, 0) / known.length,
  };
}

/** @param presence from `classPresence`, of the same frames on the same grid */
export function alignmentScores(found: FactorActivity, presence: Uint8Array): AlignmentScores {
  const { frames, height, width } = found;
  if (presence.length !== alignedClasses.length * frames * height * width) {
    throw new InputError(
      `alignmentScores: expected the presence of ${alignedClasses.length} classes in ${frames} frames of ${height}x${width}, got ${presence.length} values`,
    );
  }
  const order = Int32Array.from({ length: frames }, (_, i) => i);
  return score(rankActivity(found), presence, order);
}

export interface AlignmentNull {
  /** The largest AUROC over factors and classes, one a permutation. */
  readonly maxima: readonly number[];
  /** Their 95th percentile. */
  readonly limit: number;
  /** The score (mean of the best over classes), one a permutation, and its 95th percentile. */
  readonly scores: readonly number[];
  readonly scoreLimit: number;
}

/**
 * Masks moved between levels: every frame keeps its activity and takes the masks of a frame of another level, whole
 * levels at a time (frames of one level resemble each other).
 * @param levels the level of each frame
 */
export function alignmentNull(
  found: FactorActivity,
  presence: Uint8Array,
  levels: ArrayLike<number>,
  {
    cancellation,
    progress,
    ...options
  }: {
    readonly permutations?: number;
    readonly seed?: number;
    readonly cancellation?: Cancellation;
    readonly progress?: (done: number) => void;
  } = {},
): AlignmentNull {
  const steps = alignmentNullSteps(found, presence, levels, options);
  for (;;) {
    throwIfAborted(cancellation, 'alignment null');
    const { done, value } = steps.next();
    if (done) return value;
    progress?.(value);
  }
}

/** `alignmentNull`, a permutation at a time; yields the share done. */
export function* alignmentNullSteps(
  found: FactorActivity,
  presence: Uint8Array,
  levels: ArrayLike<number>,
  { permutations = 100, seed = 0 }: { readonly permutations?: number; readonly seed?: number } = {},
): Generator<number, AlignmentNull> {
  const ranked = rankActivity(found);
  const stream = createStream(seed, 'alignment null');
  const permutation = levelPermutations(levels, stream);
  const maxima: number[] = [];
  const scores: number[] = [];
  for (let i = 0; i < permutations; i++) {
    const { auroc, score: mean } = score(ranked, presence, permutation());
    maxima.push(auroc.reduce((most, value) => (value > most ? value : most), 0));
    scores.push(mean);
    yield (i + 1) / permutations;
  }
  return { maxima, limit: quantile(maxima, 0.95), scores, scoreLimit: quantile(scores, 0.95) };
}
