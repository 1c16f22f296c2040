/**
 * One bank of frames for all policies, met by a player that does not look: no policy is favoured, and scores on it can
 * be compared. Its levels are no policy's training levels, nor those of evaluations.
 */
import { blindRunner, createFromSpec } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import { HELD_OUT_START } from '@saccade/envs';
import { collectFrames } from '@saccade/insight';
import type { FrameSet } from '@saccade/insight';
import { lanes } from './session.ts';

/** Chance of a jump a step, and steps of an environment between two of its frames. */
const jump = 0.1;
const every = 32;
/** Held-out seeds for evaluations end before. */
const firstLevel = HELD_OUT_START + 100_000;

export async function frozenBank(
  environment: EnvironmentSpec,
  {
    frames,
    seed,
    signal,
    progress,
  }: {
    readonly frames: number;
    readonly seed: number;
    readonly signal: AbortSignal;
    readonly progress?: (done: number) => void;
  },
): Promise<FrameSet> {
  const environments = Array.from({ length: lanes }, () => createFromSpec(environment));
  return collectFrames({
    environments,
    player: blindRunner(environments[0].actionSpace.names, jump),
    levelSeeds: Array.from({ length: frames }, (_, i) => firstLevel + i),
    frames,
    every,
    seed,
    keepStates: false,
    onProgress: (done, total) => progress?.(done / total),
    cancellation: signal,
  });
}
