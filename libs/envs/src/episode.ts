/**
 * One episode, step by step, whoever chooses: a policy, a person or a script. There is one loop for all of them, so that
 * what a person plays is what an agent plays, and each step's record says who chose it.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Environment, StepInfo } from './contract.ts';

/** Who can choose an action. */
export const actors = ['policy', 'human', 'script'] as const;
export type Actor = (typeof actors)[number];

/** Chooses the actions of an episode. */
export interface Chooser<Info extends StepInfo = StepInfo> {
  /** Read after each choice: whoever takes over from a policy changes it. */
  readonly actor: Actor;
  /**
   * The next action, or null to leave the episode where it is.
   *
   * @param observation bytes 0-255, `observationSpace.shape`; the receiver's
   */
  choose(observation: Uint8Array, info: Info): number | null | Promise<number | null>;
}

/** What one step was: enough to play it again and to see that it went the same way. */
export interface StepRecord {
  /** Counts the episode's steps from 1. */
  readonly step: number;
  readonly action: number;
  readonly actor: Actor;
  readonly reward: number;
  /** After the step, 16 hexadecimal digits. */
  readonly stateHash: string;
}

export interface EpisodeRecord {
  readonly levelSeed: number;
  /** Before the first of `steps`. */
  readonly startHash: string;
  readonly steps: readonly StepRecord[];
  /** Sum of the rewards of the whole episode, those before the first of `steps` included. */
  readonly return: number;
  /** One of the environment's `endCauses`; null where the chooser left before the end. */
  readonly cause: string | null;
  readonly terminated: boolean;
  readonly truncated: boolean;
}

export interface PlayOptions {
  /** Called after each step. */
  readonly onStep?: (record: StepRecord) => void;
  readonly cancellation?: Cancellation;
}

/**
 * Plays from where `environment` stands, after a reset, until the episode ends or `chooser` leaves it. Throws InputError
 * on an action outside of the space, CancelledError when cancelled between two steps.
 */
export async function playEpisode<Info extends StepInfo>(
  environment: Environment<Info>,
  chooser: Chooser<Info>,
  { onStep, cancellation }: PlayOptions = {},
): Promise<EpisodeRecord> {
  const [height, width, channels] = environment.observationSpace.shape;
  let observation: Uint8Array = new Uint8Array(height * width * channels);
  environment.observeInto(observation, 0);
  const startHash = environment.stateHash();
  const steps: StepRecord[] = [];
  let terminated = false;
  let truncated = false;
  while (!terminated && !truncated) {
    throwIfAborted(cancellation, 'playEpisode');
    const action = await chooser.choose(observation, environment.info());
    if (action === null) break;
    const { actor } = chooser;
    if (!actors.includes(actor)) {
      throw new InputError(`playEpisode: expected an actor among ${actors.join(', ')}, got ${String(actor)}`);
    }
    const result = environment.step(action);
    ({ observation, terminated, truncated } = result);
    const record = {
      step: result.info.step,
      action,
      actor,
      reward: result.reward,
      stateHash: environment.stateHash(),
    };
    steps.push(record);
    onStep?.(record);
  }
  const { levelSeed, episodeReturn, cause } = environment.info();
  return { levelSeed, startHash, steps, return: episodeReturn, cause, terminated, truncated };
}
