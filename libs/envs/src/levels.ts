/**
 * Which levels an agent plays. A level is named by its seed. Training seeds lie below 2^31; held-out levels are the
 * seeds from 2^31 on, so that no choice of training levels can touch them by accident.
 */
import { createStream, InputError, restoreStream } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { LevelCursor } from './contract.ts';

export const HELD_OUT_START = 2 ** 31;
export const HELD_OUT_COUNT = 10_000;
const SEED_LIMIT = 2 ** 32;

export type LevelSet =
  /** Every training seed, [0, 2^31). */
  | { readonly kind: 'all' }
  /** `count` seeds from `start` (default 0) on. */
  | { readonly kind: 'count'; readonly count: number; readonly start?: number; readonly sequential?: boolean }
  | { readonly kind: 'list'; readonly seeds: readonly number[]; readonly sequential?: boolean }
  /**
   * `count` (default 10,000) held-out seeds. `heldOutSeeds` turns the set into a list without the layouts that a
   * policy trained on.
   */
  | { readonly kind: 'held-out'; readonly count?: number; readonly sequential?: boolean };

/** Chooses the level of each episode: at random, or in order where the set is sequential (then starting over). */
export interface LevelSampler {
  next(): number;
  cursor(): LevelCursor;
  moveTo(cursor: LevelCursor): void;
  reseed(seed: number): void;
}

export function expectSeed(where: string, what: string, seed: unknown): asserts seed is number {
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed >= SEED_LIMIT) {
    throw new InputError(`${where}: expected ${what} to be an integer in [0, 2^32), got ${String(seed)}`);
  }
}

function expectCount(what: string, count: unknown, most: number): asserts count is number {
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > most) {
    throw new InputError(`levels: expected ${what} to be an integer in [1, ${most}], got ${String(count)}`);
  }
}

/** Checks a level set; returns how many levels it has and the seed of each. */
function describe(set: LevelSet): { size: number; sequential: boolean; seedAt(index: number): number } {
  switch (set?.kind) {
    case 'all':
      return { size: HELD_OUT_START, sequential: false, seedAt: (index) => index };
    case 'count': {
      const start = set.start ?? 0;
      expectSeed('levels', 'start', start);
      expectCount('count', set.count, SEED_LIMIT - start);
      return { size: set.count, sequential: set.sequential ?? false, seedAt: (index) => start + index };
    }
    case 'list': {
      if (!Array.isArray(set.seeds) || set.seeds.length === 0) {
        throw new InputError('levels: expected a list of one seed or more, got none');
      }
      for (const seed of set.seeds) expectSeed('levels', 'every seed of the list', seed);
      const seeds = [...set.seeds];
      return { size: seeds.length, sequential: set.sequential ?? false, seedAt: (index) => seeds[index] };
    }
    case 'held-out': {
      const count = set.count ?? HELD_OUT_COUNT;
      expectCount('count of held-out levels', count, HELD_OUT_COUNT);
      return { size: count, sequential: set.sequential ?? false, seedAt: (index) => HELD_OUT_START + index };
    }
    default: {
      const kind = (set as { kind?: unknown } | null | undefined)?.kind;
      void (set satisfies never);
      throw new InputError(`levels: expected kind all, count, list or held-out, got ${String(kind)}`);
    }
  }
}

/** Every seed of a finite set, in order; InputError for `all`. */
export function seedsOf(set: LevelSet): number[] {
  if (set.kind === 'all') throw new InputError('seedsOf: expected a finite level set, got all');
  const { size, seedAt } = describe(set);
  return Array.from({ length: size }, (_, index) => seedAt(index));
}

/** `seed` seeds the stream that chooses; InputError on a set that makes no sense. */
export function createLevelSampler(set: LevelSet, seed: number): LevelSampler {
  const { size, sequential, seedAt } = describe(set);
  expectSeed('createLevelSampler', 'seed', seed);
  let random: RandomStream = createStream(seed, 'levels');
  let position = 0;
  return {
    next() {
      if (!sequential) return seedAt(random.integer(size));
      const level = seedAt(position);
      position = (position + 1) % size;
      return level;
    },
    cursor: () => ({ random: random.state(), next: position }),
    moveTo(cursor) {
      const next: unknown = cursor?.next;
      const state = cursor?.random as unknown as Record<string, unknown> | undefined;
      const whole = ['c', 's0', 's1', 's2'].every((lane) => typeof state?.[lane] === 'number');
      if (!whole || typeof next !== 'number' || !Number.isInteger(next) || next < 0 || next >= size) {
        throw new InputError(`levels: expected a cursor { random, next } of this set of ${size} levels`);
      }
      random = restoreStream(cursor.random);
      position = next;
    },
    reseed(newSeed) {
      expectSeed('levels', 'seed', newSeed);
      random = createStream(newSeed, 'levels');
      position = 0;
    },
  };
}
