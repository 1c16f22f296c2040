import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import {
  assign,
  auroc,
  bootstrap,
  bootstrapMean,
  holm,
  matchDirections,
  mcnemarExact,
  midranks,
  pearson,
  quantile,
  slope,
  spearman,
} from '@saccade/insight';
import '../../support/allClose.ts';

describe('paired tests', () => {
  it('McNemar’s exact p is the binomial’s two tails', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
    expect(mcnemarExact(3, 3)).toBe(1);
    expect(mcnemarExact(0, 5)).toBeCloseTo(2 / 32, 12);
    expect(mcnemarExact(1, 9)).toBeCloseTo((2 * 11) / 1024, 12);
    expect(mcnemarExact(0, 1249)).toBeLessThan(1e-300);
  });

  it('Holm multiplies the smallest by the count and never orders them anew', () => {
    expect(holm([0.01, 0.04, 0.03])).toBeAllClose([0.03, 0.06, 0.06]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe('the bootstrap of a mean', () => {
  it('holds a constant exactly and a fair coin around a half', () => {
    const stream = createStream(1, 'bootstrap');
    expect(bootstrapMean([2, 2, 2], stream)).toEqual({ estimate: 2, low: 2, high: 2 });
    const coin = Array.from({ length: 400 }, (_, i) => i % 2);
    const { estimate, low, high } = bootstrapMean(coin, stream);
    expect(estimate).toBe(0.5);
    // Normal theory: .5 +- 1.96 * .5 / 20
    expect(low).toBeGreaterThan(0.43);
    expect(low).toBeLessThan(0.47);
    expect(high).toBeGreaterThan(0.53);
    expect(high).toBeLessThan(0.57);
  });

  it('drawn by counts is the experiment drawn unit by unit', () => {
    const resamples = 4000;
    const differences = Int8Array.from({ length: 2000 }, (_, i) => (i < 30 ? 1 : i < 40 ? -1 : 0));
    const byCounts = bootstrapMean(differences, createStream(2, 'counts'), { resamples });
    const mean = (drawn: Int32Array): number => drawn.reduce((sum, i) => sum + differences[i], 0) / drawn.length;
    const byUnits = bootstrap(differences.length, mean, createStream(3, 'units'), { resamples });
    // Theory: sd of the mean = sqrt((E x^2 - (E x)^2) / n) = .00315; quantiles of 4,000 draws err by about .00013.
    expect(byCounts.estimate).toBeCloseTo(0.01, 12);
    expect(byCounts.low).toBeCloseTo(0.01 - 1.96 * 0.00315, 3);
    expect(byCounts.high).toBeCloseTo(0.01 + 1.96 * 0.00315, 3);
    expect(Math.abs(byCounts.low - byUnits.low)).toBeLessThan(0.0008);
    expect(Math.abs(byCounts.high - byUnits.high)).toBeLessThan(0.0008);
  });
});

describe('ranks', () => {
  it('share ties', () => {
    expect(midranks([3, 1, 3, 2])).toEqual(Float64Array.of(3.5, 1, 3.5, 2));
  });

  it('give the area under the ROC curve by counting pairs', () => {
    expect(auroc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(auroc([1, 1, 1], [0, 1, 0])).toBe(0.5);
    expect(auroc([1, 2], [0, 0])).toBeNaN();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { minLength: 2 }), (pairs) => {
        const positives = pairs.filter(([, yes]) => yes);
        const negatives = pairs.filter(([, yes]) => !yes);
        if (positives.length === 0 || negatives.length === 0) return;
        let wins = 0;
        for (const [a] of positives) for (const [b] of negatives) wins += a > b ? 1 : a === b ? 0.5 : 0;
        const expected = wins / (positives.length * negatives.length);
        expect(
          auroc(
            pairs.map(([score]) => score),
            pairs.map(([, yes]) => yes),
          ),
        ).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('correlate', () => {
    expect(pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3], [1, 1, 1])).toBeNaN();
    expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 12);
    expect(slope([0, 1, 2], [1, 3, 5])).toBeCloseTo(2, 12);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  });
});

describe('matching', () => {
  it('finds the assignment that trying all would find', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 16, maxLength: 16 }), (cost) => {
        const total = (columns: ArrayLike<number>): number =>
          Array.from(columns).reduce((sum, column, row) => sum + cost[row * 4 + column], 0);
        const orders = [0, 1, 2, 3].flatMap((a) =>
          [0, 1, 2, 3].flatMap((b) =>
            [0, 1, 2, 3].flatMap((c) => [0, 1, 2, 3].map((d) => [a, b, c, d]).filter((o) => new Set(o).size === 4)),
          ),
        );
        const found = assign(cost, 4, 4);
        expect(new Set(found).size).toBe(4);
        expect(total(found)).toBe(Math.min(...orders.map(total)));
      }),
    );
  });

  it('pairs a dictionary with its shuffled copy', () => {
    const first = Float32Array.of(1, 0, 0, 0, 2, 1, 0, 0, 3);
    const second = Float32Array.of(0, 0, 1, 2, 0, 0, 0, 4, 2);
    const { partner, meanCosine } = matchDirections(first, second, 3);
    expect([...partner]).toEqual([1, 2, 0]);
    expect(meanCosine).toBeCloseTo(1, 6);
  });
});
