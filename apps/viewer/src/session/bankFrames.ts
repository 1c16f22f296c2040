/**
 * The frames behind features, played again in the page: an episode is a level and its actions, and the world is the
 * same everywhere, so no pictures have to travel.
 */
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import type { Bank } from '@saccade/protocol';
import { actionsFrom } from '@saccade/protocol';

export interface BankFrames {
  /** RGB bytes 0-255, [height, width, 3]. */
  frame(number: number): Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Episodes that are kept whole; the others are played again when needed. */
const KEPT = 512;

export function createBankFrames(bank: Bank): BankFrames {
  const world = createCoinRun(bank.environment.config as Partial<CoinRunConfig>);
  const [height, width, channels] = world.observationSpace.shape;
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  const known = new Map<number, Uint8Array>();

  /** All frames of one episode, in one go. */
  function play(episode: number): void {
    const { level, actions } = bank.episodes[episode];
    const path = actionsFrom(actions);
    const wanted = bank.frames
      .map(([of, step], number) => ({ of, step, number }))
      .filter(({ of }) => of === episode)
      .sort((a, b) => a.step - b.step);
    world.begin(level);
    let at = 0;
    for (const { step, number } of wanted) {
      for (; at < step; at++) world.stepInto(outcome, path[at]);
      const pixels = new Uint8Array(height * width * channels);
      world.observeInto(pixels, 0);
      known.set(number, pixels);
    }
  }

  return {
    height,
    width,
    frame(number) {
      if (!known.has(number)) {
        if (known.size > KEPT) known.clear();
        play(bank.frames[number][0]);
      }
      return known.get(number) as Uint8Array;
    },
  };
}

const made = new WeakMap<Bank, BankFrames>();

/** One for each bank. */
export function framesOf(bank: Bank): BankFrames {
  const frames = made.get(bank) ?? createBankFrames(bank);
  made.set(bank, frames);
  return frames;
}
