/**
 * Levels that were failed lately are played again more often: Prioritized Level Replay (Jiang et al. 2021) with the
 * plainest of its scores, failure. An agent that solves nine levels in ten otherwise spends nine tenths of its
 * experience on what it can do already.
 */
import { createStream, InputError, restoreStream } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { LevelSampler } from './levels.ts';

/** The most levels that wait to be played again; a new failure takes the place of the oldest. */
const capacity = 512;
/** Fewer than these are not drawn from: at the start of a run the same few would come again and again. */
const fewest = 64;

export interface ReplayingSampler extends LevelSampler {
  /** Says how an episode ended: a failed level will be played again until it is solved or pushed out. */
  ended(level: number, solved: boolean): void;
}

/**
 * Draws from `sampler`, or with `probability` in [0, 1) uniformly from the levels failed lately; 0 draws nothing and
 * leaves every stream as it would be without. `seed` names the stream that decides.
 */
export function createLevelReplay(sampler: LevelSampler, probability: number, seed: number): ReplayingSampler {
  if (!(probability >= 0 && probability < 1)) {
    throw new InputError(`levelReplay: expected a probability in [0, 1), got ${String(probability)}`);
  }
  if (probability === 0) return { ...sampler, ended: () => undefined };
  let random: RandomStream = createStream(seed, 'replay');
  // In the order of their last failure.
  let failed = new Set<number>();
  return {
    ended(level, solved) {
      failed.delete(level);
      if (solved) return;
      failed.add(level);
      if (failed.size <= capacity) return;
      for (const oldest of failed) {
        failed.delete(oldest);
        break;
      }
    },
    next() {
      if (random.next() >= probability || failed.size < fewest) return sampler.next();
      return [...failed][random.integer(failed.size)];
    },
    cursor: () => ({ ...sampler.cursor(), replay: { random: random.state(), failed: [...failed] } }),
    moveTo(cursor) {
      const { replay } = cursor;
      if (!replay || !Array.isArray(replay.failed) || replay.failed.length > capacity) {
        throw new InputError(
          `levels: expected a cursor with the levels to play again, got ${replay ? 'others' : 'none'}`,
        );
      }
      const restored = restoreStream(replay.random);
      sampler.moveTo(cursor);
      random = restored;
      failed = new Set(replay.failed);
    },
    reseed(newSeed) {
      sampler.reseed(newSeed);
      random = createStream(newSeed, 'replay');
      failed = new Set();
    },
  };
}
