/**
 * Some of the environments of a vector, stepped into their rows of buffers that others may fill beside them. Lanes never
 * choose a level: an ended one waits for its next, so that the choice is one sequence however lanes are shared out.
 */
import { InputError } from '@saccade/core';
import type { Environment, EnvironmentState } from './contract.ts';
import { createOutcome } from './environment.ts';
import type { VectorBuffers } from './vectorBuffers.ts';

export interface Lanes {
  /** By their place in `rows`. */
  readonly environments: readonly Environment[];
  /** Begins an episode of the level in the environment of that row; writes its first observation and the level's seed. */
  beginInto(buffers: VectorBuffers, row: number, level: number): void;
  /**
   * One step of the environments whose rows lie in [from, to). One that ended has all of its row written but the
   * observation, and waits for `beginInto`. `actions` are valid, one for each row of the buffers.
   */
  stepInto(buffers: VectorBuffers, actions: ArrayLike<number>, from: number, to: number): void;
  /** Writes observations and level seeds as they are now. */
  observeInto(buffers: VectorBuffers): void;
  states(): EnvironmentState[];
  /** All of them or, when one state is wrong, none. Throws InputError. */
  restore(states: readonly unknown[]): void;
}

/** @param rows of the buffers that these environments fill, ascending; `make` is called with each */
export function createLanes(make: (row: number) => Environment, rows: readonly number[]): Lanes {
  const environments = rows.map((row) => make(row));
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const [height, width, channels] = environments[0].observationSpace.shape;
  const size = height * width * channels;
  const outcome = createOutcome();
  const seeds = new Uint32Array(rows.length);
  const returns = new Float64Array(rows.length);
  const lengths = new Int32Array(rows.length);
  let begun = false;

  return {
    environments,
    beginInto(buffers, row, level) {
      const place = placeOf.get(row);
      if (place === undefined) throw new InputError(`lanes: expected one of the rows ${rows.join(', ')}, got ${row}`);
      environments[place].begin(level);
      seeds[place] = level;
      returns[place] = 0;
      lengths[place] = 0;
      begun = true;
      environments[place].observeInto(buffers.observations, row * size);
      buffers.levelSeeds[row] = level;
    },
    stepInto(buffers, actions, from, to) {
      for (let place = 0; place < rows.length; place++) {
        const row = rows[place];
        if (row < from || row >= to) continue;
        const environment = environments[place];
        environment.stepInto(outcome, actions[row]);
        returns[place] += outcome.reward;
        lengths[place] += 1;
        buffers.rewards[row] = outcome.reward;
        buffers.terminated[row] = outcome.terminated ? 1 : 0;
        buffers.truncated[row] = outcome.truncated ? 1 : 0;
        buffers.levelSeeds[row] = seeds[place];
        if (outcome.cause < 0) {
          buffers.causes[row] = 255;
          environment.observeInto(buffers.observations, row * size);
          continue;
        }
        buffers.causes[row] = outcome.cause;
        buffers.episodeReturns[row] = returns[place];
        buffers.episodeLengths[row] = lengths[place];
        buffers.endedLevelSeeds[row] = seeds[place];
        environment.observeInto(buffers.terminalObservations, row * size);
      }
    },
    observeInto(buffers) {
      rows.forEach((row, place) => {
        environments[place].observeInto(buffers.observations, row * size);
        buffers.levelSeeds[row] = seeds[place];
      });
    },
    states: () => environments.map((environment) => environment.getState()),
    restore(states) {
      const before = begun ? environments.map((environment) => environment.getState()) : [];
      try {
        environments.forEach((environment, place) => environment.setState(states[place]));
      } catch (error) {
        before.forEach((old, place) => environments[place].setState(old));
        throw error;
      }
      environments.forEach((environment, place) => {
        const { levelSeed, episodeReturn, step } = environment.info();
        seeds[place] = levelSeed;
        returns[place] = episodeReturn;
        lengths[place] = step;
      });
      begun = true;
    },
  };
}
