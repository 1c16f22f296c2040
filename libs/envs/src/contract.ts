/**
 * What an environment is: Gymnasium's contract in TypeScript, plus what watching, replaying and editing need (exact
 * state, state hashes, level seeds). An author writes a `Game`; `createEnvironment` makes an `Environment` of it.
 */
import type { RandomState } from '@saccade/core';

/** Images: unsigned bytes, [height, width, channel]. */
export interface ObservationSpace {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly dtype: 'uint8';
  readonly low: 0;
  readonly high: 255;
}

/** Discrete: action `i` is called `names[i]`. */
export interface ActionSpace {
  readonly names: readonly string[];
}

/** What every environment tells beside the observation. */
export interface StepInfo {
  /** The seed that generates the level being played; below 2^32. */
  readonly levelSeed: number;
  /** Steps since the episode began. */
  readonly step: number;
  /** Sum of the episode's rewards so far. */
  readonly episodeReturn: number;
  /** Why the episode ended, one of the environment's `endCauses`; null while it runs. */
  readonly cause: string | null;
}

interface StepBase<Info> {
  /** Bytes 0-255, `observationSpace.shape`; a fresh array that belongs to the receiver. */
  readonly observation: Uint8Array;
  readonly reward: number;
  readonly info: Info;
}

/** Gymnasium's five fields as a union over how the step ended, so that no caller bootstraps through a death. */
export type StepResult<Info extends StepInfo = StepInfo> =
  | (StepBase<Info> & { readonly terminated: false; readonly truncated: false })
  | (StepBase<Info> & { readonly terminated: true; readonly truncated: false })
  | (StepBase<Info> & { readonly terminated: false; readonly truncated: true });

export interface ResetOptions {
  /** Plays the level with this seed, whatever the level set says; leaves the level stream where it was. */
  readonly levelSeed?: number;
  /** Continues from a state that `getState` returned. */
  readonly state?: unknown;
}

export interface ResetRequest {
  /** Reseeds the stream that chooses levels; without it the stream goes on to its next level. */
  readonly seed?: number;
  readonly options?: ResetOptions;
}

/** What a step did, in a record that the caller keeps and reuses. */
export interface Outcome {
  reward: number;
  terminated: boolean;
  truncated: boolean;
  /** Index into `endCauses`; -1 while the episode runs. */
  cause: number;
}

/** JSON of an environment mid-episode; `game` is the environment's own part, documented with it. */
export interface EnvironmentState {
  readonly environment: string;
  readonly version: 1;
  readonly levelSeed: number;
  readonly step: number;
  readonly episodeReturn: number;
  /** Index into `endCauses` of an episode that is over, else -1. */
  readonly cause: number;
  readonly game: unknown;
  /** Where the level stream stands. Absent where a vector environment chooses the levels. */
  readonly levels?: LevelCursor;
}

/** Where a choice of levels stands: a random stream, and the position in a sequential set. */
export interface LevelCursor {
  readonly random: RandomState;
  readonly next: number;
  /** Where levels that were failed are played again: the stream that decides, and they, oldest failure first. */
  readonly replay?: { readonly random: RandomState; readonly failed: readonly number[] };
}

export interface Environment<Info extends StepInfo = StepInfo> {
  readonly name: string;
  readonly observationSpace: ObservationSpace;
  readonly actionSpace: ActionSpace;
  /** Every `info.cause` there can be. */
  readonly endCauses: readonly string[];

  /** Begins an episode. `observation` is fresh and the receiver's. Throws InputError on a bad seed or state. */
  reset(request?: ResetRequest): { readonly observation: Uint8Array; readonly info: Info };
  /** One step. Throws InputError on an action outside the space, or when the episode is over. */
  step(action: number): StepResult<Info>;

  /** `reset` to one level without an observation: for vector environments. */
  begin(levelSeed: number): void;
  /** `step` without allocation or observation: fills `outcome`. */
  stepInto(outcome: Outcome, action: number): void;
  /** Writes the present observation at `offset`. */
  observeInto(out: Uint8Array, offset: number): void;

  /** Where the episode stands now. */
  info(): Info;
  /** Documented JSON, exact mid-episode. */
  getState(): EnvironmentState;
  /** Restores `getState`'s JSON exactly; InputError on anything else, and then the environment stays as it was. */
  setState(state: unknown): void;
  /** 16 hexadecimal digits over everything that the future depends on. */
  stateHash(): string;
}

/**
 * What the author of an environment writes. Episodes, level choice, step counts, returns, argument checks and the
 * observation's ownership are `createEnvironment`'s work.
 */
export interface Game<ExtraInfo extends object = object> {
  readonly observationSpace: ObservationSpace;
  readonly actionSpace: ActionSpace;
  readonly endCauses: readonly string[];
  /** Sets up the level that `levelSeed` generates. */
  begin(levelSeed: number): void;
  /**
   * One step of an episode that runs. `action` is valid; `outcome` comes as { reward 0, terminated and truncated
   * false, cause -1 }; `step` is this step's number, the first being 1.
   */
  advance(outcome: Outcome, action: number, step: number): void;
  observeInto(out: Uint8Array, offset: number): void;
  /** What the info says beyond `StepInfo`; fresh. */
  extraInfo(): ExtraInfo;
  /** JSON of everything that the future depends on. */
  getState(): unknown;
  /** Restores it, or throws InputError and changes nothing. */
  setState(state: unknown): void;
  stateHash(): string;
}
