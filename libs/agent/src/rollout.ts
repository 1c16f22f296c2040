/** The fixed-length training buffer of PPO: T steps of N environments, filled once, learned from, and overwritten. */
import type { RandomStream } from '@saccade/core';
import { endedRows } from '@saccade/envs';
import type { SteppedVector } from '@saccade/envs';
import type { Actor, ActorOutputs } from './actor.ts';
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

/** Environments that act and step together: rows [from, to) of the vector. */
export interface Group {
  readonly from: number;
  readonly to: number;
}

export interface Collection {
  /** Its buffers hold the observations that the next actions are chosen for. */
  readonly vector: SteppedVector;
  /** In order, together every row: while one steps, the network looks at another. */
  readonly groups: readonly Group[];
  /** Acts on as many observations as each group has. */
  readonly actor: Actor;
  /** Draws the actions. */
  readonly stream: RandomStream;
  readonly normaliser: RewardNormaliser | null;
  readonly config: PpoConfig;
}

/**
 * Plays `rolloutSteps` steps in every environment into `rollout`, advantages included; returns the ended episodes.
 * Actions are drawn step by step, group by group, and levels in the same order, so what comes out depends neither on how
 * many groups there are nor on who is faster (as long as the network's outputs for a row depend on that row alone).
 */
export async function collectRollout(rollout: Rollout, collection: Collection): Promise<EndedEpisode[]> {
  const { vector, groups, stream, normaliser, config } = collection;
  const { environments, rolloutSteps } = config;
  const choices = vector.actionSpace.names.length;
  const probabilities = new Float64Array(choices);
  const actions = new Int32Array(environments);
  const episodes: EndedEpisode[][] = [];
  const acting = groups.map((group) => watched(look(rollout, 0, group, collection)));
  for (let t = 0; t < rolloutSteps; t++) {
    for (const [g, group] of groups.entries()) {
      const { logits, values } = await acting[g];
      const at = t * environments;
      rollout.values.set(values, at + group.from);
      for (let n = group.from; n < group.to; n++) {
        softmaxInto(probabilities, logits, (n - group.from) * choices, choices);
        actions[n] = sampleIndex(probabilities, stream);
        rollout.logProbabilities[at + n] = Math.log(probabilities[actions[n]]);
        rollout.actions[at + n] = actions[n];
      }
      const ended = (episodes[t * groups.length + g] = [] as EndedEpisode[]);
      const next = async (): Promise<ActorOutputs> => {
        await vector.step(actions, group.from, group.to);
        ended.push(...endedEpisodes(vector, group));
        recordOutcomes(rollout, t, group, collection);
        await fillTruncationValues(rollout, t, group, collection);
        return look(rollout, t + 1, group, collection);
      };
      acting[g] = watched(next());
    }
  }
  for (const [g, { from }] of groups.entries()) {
    rollout.values.set((await acting[g]).values, rolloutSteps * environments + from);
  }
  if (normaliser) normaliseRewards(rollout, normaliser, config);
  Object.assign(rollout, computeAdvantages({ ...rollout, ...config, steps: rolloutSteps }));
  return episodes.flat();
}

/** A promise that is awaited later: when an earlier one rejects, nobody awaits it any more, and that is no fault. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The rows of a group, copied: they may lie in memory that other threads go on writing. */
function rowsOf(bytes: Uint8Array, { observationSize }: Rollout, { from, to }: Group): Uint8Array {
  return Uint8Array.from(bytes.subarray(from * observationSize, to * observationSize));
}

/** What the network makes of a group's observations before step `t`; they go into the rollout, where it has that row. */
function look(rollout: Rollout, t: number, group: Group, collection: Collection): Promise<ActorOutputs> {
  const { environments, rolloutSteps } = collection.config;
  const observations = rowsOf(collection.vector.buffers.observations, rollout, group);
  if (t < rolloutSteps) {
    rollout.observations.set(observations, (t * environments + group.from) * rollout.observationSize);
  }
  return collection.actor.act(observations);
}

function endedEpisodes({ buffers, endCauses }: SteppedVector, { from, to }: Group): EndedEpisode[] {
  return endedRows(buffers, from, to).map((n) => ({
    return: buffers.episodeReturns[n],
    length: buffers.episodeLengths[n],
    levelSeed: buffers.endedLevelSeeds[n],
    cause: endCauses[buffers.causes[n]],
  }));
}

function recordOutcomes(rollout: Rollout, t: number, { from, to }: Group, { vector, config }: Collection): void {
  const { rewards, terminated, truncated } = vector.buffers;
  const at = t * config.environments;
  for (let n = from; n < to; n++) rollout.rewards[at + n] = rewards[n] * config.rewardScale;
  rollout.terminated.set(terminated.subarray(from, to), at + from);
  rollout.truncated.set(truncated.subarray(from, to), at + from);
}

/** Values of the terminal observations of a group's truncated episodes. */
async function fillTruncationValues(
  rollout: Rollout,
  t: number,
  group: Group,
  { vector: { buffers }, actor, config: { environments } }: Collection,
): Promise<void> {
  const truncated = buffers.truncated.slice(group.from, group.to);
  if (!truncated.includes(1)) return;
  const { values } = await actor.act(rowsOf(buffers.terminalObservations, rollout, group));
  truncated.forEach((is, i) => {
    if (is) rollout.truncationValues[t * environments + group.from + i] = values[i];
  });
}

/** Step after step, as the running deviation meets them. */
function normaliseRewards(rollout: Rollout, normaliser: RewardNormaliser, config: PpoConfig): void {
  const { rewards, terminated, truncated } = rollout;
  for (let at = 0; at < rewards.length; at += config.environments) {
    const end = at + config.environments;
    const ended = terminated.slice(at, end).map((is, n) => is | truncated[at + n]);
    normaliser.normalise(rewards.subarray(at, end), ended);
  }
}
