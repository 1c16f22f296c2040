/** Turning time back: the last states of an environment, so that one can step into its past and go on from there. */
import { InputError } from '@saccade/core';
import type { Environment, EnvironmentState } from './contract.ts';

export interface Timeline {
  /** How many marks one can go back. */
  readonly length: number;
  /** Remembers the present: to be called before each step and each edit. Beyond the limit the oldest is forgotten. */
  mark(): void;
  /** Restores the state `count` marks ago and forgets those after it. Throws InputError where there are fewer. */
  back(count?: number): void;
  /** Forgets everything: to be called when an episode begins that the past does not lead to. */
  clear(): void;
}

/** Keeps up to `limit` states of `environment`. */
export function createTimeline(environment: Environment, limit = 1000): Timeline {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new InputError(`createTimeline: expected a limit of 1 or more, got ${String(limit)}`);
  }
  let states: EnvironmentState[] = [];
  return {
    get length() {
      return states.length;
    },
    mark() {
      states.push(environment.getState());
      if (states.length > limit) states.shift();
    },
    back(count = 1) {
      if (!Number.isInteger(count) || count < 1 || count > states.length) {
        throw new InputError(`Timeline.back: expected a count in 1..${states.length}, got ${String(count)}`);
      }
      const at = states.length - count;
      environment.setState(states[at]);
      states = states.slice(0, at);
    },
    clear() {
      states = [];
    },
  };
}
