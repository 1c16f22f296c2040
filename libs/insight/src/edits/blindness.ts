/**
 * What an edit did to a player, level by level: every arm plays the same levels with the same action noise, so that
 * each level is its own control. Effects are differences of failure rates by cause, in points of a hundred levels.
 */
import { createStream, InputError } from '@saccade/core';
import type { EpisodeResult } from '@saccade/agent';
import { bootstrapMean } from '../statistics/bootstrap.ts';
import type { Interval } from '../statistics/bootstrap.ts';
import { holm, mcnemarExact } from '../statistics/tests.ts';

/** The level set, in order, and what the arm's episodes ended with. */
export type ArmResults = readonly Pick<EpisodeResult, 'levelSeed' | 'solved' | 'cause'>[];

export interface PairedEffect {
  readonly cause: string;
  /** Levels failed by this cause, of a hundred. */
  readonly originalRate: number;
  readonly editedRate: number;
  /** Edited less original, points of a hundred, with the level bootstrap's 95% interval. */
  readonly difference: Interval;
  /** Levels that failed so in one arm alone. */
  readonly onlyOriginal: number;
  readonly onlyEdited: number;
  /** McNemar's exact test. */
  readonly p: number;
}

/** Failed by `cause` (1) or not (0), level by level. */
function failures(results: ArmResults, cause: string): Uint8Array {
  return Uint8Array.from(results, (result) => (!result.solved && result.cause === cause ? 1 : 0));
}

/** @throws InputError unless both arms played the same levels in the same order */
export function pairedEffects(
  original: ArmResults,
  edited: ArmResults,
  causes: readonly string[],
  { seed = 0, resamples = 1000 }: { readonly seed?: number; readonly resamples?: number } = {},
): PairedEffect[] {
  if (original.length === 0 || original.length !== edited.length) {
    throw new InputError(
      `pairedEffects: expected the same levels in both arms, got ${original.length} and ${edited.length}`,
    );
  }
  const different = original.findIndex(({ levelSeed }, i) => levelSeed !== edited[i].levelSeed);
  if (different >= 0)
    throw new InputError(`pairedEffects: expected the same levels in both arms, got others at ${different}`);
  const levels = original.length;
  return causes.map((cause) => {
    const before = failures(original, cause);
    const after = failures(edited, cause);
    const differences = Int8Array.from(after, (value, i) => value - before[i]);
    const onlyEdited = differences.filter((value) => value > 0).length;
    const onlyOriginal = differences.filter((value) => value < 0).length;
    const { estimate, low, high } = bootstrapMean(differences, createStream(seed, `levels/${cause}`), { resamples });
    const rate = (of: Uint8Array): number => (100 * of.reduce((sum, value) => sum + value, 0)) / levels;
    return {
      cause,
      originalRate: rate(before),
      editedRate: rate(after),
      difference: { estimate: 100 * estimate, low: 100 * low, high: 100 * high },
      onlyOriginal,
      onlyEdited,
      p: mcnemarExact(onlyOriginal, onlyEdited),
    };
  });
}

/** `factor` under test, the `other` factors, its largest `channel` alone, `random` directions, the hazard `invisible`. */
export type ArmKind = 'factor' | 'other' | 'channel' | 'random' | 'invisible';

export interface ComparedArm {
  readonly name: string;
  readonly kind: ArmKind;
  readonly effects: readonly PairedEffect[];
}

export interface BlindnessVerdict {
  readonly selective: boolean;
  /** Each condition in words, with whether it holds. */
  readonly reasons: readonly { readonly holds: boolean; readonly text: string }[];
  /** McNemar's p over the factor arms x hazards, after Holm. */
  readonly adjusted: readonly { readonly arm: string; readonly cause: string; readonly p: number }[];
}

/** Points of a hundred within which the other causes must stay for an edit to be selective. */
const tolerance = 0.5;
const significance = 0.05;

/**
 * Selective: the effect on the target hazard is real (Holm), larger than that of every random control, and the
 * intervals of all other causes lie within +-0.5 points.
 * @param hazards over which, times the factors, Holm corrects
 */
export function judgeBlindness(
  arms: readonly ComparedArm[],
  target: string,
  hazards: readonly string[],
): BlindnessVerdict {
  const tested = arms.find(({ kind }) => kind === 'factor');
  const effect = tested?.effects.find(({ cause }) => cause === target);
  if (!tested || !effect) throw new InputError(`judgeBlindness: expected a factor's effect on ${target}, got none`);
  const family = arms
    .filter(({ kind }) => kind === 'factor' || kind === 'other')
    .flatMap(({ name, effects }) =>
      effects.filter(({ cause }) => hazards.includes(cause)).map(({ cause, p }) => ({ arm: name, cause, p })),
    );
  const corrected = holm(family.map(({ p }) => p));
  const adjusted = family.map((one, i) => ({ ...one, p: corrected[i] }));
  const own = adjusted.find(({ arm, cause }) => arm === tested.name && cause === target)?.p ?? Number.NaN;
  const random = arms.filter(({ kind }) => kind === 'random');
  const strongest = random.reduce(
    (most, arm) => Math.max(most, arm.effects.find(({ cause }) => cause === target)?.difference.estimate ?? 0),
    -Infinity,
  );
  const spread = tested.effects.filter(
    ({ cause, difference }) => cause !== target && !(difference.low >= -tolerance && difference.high <= tolerance),
  );
  const points = (value: number): string => value.toFixed(2).replace('-', '−');
  const reasons = [
    {
      holds: effect.difference.estimate > 0 && own < significance,
      text: `failures by ${target} change by ${points(effect.difference.estimate)} points (95%: ${points(effect.difference.low)} to ${points(effect.difference.high)}), Holm-adjusted p = ${own.toPrecision(2)}`,
    },
    {
      holds: random.length > 0 && effect.difference.estimate > strongest,
      text:
        random.length === 0
          ? 'no random direction was played beside it'
          : `the strongest of ${random.length} random directions of equal variance changes them by ${points(strongest)}`,
    },
    {
      holds: spread.length === 0,
      text:
        spread.length === 0
          ? `every other cause stays within ${tolerance} points`
          : `not within ${tolerance} points: ${spread.map(({ cause, difference }) => `${cause} (${points(difference.low)} to ${points(difference.high)})`).join(', ')}`,
    },
  ];
  return { selective: reasons.every(({ holds }) => holds), reasons, adjusted };
}
