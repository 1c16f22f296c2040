/** The fixed-length training buffer of PPO: T steps of N environments, filled once, learned from, and overwritten. */
import type { RandomStream } from '@saccade/core';
import type { VectorBuffers, VectorEnvironment } from '@saccade/envs';
import type { Actor } from './actor.ts';
import { computeAdvantages } from './advantages.ts';
import type { PpoConfig } from './config.ts';
import type { RewardNormaliser } from './rewards.ts';
import { sampleIndex, softmaxInto } from './sampling.ts';

/** Rows are step-major, [T, N, ...]. */
export interface Rollout {
  /** Bytes of one observation. */
  readonly observationSize: number;
  /** Bytes 0-255, [T, N, height, width, channel]. */
  readonly observations: Uint8Array;
  readonly actions: Int32Array;
  /** log pi(a|s) of the action taken. */
  readonly logProbabilities: Float32Array;
  /** The critic's estimates, [T + 1, N]; the last row bootstraps. */
  readonly values: Float32Array;
  /** As the learner sees them: scaled and normalised. */
  readonly rewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly truncationValues: Float32Array;
  advantages: Float32Array;
  returns: Float32Array;
}

/** An episode that ended during a rollout. */
export interface EndedEpisode {
  /** Sum of the environment's own rewards. */
  readonly return: number;
  /** Steps. */
  readonly length: number;
  readonly levelSeed: number;
  /** One of the environment's `endCauses`. */
  readonly cause: string;
}

export function createRollout(config: PpoConfig, observationSize: number): Rollout {
  const rows = config.environments * config.rolloutSteps;
  return {
    observationSize,
    observations: new Uint8Array(rows * observationSize),
    actions: new Int32Array(rows),
    logProbabilities: new Float32Array(rows),
    values: new Float32Array(rows + config.environments),
    rewards: new Float32Array(rows),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
    truncationValues: new Float32Array(rows),
    advantages: new Float32Array(rows),
    returns: new Float32Array(rows),
  };
}

export interface Collection {
  readonly vector: VectorEnvironment;
  /** Hold the observation the next action is chosen for. */
  readonly buffers: VectorBuffers;
  readonly actor: Actor;
  /** Draws the actions. */
  readonly stream: RandomStream;
  readonly normaliser: RewardNormaliser | null;
  readonly config: PpoConfig;
}

/** Values of the terminal observations of truncated episodes, in batches of the actor's size. */
async function fillTruncationValues(
  rollout: Rollout,
  t: number,
  { buffers, actor, config: { environments } }: Collection,
): Promise<void> {
  if (!buffers.truncated.includes(1)) return;
  const { values } = await actor.act(buffers.terminalObservations);
  for (let n = 0; n < environments; n++) {
    if (buffers.truncated[n]) rollout.truncationValues[t * environments + n] = values[n];
  }
}

/** Plays `rolloutSteps` steps in every environment into `rollout`, advantages included; returns the ended episodes. */
export async function collectRollout(rollout: Rollout, collection: Collection): Promise<EndedEpisode[]> {
  const { vector, buffers, actor, stream, normaliser, config } = collection;
  const { environments, rolloutSteps } = config;
  const choices = vector.actionSpace.names.length;
  const probabilities = new Float64Array(choices);
  const actions = new Int32Array(environments);
  const rewards = new Float32Array(environments);
  const ended = new Uint8Array(environments);
  const episodes: EndedEpisode[] = [];
  for (let t = 0; t < rolloutSteps; t++) {
    const at = t * environments;
    rollout.observations.set(buffers.observations, at * rollout.observationSize);
    const { logits, values } = await actor.act(buffers.observations);
    rollout.values.set(values, at);
    for (let n = 0; n < environments; n++) {
      softmaxInto(probabilities, logits, n * choices, choices);
      actions[n] = sampleIndex(probabilities, stream);
      rollout.logProbabilities[at + n] = Math.log(probabilities[actions[n]]);
    }
    rollout.actions.set(actions, at);
    vector.stepInto(buffers, actions);
    for (let n = 0; n < environments; n++) {
      rewards[n] = buffers.rewards[n] * config.rewardScale;
      ended[n] = buffers.terminated[n] | buffers.truncated[n];
      if (ended[n]) {
        episodes.push({
          return: buffers.episodeReturns[n],
          length: buffers.episodeLengths[n],
          levelSeed: buffers.endedLevelSeeds[n],
          cause: vector.endCauses[buffers.causes[n]],
        });
      }
    }
    normaliser?.normalise(rewards, ended);
    rollout.rewards.set(rewards, at);
    rollout.terminated.set(buffers.terminated, at);
    rollout.truncated.set(buffers.truncated, at);
    await fillTruncationValues(rollout, t, collection);
  }
  rollout.values.set((await actor.act(buffers.observations)).values, rolloutSteps * environments);
  Object.assign(rollout, computeAdvantages({ ...rollout, ...config, steps: rolloutSteps }));
  return episodes;
}
