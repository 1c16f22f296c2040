/**
 * Many environments stepped as one, into buffers that the caller owns and may share between threads. An episode that
 * ends starts anew within the same step; its last observation is kept beside the new one, because a truncated
 * episode is bootstrapped from it.
 */
import { InputError } from '@saccade/core';
import type { ActionSpace, Environment, EnvironmentState, LevelCursor, ObservationSpace } from './contract.ts';
import { createOutcome } from './environment.ts';
import { createLevelSampler } from './levels.ts';
import type { LevelSet } from './levels.ts';

/** Rows of environments; those marked "ended" hold a value only where `terminated` or `truncated` is 1. */
export interface VectorBuffers {
  /** Bytes 0-255, [envs, height, width, channel]; after an end, the first one of the next episode. */
  readonly observations: Uint8Array;
  /** [envs]. */
  readonly rewards: Float32Array;
  /** 0 or 1, [envs]. */
  readonly terminated: Uint8Array;
  /** 0 or 1, [envs]; never both. */
  readonly truncated: Uint8Array;
  /** Bytes 0-255, [envs, height, width, channel]; ended: the episode's last observation. */
  readonly terminalObservations: Uint8Array;
  /** [envs]; ended: index into `endCauses`, else 255. */
  readonly causes: Uint8Array;
  /** [envs]; ended: sum of the episode's rewards. */
  readonly episodeReturns: Float32Array;
  /** [envs]; ended: steps of the episode. */
  readonly episodeLengths: Int32Array;
  /** [envs]; ended: the level that was played. */
  readonly endedLevelSeeds: Uint32Array;
  /** [envs]; the level that is being played now. */
  readonly levelSeeds: Uint32Array;
}

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
  /** One step of each; fills every buffer. `actions`: [envs]. Throws InputError on an action outside the space. */
  stepInto(buffers: VectorBuffers, actions: ArrayLike<number>): void;
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
}

/**
 * `make` builds one environment; its own level choice is not used. A sequential set is dealt out in order, each
 * level to the first environment that becomes free.
 */
export function createVectorEnvironment(
  make: (index: number) => Environment,
  { count, levels, seed }: VectorConfig,
): VectorEnvironment {
  if (!Number.isInteger(count) || count < 1) {
    throw new InputError(`createVectorEnvironment: expected a count of 1 or more, got ${String(count)}`);
  }
  const sampler = createLevelSampler(levels, seed);
  const environments = Array.from({ length: count }, (_, index) => make(index));
  const { observationSpace, actionSpace, endCauses } = environments[0];
  const [height, width, channels] = observationSpace.shape;
  const size = height * width * channels;
  const outcome = createOutcome();
  const seeds = new Uint32Array(count);
  const returns = new Float64Array(count);
  const lengths = new Int32Array(count);
  let begun = false;

  const begin = (index: number): void => {
    const level = sampler.next();
    environments[index].begin(level);
    seeds[index] = level;
    returns[index] = 0;
    lengths[index] = 0;
  };

  const observeInto = (buffers: VectorBuffers): void => {
    expectBuffers(buffers, count, size);
    environments.forEach((environment, index) => environment.observeInto(buffers.observations, index * size));
    buffers.levelSeeds.set(seeds);
  };

  return {
    count,
    observationSpace,
    actionSpace,
    endCauses,
    environments,
    resetInto(buffers, newSeed) {
      expectBuffers(buffers, count, size);
      if (newSeed !== undefined) sampler.reseed(newSeed);
      for (let index = 0; index < count; index++) begin(index);
      begun = true;
      buffers.rewards.fill(0);
      buffers.terminated.fill(0);
      buffers.truncated.fill(0);
      buffers.causes.fill(255);
      observeInto(buffers);
    },
    stepInto(buffers, actions) {
      if (!begun) throw new InputError('VectorEnvironment.stepInto: expected resetInto or restore to be called first');
      expectBuffers(buffers, count, size);
      expectActions(actions, count, actionSpace.names.length);
      for (let index = 0; index < count; index++) {
        const environment = environments[index];
        environment.stepInto(outcome, actions[index]);
        returns[index] += outcome.reward;
        lengths[index] += 1;
        buffers.rewards[index] = outcome.reward;
        buffers.terminated[index] = outcome.terminated ? 1 : 0;
        buffers.truncated[index] = outcome.truncated ? 1 : 0;
        if (outcome.cause >= 0) {
          buffers.causes[index] = outcome.cause;
          buffers.episodeReturns[index] = returns[index];
          buffers.episodeLengths[index] = lengths[index];
          buffers.endedLevelSeeds[index] = seeds[index];
          environment.observeInto(buffers.terminalObservations, index * size);
          begin(index);
        } else {
          buffers.causes[index] = 255;
        }
        environment.observeInto(buffers.observations, index * size);
        buffers.levelSeeds[index] = seeds[index];
      }
    },
    observeInto,
    state: () => ({
      version: 1,
      levels: sampler.cursor(),
      environments: environments.map((environment) => environment.getState()),
    }),
    restore(state) {
      const from = state as Partial<VectorState> | null | undefined;
      if (from?.version !== 1 || !Array.isArray(from.environments) || from.environments.length !== count) {
        const got = Array.isArray(from?.environments) ? `${from.environments.length}` : 'none';
        throw new InputError(`VectorEnvironment.restore: expected version 1 with ${count} environments, got ${got}`);
      }
      const before = begun ? environments.map((environment) => environment.getState()) : [];
      const cursor = sampler.cursor();
      try {
        sampler.moveTo(from.levels as LevelCursor);
        environments.forEach((environment, index) => environment.setState(from.environments?.[index]));
      } catch (error) {
        sampler.moveTo(cursor);
        before.forEach((old, index) => environments[index].setState(old));
        throw error;
      }
      environments.forEach((environment, index) => {
        const { levelSeed, episodeReturn, step } = environment.info();
        seeds[index] = levelSeed;
        returns[index] = episodeReturn;
        lengths[index] = step;
      });
      begun = true;
    },
  };
}

/** Buffers for `vector`; `shared` backs them with SharedArrayBuffer, so that threads can hand them on by reference. */
export function createVectorBuffers(
  vector: Pick<VectorEnvironment, 'count' | 'observationSpace'>,
  shared = false,
): VectorBuffers {
  const { count } = vector;
  const [height, width, channels] = vector.observationSpace.shape;
  const size = count * height * width * channels;
  const memory = (bytes: number): ArrayBufferLike => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return {
    observations: new Uint8Array(memory(size)),
    rewards: new Float32Array(memory(count * 4)),
    terminated: new Uint8Array(memory(count)),
    truncated: new Uint8Array(memory(count)),
    terminalObservations: new Uint8Array(memory(size)),
    causes: new Uint8Array(memory(count)),
    episodeReturns: new Float32Array(memory(count * 4)),
    episodeLengths: new Int32Array(memory(count * 4)),
    endedLevelSeeds: new Uint32Array(memory(count * 4)),
    levelSeeds: new Uint32Array(memory(count * 4)),
  };
}

/** Checked before anything is stepped, so that a bad action leaves every environment as it was. */
function expectActions(actions: ArrayLike<number>, count: number, choices: number): void {
  if (actions.length !== count) {
    throw new InputError(`VectorEnvironment.stepInto: expected actions [${count}], got [${actions.length}]`);
  }
  for (let index = 0; index < count; index++) {
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
