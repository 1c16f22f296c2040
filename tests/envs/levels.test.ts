import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import {
  createCoinRun,
  createLevelSampler,
  createVectorBuffers,
  createVectorEnvironment,
  defaultCoinRunConfig,
  generateLevel,
  heldOutSeeds,
  layoutHash,
  layoutOverlap,
  seedsOf,
  HELD_OUT_START,
} from '@saccade/envs';
import type { LevelSet } from '@saccade/envs';

const take = (set: LevelSet, count: number, seed = 0): number[] => {
  const sampler = createLevelSampler(set, seed);
  return Array.from({ length: count }, () => sampler.next());
};

describe('level sets', () => {
  it('draw training seeds below 2^31 and held-out seeds from there on', () => {
    const all = take({ kind: 'all' }, 2000);
    expect(Math.max(...all)).toBeLessThan(HELD_OUT_START);
    expect(Math.max(...all)).toBeGreaterThan(HELD_OUT_START * 0.99);
    const heldOut = take({ kind: 'held-out' }, 2000);
    expect(Math.min(...heldOut)).toBeGreaterThanOrEqual(HELD_OUT_START);
    expect(Math.max(...heldOut)).toBeLessThan(HELD_OUT_START + 10_000);
  });

  it('draw every level of a finite set, or play it in order and start over', () => {
    expect(new Set(take({ kind: 'count', count: 5, start: 10 }, 200))).toEqual(new Set([10, 11, 12, 13, 14]));
    expect(take({ kind: 'count', count: 3, start: 7, sequential: true }, 5)).toEqual([7, 8, 9, 7, 8]);
    expect(take({ kind: 'list', seeds: [4, 2, 9], sequential: true }, 4)).toEqual([4, 2, 9, 4]);
  });

  it('go on from a cursor, and start anew from a seed', () => {
    const sampler = createLevelSampler({ kind: 'all' }, 3);
    const first = sampler.next();
    const cursor = JSON.parse(JSON.stringify(sampler.cursor())) as ReturnType<typeof sampler.cursor>;
    const next = [sampler.next(), sampler.next()];
    sampler.moveTo(cursor);
    expect([sampler.next(), sampler.next()]).toEqual(next);
    sampler.reseed(3);
    expect(sampler.next()).toBe(first);
  });

  it('are dealt out in order by a vector environment, each level once', () => {
    const vector = createVectorEnvironment(() => createCoinRun({ timeLimit: 3 }), {
      count: 4,
      levels: { kind: 'count', count: 100, start: 50, sequential: true },
      seed: 0,
    });
    const buffers = createVectorBuffers(vector);
    vector.resetInto(buffers);
    const played: number[] = [];
    for (let step = 0; step < 12; step++) {
      vector.stepInto(buffers, [0, 0, 0, 0]);
      buffers.truncated.forEach((ended, index) => ended === 1 && played.push(buffers.endedLevelSeeds[index]));
    }
    expect(played).toEqual(Array.from({ length: 16 }, (_, i) => 50 + i));
  });

  it('say what is wrong with them', () => {
    const wrong: [unknown, RegExp][] = [
      [{ kind: 'some' }, /expected kind all, count, list or held-out, got some/],
      [null, /expected kind all/],
      [{ kind: 'count', count: 0 }, /expected count to be an integer in \[1,/],
      [{ kind: 'count', count: 2, start: -1 }, /expected start to be an integer/],
      [{ kind: 'list', seeds: [] }, /one seed or more/],
      [{ kind: 'list', seeds: [1, 2.5] }, /got 2.5/],
      [{ kind: 'held-out', count: 10_001 }, /got 10001/],
    ];
    for (const [set, message] of wrong) expect(() => createLevelSampler(set as LevelSet, 0)).toThrow(message);
    expect(() => seedsOf({ kind: 'all' })).toThrow(InputError);
  });
});

describe('held-out levels', () => {
  const options = defaultCoinRunConfig;

  it('hold no layout twice and none of the finite training set', () => {
    const training: LevelSet = { kind: 'count', count: 3000 };
    const heldOut = heldOutSeeds(options, training, 2000);
    const hashes = heldOut.map((seed) => layoutHash(generateLevel(seed, options)));
    expect(new Set(hashes).size).toBe(hashes.length);
    const overlap = layoutOverlap(seedsOf(training), heldOut, options);
    expect(overlap).toMatchObject({ trainingLevels: 3000, shared: 0, share: 0, testLayouts: heldOut.length });
    // Without the exclusion there is plenty of overlap: easy levels of one section repeat.
    const plain = seedsOf({ kind: 'held-out', count: 2000 });
    expect(layoutOverlap(seedsOf(training), plain, options).share).toBeGreaterThan(0.05);
    expect(plain).toEqual(expect.arrayContaining(heldOut));
  });

  it('lose only doubles where training is unlimited', () => {
    const heldOut = heldOutSeeds(options, { kind: 'all' }, 500);
    const hashes = new Set(
      seedsOf({ kind: 'held-out', count: 500 }).map((seed) => layoutHash(generateLevel(seed, options))),
    );
    expect(heldOut.length).toBe(hashes.size);
  });
});
