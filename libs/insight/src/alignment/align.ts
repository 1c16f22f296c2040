/** A policy's alignment with its controls: fitted on some levels, scored on others, beside what chance would score. */
import type { Cancellation } from '@saccade/core';
import type { Compile, Policy } from '@saccade/nn';
import type { Dictionary } from '../dictionary.ts';
import { factorActivity } from '../dictionary/examples.ts';
import type { FactorActivity } from '../dictionary/examples.ts';
import { fitDictionary } from '../dictionary/fit.ts';
import type { FrameSet } from '../frames/collect.ts';
import { InputError } from '@saccade/core';
import { openLayer } from '../layer/openLayer.ts';
import { inSteps, pause } from '../pause.ts';
import { controlRows, pixelFactorActivity, untrainedLike } from './controls.ts';
import { classPresence } from './cover.ts';
import { nameFactors, strongestShow } from './names.ts';
import { alignmentNullSteps, alignmentScores } from './score.ts';
import type { AlignmentNull, AlignmentScores } from './score.ts';

export interface AlignmentRequest {
  readonly layer: string;
  readonly factors: number;
  /** Frames that dictionaries are fitted on and frames that they are scored on: of disjoint levels, with masks. */
  readonly fitted: FrameSet;
  readonly scored: FrameSet;
  /** A dictionary of the layer to score, instead of one fitted here. */
  readonly dictionary?: Dictionary;
  /** Untrained networks beside it: 3 by default. */
  readonly untrained?: number;
  /** 100 by default. */
  readonly permutations?: number;
  readonly maximumRows?: number;
  readonly seed?: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

export interface Alignment {
  readonly scores: AlignmentScores;
  readonly null: AlignmentNull;
  /** Best AUROC of each class less the 95th percentile of the null's maximum, [classes]; NaN where unknown. */
  readonly excess: readonly number[];
  /** Score less the null's 95th percentile. */
  readonly scoreExcess: number;
  readonly pixels: AlignmentScores;
  readonly untrained: readonly AlignmentScores[];
  readonly dictionary: Dictionary;
  /** What to call the factors: see `nameFactors`. */
  readonly names: readonly string[];
}

function presenceOf(set: FrameSet, { height, width }: Pick<FactorActivity, 'height' | 'width'>): Uint8Array {
  if (!set.masks) throw new InputError('alignment: expected frames with masks, got frames of an environment without');
  return classPresence(set.masks.classes, set.shape, height, width);
}

/** Fits a dictionary of `policy` and says how active its factors are in the scored frames. */
async function activityOf(
  policy: Policy,
  compile: Compile,
  request: AlignmentRequest,
  known?: Dictionary,
): Promise<{ dictionary: Dictionary; activity: FactorActivity }> {
  const { layer, factors, fitted, scored, maximumRows = 50_000, seed, cancellation } = request;
  const open = await openLayer(policy, layer, compile);
  try {
    const dictionary =
      known ?? (await fitDictionary(open, fitted.observations, { factors, maximumRows, seed, cancellation }));
    return { dictionary, activity: await factorActivity(open, scored.observations, dictionary, { cancellation }) };
  } finally {
    open.dispose();
  }
}

/** The trained policy's scores alone, without nulls: for many policies on one bank. */
export async function quickAlignment(
  policy: Policy,
  compile: Compile,
  request: AlignmentRequest,
): Promise<AlignmentScores> {
  const { activity } = await activityOf(policy, compile, request, request.dictionary);
  return alignmentScores(activity, presenceOf(request.scored, activity));
}

export async function alignPolicy(policy: Policy, compile: Compile, request: AlignmentRequest): Promise<Alignment> {
  const { scored, fitted, permutations, seed = 0, cancellation, progress } = request;
  const levels = new Set(fitted.levelSeeds);
  const shared = scored.levelSeeds.find((level) => levels.has(level));
  if (shared !== undefined) {
    throw new InputError(
      `alignment: expected frames of disjoint levels to fit and to score, got level ${shared} in both`,
    );
  }
  const count = request.untrained ?? 3;
  const { dictionary, activity } = await activityOf(policy, compile, request, request.dictionary);
  const presence = presenceOf(scored, activity);
  const scores = alignmentScores(activity, presence);
  progress?.(0.2);
  const nothing = await inSteps(alignmentNullSteps(activity, presence, scored.levelSeeds, { permutations, seed }), {
    progress: (done) => progress?.(0.2 + 0.4 * done),
    cancellation,
    what: 'alignment null',
  });
  const untrained: AlignmentScores[] = [];
  for (let i = 0; i < count; i++) {
    const fresh = await activityOf(untrainedLike(policy, seed + i), compile, { maximumRows: controlRows, ...request });
    untrained.push(alignmentScores(fresh.activity, presence));
    await pause(0.6 + (0.3 * (i + 1)) / count, progress, cancellation, 'alignment');
  }
  const pixels = alignmentScores(
    await pixelFactorActivity(fitted, scored, activity, {
      seed,
      cancellation,
      // What the caller answers with is awaited.
      progress: (done) => progress?.(0.9 + 0.1 * done),
    }),
    presence,
  );
  return {
    scores,
    null: nothing,
    excess: scores.best.map(({ auroc }) => auroc - nothing.limit),
    scoreExcess: scores.score - nothing.scoreLimit,
    pixels,
    untrained,
    dictionary,
    names: nameFactors(scores, nothing.limit, strongestShow(activity, presence, scores.classes.length)),
  };
}
