/** Episodes played and kept whole: every observation, decision, estimate and state, for explanations afterwards. */
import { createStream, sizeOf, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { computeAdvantages, sampleIndex, softmaxInto } from '@saccade/agent';
import type { Actor } from '@saccade/agent';
import type { Environment, EnvironmentState } from '@saccade/envs';
import { hasMasks } from '../frames/collect.ts';

/** One recorded episode of T steps. */
export interface Trajectory {
  readonly levelSeed: number;
  readonly steps: number;
  /** What each decision saw, bytes, [T, height, width, channel]. */
  readonly observations: Uint8Array;
  readonly actions: Int32Array;
  readonly rewards: Float32Array;
  /** The critic's estimates, [T]. */
  readonly values: Float32Array;
  /** [T, actions]. */
  readonly logits: Float32Array;
  /** log pi(a|s) of the action taken, [T]. */
  readonly logProbabilities: Float32Array;
  readonly states: readonly EnvironmentState[];
  /** `MaskClass` codes, [T, height, width], where the environment tells. */
  readonly classes?: Uint8Array;
  readonly cause: string;
  readonly solved: boolean;
  /** Cut off by the time limit? */
  readonly truncated: boolean;
}

export interface RecordRequest {
  readonly environment: Environment;
  /** Of batch 1. */
  readonly actor: Actor;
  readonly levelSeeds: readonly number[];
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly cancellation?: Cancellation;
}

/** One episode a level, actions sampled from the same streams as `playLevels` draws from. */
export async function recordEpisodes(request: RecordRequest): Promise<Trajectory[]> {
  const { environment, actor, levelSeeds, seed, onProgress, cancellation } = request;
  const { shape } = environment.observationSpace;
  const size = sizeOf(shape);
  const pixels = shape[0] * shape[1];
  const choices = environment.actionSpace.names.length;
  const probabilities = new Float64Array(choices);
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  const trajectories: Trajectory[] = [];
  for (const levelSeed of levelSeeds) {
    const stream = createStream(`${seed}/${levelSeed}`, 'evaluation');
    const frames: Uint8Array[] = [];
    const masks: Uint8Array[] = [];
    const states: EnvironmentState[] = [];
    const actions: number[] = [];
    const rewards: number[] = [];
    const values: number[] = [];
    const logits: number[] = [];
    const logs: number[] = [];
    environment.begin(levelSeed);
    for (let running = true; running;) {
      throwIfAborted(cancellation, 'recording episodes');
      const observation = new Uint8Array(size);
      environment.observeInto(observation, 0);
      frames.push(observation);
      if (hasMasks(environment)) {
        const classes = new Uint8Array(pixels);
        environment.masksInto(classes, new Uint16Array(pixels), 0);
        masks.push(classes);
      }
      states.push(environment.getState());
      const outputs = await actor.act(observation);
      softmaxInto(probabilities, outputs.logits, 0, choices);
      const action = sampleIndex(probabilities, stream);
      environment.stepInto(outcome, action);
      actions.push(action);
      rewards.push(outcome.reward);
      values.push(outputs.values[0]);
      logits.push(...outputs.logits.subarray(0, choices));
      logs.push(Math.log(probabilities[action]));
      running = !outcome.terminated && !outcome.truncated;
    }
    const { cause, episodeReturn } = environment.info();
    const join = (parts: readonly Uint8Array[], width: number): Uint8Array => {
      const joined = new Uint8Array(parts.length * width);
      parts.forEach((part, i) => joined.set(part, i * width));
      return joined;
    };
    trajectories.push({
      levelSeed,
      steps: actions.length,
      observations: join(frames, size),
      actions: Int32Array.from(actions),
      rewards: Float32Array.from(rewards),
      values: Float32Array.from(values),
      logits: Float32Array.from(logits),
      logProbabilities: Float32Array.from(logs),
      states,
      ...(masks.length > 0 ? { classes: join(masks, pixels) } : {}),
      cause: cause ?? 'unknown',
      solved: episodeReturn > 0,
      truncated: outcome.truncated,
    });
    onProgress?.(trajectories.length, levelSeeds.length);
  }
  return trajectories;
}

/**
 * What one unit of the environment's reward is worth to the critic: least squares of its estimates on discounted
 * returns. Policies trained on normalised rewards estimate in units of their own; 1 where nothing was ever earned.
 */
export function rewardUnit(trajectories: readonly Trajectory[], gamma: number): number {
  let cross = 0;
  let squared = 0;
  for (const { rewards, values } of trajectories) {
    let following = 0;
    for (let t = rewards.length - 1; t >= 0; t--) {
      following = rewards[t] + gamma * following;
      cross += following * values[t];
      squared += following * following;
    }
  }
  return squared > 0 && cross > 0 ? cross / squared : 1;
}

/**
 * Generalised advantages of an episode, in the critic's units, [T].
 * @param unit from `rewardUnit`
 */
export function advantagesOf(
  { steps, rewards, values, truncated }: Trajectory,
  { gamma, lambda, unit = 1 }: { readonly gamma: number; readonly lambda: number; readonly unit?: number },
): Float32Array {
  const last = steps - 1;
  const flags = (set: boolean): Uint8Array => Uint8Array.from({ length: steps }, (_, t) => (set && t === last ? 1 : 0));
  return computeAdvantages({
    steps,
    environments: 1,
    rewards: rewards.map((reward) => reward * unit),
    values: Float32Array.from({ length: steps + 1 }, (_, t) => values[Math.min(t, last)]),
    terminated: flags(!truncated),
    truncated: flags(truncated),
    truncationValues: Float32Array.from({ length: steps }, () => values[last]),
    gamma,
    lambda,
  }).advantages;
}
