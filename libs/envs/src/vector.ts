/**
 * Many environments stepped as one, into buffers that the caller owns and may share between threads. An episode that
 * ends starts anew within the same step; its last observation is kept beside the new one, because a truncated
 * episode is bootstrapped from it.
 */
import { InputError } from '@saccade/core';
import type { ActionSpace, Environment, EnvironmentState, LevelCursor, ObservationSpace } from './contract.ts';
import { createLanes } from './lanes.ts';
import { createLevelReplay } from './levelReplay.ts';
import { createLevelSampler } from './levels.ts';
import type { LevelSet } from './levels.ts';
import { clearOutcomes, endedRows } from './vectorBuffers.ts';
import type { VectorBuffers } from './vectorBuffers.ts';

export interface VectorState {
  readonly version: 1;
  readonly levels: LevelCursor;
  /** [envs] */
  readonly environments: readonly EnvironmentState[];
}

export interface VectorEnvironment {
  readonly count: number;
  readonly observationSpace: ObservationSpace;
  readonly actionSpace: ActionSpace;
  readonly endCauses: readonly string[];
  /** The environments themselves, to look at; step them through the vector environment only. */
  readonly environments: readonly Environment[];
  /** Begins an episode in each; writes `observations` and `levelSeeds`. `seed` reseeds the choice of levels. */
  resetInto(buffers: VectorBuffers, seed?: number): void;
  /**
   * One step of each, or of those whose rows lie in [from, to); fills their rows of every buffer. `actions`: [envs].
   * Throws InputError on an action outside the space.
   */
  stepInto(buffers: VectorBuffers, actions: ArrayLike<number>, from?: number, to?: number): void;
  /** Writes `observations` and `levelSeeds` as they are now: what a run that resumes begins from. */
  observeInto(buffers: VectorBuffers): void;
  /** JSON of every environment and of the choice of levels; `restore` continues exactly. */
  state(): VectorState;
  restore(state: unknown): void;
}

export interface VectorConfig {
  readonly count: number;
  readonly levels: LevelSet;
  /** Seeds the stream that chooses levels for all of them. */
  readonly seed: number;
  /** How often an episode plays a level again that was failed lately, [0, 1). Default 0. */
  readonly replay?: number;
}

/**
 * `make` builds one environment; its own level choice is not used. A sequential set is dealt out in order, each
 * level to the first environment that becomes free.
 */
export function createVectorEnvironment(
  make: (index: number) => Environment,
  { count, levels, seed, replay = 0 }: VectorConfig,
): VectorEnvironment {
  if (!Number.isInteger(count) || count < 1) {
    throw new InputError(`createVectorEnvironment: expected a count of 1 or more, got ${String(count)}`);
  }
  const sampler = createLevelReplay(createLevelSampler(levels, seed), replay, seed);
  const lanes = createLanes(
    make,
    Array.from({ length: count }, (_, row) => row),
  );
  const { environments } = lanes;
  const { observationSpace, actionSpace, endCauses } = environments[0];
  const [height, width, channels] = observationSpace.shape;
  const size = height * width * channels;
  let begun = false;

  return {
    count,
    observationSpace,
    actionSpace,
    endCauses,
    environments,
    resetInto(buffers, newSeed) {
      expectBuffers(buffers, count, size);
      if (newSeed !== undefined) sampler.reseed(newSeed);
      for (let row = 0; row < count; row++) lanes.beginInto(buffers, row, sampler.next());
      begun = true;
      clearOutcomes(buffers);
    },
    stepInto(buffers, actions, from = 0, to = count) {
      if (!begun) throw new InputError('VectorEnvironment.stepInto: expected resetInto or restore to be called first');
      expectBuffers(buffers, count, size);
      expectActions(actions, count, actionSpace.names.length, from, to);
      lanes.stepInto(buffers, actions, from, to);
      for (const row of endedRows(buffers, from, to)) {
        sampler.ended(buffers.endedLevelSeeds[row], buffers.episodeReturns[row] > 0);
        lanes.beginInto(buffers, row, sampler.next());
      }
    },
    observeInto(buffers) {
      expectBuffers(buffers, count, size);
      lanes.observeInto(buffers);
    },
    state: () => ({ version: 1, levels: sampler.cursor(), environments: lanes.states() }),
    restore(state) {
      const from = expectVectorState(state, count);
      const cursor = sampler.cursor();
      sampler.moveTo(from.levels);
      try {
        lanes.restore(from.environments);
      } catch (error) {
        sampler.moveTo(cursor);
        throw error;
      }
      begun = true;
    },
  };
}

/** @throws InputError unless `state` has what a vector of `count` environments needs; each environment checks its own */
export function expectVectorState(state: unknown, count: number): VectorState {
  const from = state as Partial<VectorState> | null | undefined;
  if (from?.version !== 1 || !Array.isArray(from.environments) || from.environments.length !== count) {
    const got = Array.isArray(from?.environments) ? `${from.environments.length}` : 'none';
    throw new InputError(`VectorEnvironment.restore: expected version 1 with ${count} environments, got ${got}`);
  }
  return from as VectorState;
}

/** Checked before anything is stepped, so that a bad action leaves every environment as it was. */
export function expectActions(
  actions: ArrayLike<number>,
  count: number,
  choices: number,
  from: number,
  to: number,
): void {
  if (actions.length !== count) {
    throw new InputError(`VectorEnvironment.stepInto: expected actions [${count}], got [${actions.length}]`);
  }
  for (let index = from; index < to; index++) {
    const action = actions[index];
    if (!(action >= 0 && action < choices && action === Math.floor(action))) {
      throw new InputError(
        `VectorEnvironment.stepInto: expected actions in 0..${choices - 1}, got ${String(action)} for environment ${index}`,
      );
    }
  }
}

function expectBuffers(buffers: VectorBuffers, count: number, size: number): void {
  if (buffers.observations.length !== count * size || buffers.rewards.length !== count) {
    throw new InputError(
      `VectorEnvironment: expected buffers for ${count} environments (${count * size} observation bytes), ` +
        `got ${buffers.rewards.length} (${buffers.observations.length})`,
    );
  }
}
