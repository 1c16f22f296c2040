/** Which levels an evaluation plays. */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { EnvironmentSpec } from '@saccade/agent';
import { HELD_OUT_COUNT, HELD_OUT_START, heldOutSeeds, resolveCoinRunConfig } from '@saccade/envs';

/** A policy's training levels: a count of seeds from 0 on, or every seed below 2^31. */
export type TrainingLevels = number | 'all';

/**
 * The first `episodes` held-out seeds: 2^31 on, each layout once, none of a layout that the policy's finite training
 * levels hold.
 * @throws InputError when there are not so many
 */
export function heldOutLevels(
  environment: EnvironmentSpec,
  training: TrainingLevels,
  episodes: number,
  cancellation?: Cancellation,
): number[] {
  const every =
    environment.name === 'coinrun'
      ? heldOutSeeds(
          resolveCoinRunConfig(environment.config),
          training === 'all' ? { kind: 'all' } : { kind: 'count', count: training },
          HELD_OUT_COUNT,
          cancellation,
        )
      : Array.from({ length: HELD_OUT_COUNT }, (_, i) => HELD_OUT_START + i);
  if (episodes > every.length) {
    throw new InputError(`--episodes: expected at most ${every.length} held-out layouts, got ${episodes}`);
  }
  return every.slice(0, episodes);
}

/** The first `episodes` training seeds. */
export function trainingLevels(training: TrainingLevels, episodes: number): number[] {
  const count = training === 'all' ? HELD_OUT_START : training;
  if (episodes > count) {
    throw new InputError(`--episodes: expected at most the policy's ${count} training levels, got ${episodes}`);
  }
  return Array.from({ length: episodes }, (_, i) => i);
}
