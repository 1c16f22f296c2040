/**
 * Checks that an environment keeps the contract, for authors of one: `checkEnvironment(makeMine)`. It plays some
 * random steps and says the first thing that is wrong.
 */
import { createStream, InputError } from '@saccade/core';
import type { Environment } from './contract.ts';
import { createOutcome } from './environment.ts';

export interface CheckOptions {
  /** Random steps to play. Default 300. */
  readonly steps?: number;
  /** Seeds levels and actions. Default 0. */
  readonly seed?: number;
}

/**
 * Throws an InputError that names the broken promise; returns quietly otherwise. Leaves `environment` in the middle of
 * an episode.
 */
export function checkEnvironment(environment: Environment, { steps = 300, seed = 0 }: CheckOptions = {}): void {
  const { name, observationSpace, actionSpace, endCauses } = environment;
  const expect = (holds: boolean, promise: string): void => {
    if (!holds) throw new InputError(`checkEnvironment(${name}): expected ${promise}`);
  };
  const [height, width, channels] = observationSpace.shape;
  const size = height * width * channels;
  expect(observationSpace.shape.length === 3 && Number.isInteger(size) && size > 0, 'a shape of three positive axes');
  expect(observationSpace.dtype === 'uint8', 'observations of dtype uint8');
  expect(actionSpace.names.length > 0, 'at least one action');
  expect(new Set(actionSpace.names).size === actionSpace.names.length, 'every action name once');
  expect(new Set(endCauses).size === endCauses.length, 'every end cause once');
  expect(endCauses.length > 0 && endCauses.length < 255, '1 to 254 end causes');

  const isObservation = (value: unknown): boolean => value instanceof Uint8Array && value.length === size;
  const first = environment.reset({ seed });
  expect(isObservation(first.observation), `reset to return an observation of ${size} bytes`);
  expect(
    first.info.step === 0 && first.info.cause === null && first.info.episodeReturn === 0,
    'a new episode at step 0',
  );
  const again = environment.reset({ seed });
  expect(equal(first.observation, again.observation), 'the same seed to give the same observation');
  expect(first.observation !== again.observation, 'a fresh observation each time');
  expect(first.info.levelSeed === again.info.levelSeed, 'the same seed to give the same level');

  for (const action of [-1, actionSpace.names.length, 0.5, Number.NaN]) {
    const hash = environment.stateHash();
    let thrown: unknown = null;
    try {
      environment.step(action);
    } catch (error) {
      thrown = error;
    }
    expect(thrown instanceof InputError, `step(${action}) to throw an InputError`);
    expect(environment.stateHash() === hash, `step(${action}) to leave the state as it was`);
  }

  const stream = createStream(seed, 'check');
  const buffer = new Uint8Array(size + 2);
  let total = 0;
  let length = 0;
  for (let step = 0; step < steps; step++) {
    const action = stream.integer(actionSpace.names.length);
    const before = environment.getState();
    const result = environment.step(action);
    total += result.reward;
    length += 1;
    expect(isObservation(result.observation), `step to return an observation of ${size} bytes`);
    expect(Number.isFinite(result.reward), 'a finite reward');
    expect(!(result.terminated && result.truncated), 'an end to be a termination or a truncation, never both');
    const ended = result.terminated || result.truncated;
    expect(ended === (result.info.cause !== null), 'a cause exactly where the episode ended');
    expect(!ended || endCauses.includes(result.info.cause as string), 'a cause among endCauses');
    expect(result.info.step === length, 'info.step to count the steps of the episode');
    expect(result.info.episodeReturn === total, 'info.episodeReturn to sum the rewards of the episode');
    buffer.fill(7);
    environment.observeInto(buffer, 1);
    expect(equal(buffer.subarray(1, size + 1), result.observation), 'observeInto to write what step returned');
    expect(buffer[0] === 7 && buffer[size + 1] === 7, 'observeInto to write nothing beside the observation');

    const hash = environment.stateHash();
    const after = environment.getState();
    environment.setState(JSON.parse(JSON.stringify(before)));
    const outcome = createOutcome();
    environment.stepInto(outcome, action);
    expect(outcome.reward === result.reward, 'a restored state to give the same reward again');
    expect(outcome.terminated === result.terminated, 'a restored state to end as before');
    expect(environment.stateHash() === hash, 'a restored state to lead to the same state again');
    expect(JSON.stringify(environment.getState()) === JSON.stringify(after), 'getState to say the same again');
    environment.observeInto(buffer, 0);
    expect(equal(buffer.subarray(0, size), result.observation), 'a restored state to look the same');
    if (ended) {
      let thrown: unknown = null;
      try {
        environment.step(0);
      } catch (error) {
        thrown = error;
      }
      expect(thrown instanceof InputError, 'step after the end to throw an InputError');
      environment.reset();
      total = 0;
      length = 0;
    }
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
