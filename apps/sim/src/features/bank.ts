/**
 * The frames that a policy's features are shown by: played once with the policy, level by level, then for ever replayed
 * from the actions, so that a file of a few kilobytes holds them all.
 */
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { createFromSpec, environmentOf } from '@saccade/agent';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import type { Policy } from '@saccade/nn';
import type { Bank } from '@saccade/protocol';
import { actionsFrom, actionsToText } from '@saccade/protocol';
import { environmentFor, Player } from '@saccade/session';
import type { ActingPolicy } from '@saccade/session';

/** What an analysis needs of a bank's frames, in the bank's order. */
export interface BankFrames {
  readonly count: number;
  readonly shape: readonly number[];
  /** Bytes 0-255, [frames, ...shape]. */
  readonly observations: Uint8Array;
  /** [frames] */
  readonly levelSeeds: Uint32Array;
  /** `MaskClass` codes, [frames, height, width]. */
  readonly classes: Uint8Array;
}

interface PlayRequest {
  readonly levels: number;
  /** Steps between two frames of an episode; the first one's is drawn, so that starts are not favoured. */
  readonly every: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

/** An episode is left here: whoever stands still meets the same frame again and again. */
const longest = 400;
/** Of the actions: a link without a seed means the same episodes. */
const seed = 0;

/** Plays the levels with seeds 0, 1, ... as the page would: level and seed name the same episodes there. */
export async function playBank(
  policy: Policy,
  acting: ActingPolicy,
  { levels, every, cancellation, progress }: PlayRequest,
): Promise<Bank> {
  const { name, config } = environmentOf(policy);
  const environment = environmentFor(policy);
  const phases = createStream(0, 'bank');
  const episodes: Bank['episodes'] = [];
  const frames: Bank['frames'] = [];
  for (let level = 0; level < levels; level++) {
    const player = new Player(environment, acting, level, seed);
    const phase = phases.integer(every);
    const actions: number[] = [];
    let end: string | null = null;
    for (let step = 0; step < longest && !player.over; step++) {
      throwIfAborted(cancellation, 'playing levels');
      const { action, value, end: ended } = await player.next();
      if (action === null) break;
      if (step % every === phase) frames.push([level, step, Math.round(1000 * value) / 1000]);
      actions.push(action);
      end = ended?.cause ?? null;
    }
    episodes.push({ level, actions: actionsToText(actions), end });
    progress?.((level + 1) / levels);
  }
  return { environment: { name, config: { ...config } }, seed, episodes, frames };
}

/** Plays a bank's episodes again. @throws InputError when it is of a world that cannot be shown */
export function replayBank({ environment: spec, episodes, frames }: Bank, cancellation?: Cancellation): BankFrames {
  if (spec.name !== 'coinrun') throw new InputError(`bank: expected frames of coinrun, got some of ${spec.name}`);
  const world = createCoinRun(spec.config as Partial<CoinRunConfig>);
  const { shape } = createFromSpec({ name: spec.name, config: spec.config }).observationSpace;
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const observations = new Uint8Array(frames.length * size);
  const classes = new Uint8Array(frames.length * height * width);
  const ids = new Uint16Array(classes.length);
  const levelSeeds = new Uint32Array(frames.length);
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  const byEpisode = new Map<number, { frame: number; step: number }[]>();
  frames.forEach(([episode, step], frame) => {
    byEpisode.set(episode, [...(byEpisode.get(episode) ?? []), { frame, step }]);
  });
  for (const [episode, wanted] of byEpisode) {
    throwIfAborted(cancellation, 'replaying levels');
    const { level, actions } = episodes[episode];
    world.begin(level);
    let at = 0;
    const path = actionsFrom(actions);
    for (const { frame, step } of wanted.sort((a, b) => a.step - b.step)) {
      for (; at < step; at++) world.stepInto(outcome, path[at]);
      world.observeInto(observations, frame * size);
      world.masksInto(classes, ids, frame * height * width);
      levelSeeds[frame] = level;
    }
  }
  return { count: frames.length, shape, observations, levelSeeds, classes };
}

/** The frames with these numbers. */
export function pickFrames(from: BankFrames, numbers: readonly number[]): BankFrames {
  const pick = <T extends Uint8Array | Uint32Array>(values: T): T => {
    const width = values.length / from.count;
    const made = new (values.constructor as new (length: number) => T)(numbers.length * width);
    numbers.forEach((frame, i) => made.set(values.subarray(frame * width, (frame + 1) * width), i * width));
    return made;
  };
  return {
    count: numbers.length,
    shape: from.shape,
    observations: pick(from.observations),
    levelSeeds: pick(from.levelSeeds),
    classes: pick(from.classes),
  };
}
