/** Random streams: reproducible, restorable, independent, and spread as they say. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream, normal, restoreStream, shuffle } from '@saccade/core';
import type { RandomState, RandomStream } from '@saccade/core';

const draw = (stream: RandomStream, count = 20): number[] => Array.from({ length: count }, () => stream.next());

/** Sum of (observed - expected)^2 / expected over equally likely cells. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('a stream', () => {
  it('gives the same numbers for the same seed and purpose, others for any other', () => {
    expect(draw(createStream(7, 'levels'))).toEqual(draw(createStream(7, 'levels')));
    const starts = [createStream(7, 'levels'), createStream(8, 'levels'), createStream(7, 'actions'), createStream(7)];
    expect(new Set(starts.map((stream) => stream.next())).size).toBe(4);
  });

  it('takes a seed as number or text alike', () => {
    expect(draw(createStream('7', 'a'))).toEqual(draw(createStream(7, 'a')));
  });

  it('gives these numbers for ever: recordings and levels are made of them', () => {
    expect(draw(createStream(1, 'golden'), 3)).toMatchInlineSnapshot(`
      [
        0.9665795618202537,
        0.5113153853453696,
        0.4662685473449528,
      ]
    `);
  });

  it('goes on from any state, through JSON', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, steps) => {
        const stream = createStream(seed, 'state');
        draw(stream, steps);
        const state = JSON.parse(JSON.stringify(stream.state())) as RandomState;
        expect(draw(restoreStream(state))).toEqual(draw(stream));
      }),
    );
  });

  it('hands out states that do not change with it, and is not changed by what is restored from them', () => {
    const stream = createStream(3);
    const state = stream.state();
    const kept = { ...state };
    const ahead = draw(restoreStream(state));
    expect(state).toEqual(kept);
    expect(draw(stream)).toEqual(ahead);
    expect(state).toEqual(kept);
  });

  it('draws integers of each value below the bound equally often', () => {
    const stream = createStream(11, 'integers');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) counts[stream.integer(10)]++;
    // 99.9% of fair draws lie below 27.9 with nine degrees of freedom.
    expect(chiSquared(counts)).toBeLessThan(27.9);
  });

  it('draws between two numbers, both of them included', () => {
    const stream = createStream(5);
    const drawn = new Set(Array.from({ length: 400 }, () => stream.between(-2, 3)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(stream.between(4, 4)).toBe(4);
  });

  it('stays inside its ranges', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, bound) => {
        const stream = createStream(seed);
        const next = stream.next();
        const integer = stream.integer(bound);
        expect(next >= 0 && next < 1).toBe(true);
        expect(Number.isInteger(integer) && integer >= 0 && integer < bound).toBe(true);
      }),
    );
  });

  it('takes a chance as often as it says', () => {
    const stream = createStream(13);
    const taken = Array.from({ length: 20_000 }, () => stream.chance(0.3)).filter(Boolean).length;
    expect(Math.abs(taken / 20_000 - 0.3)).toBeLessThan(0.012);
    expect(Array.from({ length: 100 }, () => stream.chance(0)).some(Boolean)).toBe(false);
    expect(Array.from({ length: 100 }, () => stream.chance(1)).every(Boolean)).toBe(true);
  });
});

describe('normal draws', () => {
  const stream = createStream(17, 'normal');
  const drawn = Array.from({ length: 20_000 }, () => normal(stream));
  const moment = (power: number): number => drawn.reduce((sum, x) => sum + x ** power, 0) / drawn.length;

  it('have the moments of the standard normal distribution', () => {
    expect(Math.abs(moment(1))).toBeLessThan(0.03);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.05);
    expect(Math.abs(moment(3))).toBeLessThan(0.12);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.3);
  });

  it('lie within one deviation as often as they should, and are always finite', () => {
    expect(Math.abs(drawn.filter((x) => Math.abs(x) < 1).length / drawn.length - 0.6827)).toBeLessThan(0.013);
    expect(drawn.every(Number.isFinite)).toBe(true);
  });
});

describe('shuffling', () => {
  it('keeps every item once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const shuffled = [...items];
        shuffle(shuffled, createStream(seed));
        const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
        expect(sorted(shuffled)).toEqual(sorted(items));
      }),
    );
  });

  it('gives each order equally often', () => {
    const stream = createStream(19, 'shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const items = Int32Array.of(1, 2, 3, 4);
      shuffle(items, stream);
      counts.set(items.join(), (counts.get(items.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 99.9% of fair shuffles lie below 49.7 with 23 degrees of freedom.
    expect(chiSquared([...counts.values()])).toBeLessThan(49.7);
  });
});
