/**
 * A bank of frames: what a player meets, thinned until neighbours in time no longer repeat each other, with the exact
 * state behind each frame, so that it can be changed and rendered again.
 */
import { InputError, createStream, throwIfAborted } from '@saccade/core';
import type { Cancellation, Shape } from '@saccade/core';
import type { Player, PlayerTurn } from '@saccade/agent';
import type { Environment, EnvironmentState } from '@saccade/envs';

export interface FrameSet {
  readonly count: number;
  /** Of one observation, [height, width, channel]. */
  readonly shape: Shape;
  /** Bytes 0-255, [frames, ...shape]. */
  readonly observations: Uint8Array;
  /** The level of each frame, and the step within its episode. */
  readonly levelSeeds: Uint32Array;
  readonly steps: Int32Array;
  /** What `setState` restores; one a frame, or none where they were not kept. */
  readonly states: readonly EnvironmentState[];
  /** What each pixel shows, `MaskClass` codes and object ids, [frames, height, width]; where the environment tells. */
  readonly masks?: { readonly classes: Uint8Array; readonly ids: Uint16Array };
}

/** An environment that knows what its pixels show. */
export interface MaskedEnvironment extends Environment {
  masksInto(classes: Uint8Array, ids: Uint16Array, offset: number): void;
}

export function hasMasks(environment: Environment): environment is MaskedEnvironment {
  return 'masksInto' in environment;
}

export interface CollectionRequest {
  /** As many as rows the player's actor takes. */
  readonly environments: readonly Environment[];
  readonly player: Player;
  /** Played in this order, each by the first environment that is free; over again if they do not suffice. */
  readonly levelSeeds: readonly number[];
  readonly frames: number;
  /** Steps of one environment between two of its frames: 128 by default, as Understanding RL Vision does. */
  readonly every?: number;
  readonly seed: number;
  /** Whether each frame's state is kept: by default; thousands of worlds are hundreds of megabytes. */
  readonly keepStates?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly cancellation?: Cancellation;
}

/** Frames in the order in which they were met. The environments' phases differ, so that starts are not favoured. */
export async function collectFrames(request: CollectionRequest): Promise<FrameSet> {
  const {
    environments,
    player,
    levelSeeds,
    frames,
    every = 128,
    seed,
    keepStates = true,
    onProgress,
    cancellation,
  } = request;
  if (environments.length === 0 || levelSeeds.length === 0 || !Number.isInteger(frames) || frames < 1 || every < 1) {
    throw new InputError(
      `collectFrames: expected environments, levels, frames and steps between them, got ${environments.length}, ${levelSeeds.length}, ${frames} and ${every}`,
    );
  }
  const { shape } = environments[0].observationSpace;
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const masked = hasMasks(environments[0]);
  const phases = createStream(seed, 'collection phases');
  const observations = new Uint8Array(frames * size);
  const classes = new Uint8Array(masked ? frames * height * width : 0);
  const ids = new Uint16Array(classes.length);
  const seeds = new Uint32Array(frames);
  const steps = new Int32Array(frames);
  const states: EnvironmentState[] = [];
  const current = new Uint8Array(environments.length * size);
  const actions = new Int32Array(environments.length);
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  let kept = 0;
  let episodes = 0;
  const begin = (row: number): PlayerTurn => {
    const level = levelSeeds[episodes % levelSeeds.length];
    environments[row].begin(level);
    environments[row].observeInto(current, row * size);
    return { row, stream: createStream(`${seed}/${level}/${episodes++}`, 'collection') };
  };
  const turns = environments.map((_, row) => begin(row));
  const left = environments.map(() => phases.integer(every));
  const keep = (row: number): void => {
    const at = kept++;
    const environment = environments[row];
    observations.set(current.subarray(row * size, (row + 1) * size), at * size);
    if (hasMasks(environment)) environment.masksInto(classes, ids, at * height * width);
    const { levelSeed, step } = environment.info();
    seeds[at] = levelSeed;
    steps[at] = step;
    if (keepStates) states.push(environment.getState());
  };
  while (kept < frames) {
    throwIfAborted(cancellation, 'collecting frames');
    for (let row = 0; row < environments.length && kept < frames; row++) {
      if (left[row]-- > 0) continue;
      keep(row);
      left[row] = every - 1;
    }
    if (kept === frames) break;
    await player(actions, current, turns);
    for (let row = 0; row < environments.length; row++) {
      const environment = environments[row];
      environment.stepInto(outcome, actions[row]);
      if (outcome.terminated || outcome.truncated) turns[row] = begin(row);
      else environment.observeInto(current, row * size);
    }
    onProgress?.(kept, frames);
  }
  return {
    count: frames,
    shape,
    observations,
    levelSeeds: seeds,
    steps,
    states,
    ...(masked ? { masks: { classes, ids } } : {}),
  };
}

/** The frames with these indices, in this order. */
export function selectFrames(set: FrameSet, indices: ArrayLike<number>): FrameSet {
  const size = set.observations.length / set.count;
  const pixels = set.shape[0] * set.shape[1];
  const pick = <T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(from: T, width: number): T => {
    const made = new (from.constructor as new (length: number) => T)(indices.length * width);
    for (let i = 0; i < indices.length; i++)
      made.set(from.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
    return made;
  };
  return {
    count: indices.length,
    shape: set.shape,
    observations: pick(set.observations, size),
    levelSeeds: pick(set.levelSeeds, 1),
    steps: pick(set.steps, 1),
    states: set.states.length === 0 ? [] : Array.from(indices, (i) => set.states[i]),
    ...(set.masks ? { masks: { classes: pick(set.masks.classes, pixels), ids: pick(set.masks.ids, pixels) } } : {}),
  };
}

/** Sets of the same environment one after another, as one. */
export function joinFrames(sets: readonly FrameSet[]): FrameSet {
  if (sets.length === 0) throw new InputError('joinFrames: expected a set of frames or more, got none');
  const join = <T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(parts: readonly T[]): T => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const joined = new (parts[0].constructor as new (length: number) => T)(length);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };
  const masks = sets.flatMap((set) => (set.masks ? [set.masks] : []));
  return {
    count: sets.reduce((sum, { count }) => sum + count, 0),
    shape: sets[0].shape,
    observations: join(sets.map(({ observations }) => observations)),
    levelSeeds: join(sets.map(({ levelSeeds }) => levelSeeds)),
    steps: join(sets.map(({ steps }) => steps)),
    states: sets.flatMap(({ states }) => states),
    ...(masks.length === sets.length
      ? { masks: { classes: join(masks.map(({ classes }) => classes)), ids: join(masks.map(({ ids }) => ids)) } }
      : {}),
  };
}

/** Divides frames so that no level is on both sides: levels are dealt in the order in which they first occur. */
export function splitByLevel(set: FrameSet, share = 0.5): readonly [first: FrameSet, second: FrameSet] {
  const levels = [...new Set(set.levelSeeds)];
  if (levels.length < 2)
    throw new InputError(`splitByLevel: expected frames of two levels or more, got ${levels.length}`);
  const cut = Math.min(levels.length - 1, Math.max(1, Math.round(levels.length * share)));
  const first = new Set(levels.slice(0, cut));
  const all = Array.from({ length: set.count }, (_, i) => i);
  return [
    selectFrames(
      set,
      all.filter((i) => first.has(set.levelSeeds[i])),
    ),
    selectFrames(
      set,
      all.filter((i) => !first.has(set.levelSeeds[i])),
    ),
  ];
}
