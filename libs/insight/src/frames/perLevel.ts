/**
 * One frame a level, each moment of its episode equally likely: frames whose units are levels, so that no long episode
 * counts twice.
 */
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Player, PlayerTurn } from '@saccade/agent';
import type { Environment, EnvironmentState } from '@saccade/envs';
import type { FrameSet } from './collect.ts';

export interface LevelFrames extends FrameSet {
  /** What the player did at each frame, [frames]. */
  readonly actions: Int32Array;
}

export interface PerLevelRequest {
  /** As many as rows the player's actor takes. */
  readonly environments: readonly Environment[];
  readonly player: Player;
  readonly levelSeeds: readonly number[];
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly cancellation?: Cancellation;
}

/** In the order of `levelSeeds`. The moment is drawn by reservoir sampling while the episode is played to its end. */
export async function framePerLevel(request: PerLevelRequest): Promise<LevelFrames> {
  const { environments, player, levelSeeds, seed, onProgress, cancellation } = request;
  const count = levelSeeds.length;
  if (environments.length === 0 || count === 0) {
    throw new InputError(`framePerLevel: expected environments and levels, got ${environments.length} and ${count}`);
  }
  const { shape } = environments[0].observationSpace;
  const size = shape.reduce((product, axis) => product * axis, 1);
  const observations = new Uint8Array(count * size);
  const steps = new Int32Array(count);
  const taken = new Int32Array(count);
  const states: EnvironmentState[] = new Array<EnvironmentState>(count);
  const current = new Uint8Array(environments.length * size);
  const actions = new Int32Array(environments.length);
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  let begun = 0;
  let ended = 0;
  const begin = (row: number): { turn: PlayerTurn; level: number; moments: ReturnType<typeof createStream> } | null => {
    if (begun === count) return null;
    const level = begun++;
    const name = `${seed}/${levelSeeds[level]}`;
    environments[row].begin(levelSeeds[level]);
    environments[row].observeInto(current, row * size);
    return { level, turn: { row, stream: createStream(name, 'actions') }, moments: createStream(name, 'moments') };
  };
  const lanes = environments.map((_, row) => begin(row));
  while (ended < count) {
    throwIfAborted(cancellation, 'collecting frames');
    const playing = lanes.filter((lane) => lane !== null);
    await player(
      actions,
      current,
      playing.map(({ turn }) => turn),
    );
    for (const { level, turn, moments } of playing) {
      const { row } = turn;
      const environment = environments[row];
      const { step } = environment.info();
      if (moments.integer(step + 1) === 0) {
        observations.set(current.subarray(row * size, (row + 1) * size), level * size);
        steps[level] = step;
        taken[level] = actions[row];
        states[level] = environment.getState();
      }
      environment.stepInto(outcome, actions[row]);
      if (outcome.terminated || outcome.truncated) {
        lanes[row] = begin(row);
        ended++;
        onProgress?.(ended, count);
      } else environment.observeInto(current, row * size);
    }
  }
  return { count, shape, observations, levelSeeds: Uint32Array.from(levelSeeds), steps, states, actions: taken };
}
