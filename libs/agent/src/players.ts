/** Who chooses the actions of an evaluation: a policy, or a player that does not look, to compare it with. */
import { InputError } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { Actor } from './actor.ts';
import { argmax, sampleIndex, softmaxInto } from './sampling.ts';

/** One running episode, as its player meets it. */
export interface PlayerTurn {
  /** Row of `observations`. */
  readonly row: number;
  /** The episode's own stream: what one episode draws never depends on its neighbours. */
  readonly stream: RandomStream;
}

/** Writes an action for each turn into `actions` [rows]; `observations` is [rows, height, width, channel]. */
export type Player = (actions: Int32Array, observations: Uint8Array, turns: readonly PlayerTurn[]) => Promise<void>;

/** Plays a policy, its actions sampled or the likeliest taken. `rows` of the evaluation must be the actor's batch. */
export function policyPlayer(actor: Actor, choices: number, greedy: boolean): Player {
  const probabilities = new Float64Array(choices);
  return async (actions, observations, turns) => {
    const { logits } = await actor.act(observations);
    for (const { row, stream } of turns) {
      softmaxInto(probabilities, logits, row * choices, choices);
      actions[row] = greedy ? argmax(probabilities) : sampleIndex(probabilities, stream);
    }
  };
}

/** Always the same action. */
export function constantPlayer(action: number): Player {
  return (actions, _observations, turns) => {
    for (const { row } of turns) actions[row] = action;
    return Promise.resolve();
  };
}

/** Runs right and jumps at random, with probability `jump` a step. */
export function blindRunner(names: readonly string[], jump: number): Player {
  const [right, rightJump] = ['right', 'right+jump'].map((name) => names.indexOf(name));
  if (right < 0 || rightJump < 0) {
    throw new InputError(`blindRunner: expected actions right and right+jump, got ${names.join(', ')}`);
  }
  return (actions, _observations, turns) => {
    for (const { row, stream } of turns) actions[row] = stream.chance(jump) ? rightJump : right;
    return Promise.resolve();
  };
}
