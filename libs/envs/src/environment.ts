/** Makes an environment of a game: episodes, level choice, counts, checks, ownership, written once for all of them. */
import { createHasher, InputError } from '@saccade/core';
import type { Environment, EnvironmentState, Game, Outcome, StepInfo, StepResult } from './contract.ts';
import { createLevelSampler, expectSeed } from './levels.ts';
import type { LevelSet } from './levels.ts';

export interface EpisodeConfig {
  readonly levels: LevelSet;
  /** Seeds the stream that chooses levels. */
  readonly seed: number;
}

export function createOutcome(): Outcome {
  return { reward: 0, terminated: false, truncated: false, cause: -1 };
}

/** Wraps `game`. `name` is what states and messages call it. */
export function createEnvironment<Extra extends object>(
  name: string,
  game: Game<Extra>,
  { levels, seed }: EpisodeConfig,
): Environment<StepInfo & Extra> {
  const sampler = createLevelSampler(levels, seed);
  const { observationSpace, actionSpace, endCauses } = game;
  const size = observationSpace.shape[0] * observationSpace.shape[1] * observationSpace.shape[2];
  const actions = actionSpace.names.length;
  const outcome = createOutcome();
  let levelSeed = 0;
  let steps = 0;
  let episodeReturn = 0;
  let cause = -1;
  let begun = false;

  const begin = (level: number): void => {
    expectSeed(`${name}.reset`, 'the level seed', level);
    game.begin(level);
    levelSeed = level;
    steps = 0;
    episodeReturn = 0;
    cause = -1;
    begun = true;
  };

  const stepInto = (into: Outcome, action: number): void => {
    if (!begun) throw new InputError(`${name}.step: expected reset to be called first`);
    if (cause >= 0) throw new InputError(`${name}.step: expected reset after the end (${endCauses[cause]})`);
    if (!(action >= 0 && action < actions && action === Math.floor(action))) {
      throw new InputError(`${name}.step: expected an action in 0..${actions - 1}, got ${String(action)}`);
    }
    into.reward = 0;
    into.terminated = false;
    into.truncated = false;
    into.cause = -1;
    steps += 1;
    game.advance(into, action, steps);
    episodeReturn += into.reward;
    cause = into.cause;
  };

  const info = (): StepInfo & Extra => ({
    ...game.extraInfo(),
    levelSeed,
    step: steps,
    episodeReturn,
    cause: cause < 0 ? null : endCauses[cause],
  });

  const observe = (): Uint8Array => {
    const observation = new Uint8Array(size);
    game.observeInto(observation, 0);
    return observation;
  };

  const setState = (state: unknown): void => {
    const from = expectState(name, state, endCauses.length);
    const before = sampler.cursor();
    if (from.levels !== undefined) sampler.moveTo(from.levels);
    try {
      game.setState(from.game);
    } catch (error) {
      sampler.moveTo(before);
      throw error;
    }
    levelSeed = from.levelSeed;
    steps = from.step;
    episodeReturn = from.episodeReturn;
    cause = from.cause;
    begun = true;
  };

  return {
    name,
    observationSpace,
    actionSpace,
    endCauses,
    reset(request = {}) {
      const { seed: newSeed, options } = request;
      if (newSeed !== undefined) expectSeed(`${name}.reset`, 'seed', newSeed);
      if (options?.levelSeed !== undefined) expectSeed(`${name}.reset`, 'options.levelSeed', options.levelSeed);
      if (options?.state !== undefined) {
        setState(options.state);
        if (newSeed !== undefined) sampler.reseed(newSeed);
      } else {
        if (newSeed !== undefined) sampler.reseed(newSeed);
        begin(options?.levelSeed ?? sampler.next());
      }
      return { observation: observe(), info: info() };
    },
    step(action) {
      stepInto(outcome, action);
      const { reward, terminated, truncated } = outcome;
      return { observation: observe(), reward, terminated, truncated, info: info() } as StepResult<StepInfo & Extra>;
    },
    begin,
    stepInto,
    observeInto: (out, offset) => game.observeInto(out, offset),
    info,
    getState: () => ({
      environment: name,
      version: 1,
      levelSeed,
      step: steps,
      episodeReturn,
      cause,
      game: game.getState(),
      levels: sampler.cursor(),
    }),
    setState,
    stateHash: () => createHasher(steps).integer(cause).bytes(asciiBytes(game.stateHash())).digest(),
  };
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function expectState(name: string, state: unknown, causes: number): EnvironmentState {
  const fail = (expected: string, got: unknown): never => {
    throw new InputError(`${name}.setState: expected ${expected}, got ${String(got)}`);
  };
  if (typeof state !== 'object' || state === null) return fail('a state object', state);
  const from = state as EnvironmentState;
  if (from.environment !== name) fail(`a state of ${name}`, from.environment);
  if (from.version !== 1) fail('version 1', from.version);
  expectSeed(`${name}.setState`, 'levelSeed', from.levelSeed);
  if (!Number.isInteger(from.step) || from.step < 0) fail('step to be a whole number', from.step);
  if (!Number.isFinite(from.episodeReturn)) fail('episodeReturn to be a number', from.episodeReturn);
  if (!Number.isInteger(from.cause) || from.cause < -1 || from.cause >= causes) {
    fail(`cause in -1..${causes - 1}`, from.cause);
  }
  return from;
}
