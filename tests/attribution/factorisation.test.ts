import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { decode, encode, factorise, reconstructionError } from '@saccade/attribution';
import '../support/allClose.ts';
import { uniform } from './golden.ts';

function randomMatrix(rows: number, columns: number, seed: number): Float32Array {
  const stream = createStream(seed, 'matrix');
  return Float32Array.from({ length: rows * columns }, () => Math.max(0, stream.next() - 0.3));
}

describe('non-negative factorisation', () => {
  it('recovers a product of non-negative factors', () => {
    const weights = Float32Array.of(1, 0, 0, 2, 3, 1, 0, 1);
    const directions = Float32Array.of(1, 2, 0, 0, 1, 5);
    const matrix = decode(weights, directions, 3);
    const { error } = factorise(matrix, 3, 2, { tolerance: 1e-8, maximumIterations: 2000 });
    expect(error).toBeLessThan(0.01);
  });

  it('stays non-negative, and more iterations never fit worse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 4 }), (seed, factors) => {
        const matrix = randomMatrix(30, 6, seed);
        let last = Infinity;
        for (const maximumIterations of [1, 2, 4, 8, 40]) {
          const fit = factorise(matrix, 6, factors, { maximumIterations, tolerance: 0 });
          expect(fit.weights.every((value) => value >= 0)).toBe(true);
          expect(fit.directions.every((value) => value >= 0)).toBe(true);
          expect(fit.error).toBeLessThanOrEqual(last * (1 + 1e-9));
          last = fit.error;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('gives the same bytes each time', () => {
    const matrix = randomMatrix(50, 8, 1);
    expect(factorise(matrix, 8, 3)).toEqual(factorise(matrix, 8, 3));
  });

  it('encodes new rows as well as any other weights would', () => {
    const matrix = randomMatrix(40, 6, 3);
    const fit = factorise(matrix, 6, 3);
    const encoded = encode(matrix, fit.directions, 6, { tolerance: 1e-10, maximumIterations: 5000 });
    const best = reconstructionError(matrix, encoded, fit.directions, 6, 3);
    expect(best).toBeLessThanOrEqual(fit.error * (1 + 1e-6));
    const nudged = encoded.map((value, i) => Math.max(0, value + (i % 2 ? 0.02 : -0.02)));
    expect(reconstructionError(matrix, nudged, fit.directions, 6, 3)).toBeGreaterThan(best);
  });

  it('says what is wrong with its input', () => {
    expect(() => factorise(randomMatrix(5, 4, 1), 4, 5)).toThrow('expected 1 to 4 factors, got 5');
    expect(() => factorise(new Float32Array(20), 4, 2)).toThrow(/zeros/);
    expect(() => factorise(Float32Array.of(1, -1, 1, 1), 2, 1)).toThrow(/at least 0, got -1/);
  });
});

interface GoldenFactors {
  seed: number;
  rows: number;
  columns: number;
  factors: number;
  sparse: boolean;
  error: number;
  iterations: number;
  directions: number[];
  encodedError: number;
}

const goldenFactors = JSON.parse(readFileSync('tests/golden/attribution/factors.json', 'utf8')) as GoldenFactors[];

/** As tests/golden/attribution/make_factors.py makes them. */
function goldenMatrix(seed: number, rows: number, columns: number, sparse: boolean): Float32Array {
  const noise = uniform(seed, rows * columns);
  if (!sparse) return Float32Array.from(noise, (value) => (value + 1) / 2);
  const parts = uniform(seed + 1, rows * 5).map((value) => Math.max(value, 0) ** 2);
  const directions = uniform(seed + 2, 5 * columns).map((value) => Math.max(value, 0));
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let mixed = 0;
    for (let part = 0; part < 5; part++) mixed += parts[row * 5 + part] * directions[part * columns + column];
    return Math.max(mixed * 3 + noise[at] * 0.3 - 0.1, 0);
  });
}

describe('against scikit-learn', () => {
  it.each(goldenFactors)(
    '$factors factors of [$rows, $columns]: the same directions, the same errors',
    ({ seed, rows, columns, factors, sparse, error, iterations, directions, encodedError }) => {
      const fit = factorise(goldenMatrix(seed, rows, columns, sparse), columns, factors);
      expect(Math.abs(fit.error / error - 1)).toBeLessThan(0.01);
      // Beyond the rank of the signal scikit-learn's start comes from a randomised SVD of noise, ours from an exact one.
      const determined = !(sparse && factors > 5 && rows > columns);
      if (determined) {
        expect(fit.error / error).toBeCloseTo(1, 4);
        expect(fit.iterations).toBe(iterations);
        expect(fit.directions).toBeAllClose(directions, { absolute: 2e-3 * Math.max(...directions), relative: 1e-2 });
      }
      const fresh = goldenMatrix(seed + 100, 50, columns, sparse);
      const encoded = encode(fresh, fit.directions, columns);
      const encodedRatio = reconstructionError(fresh, encoded, fit.directions, columns, factors) / encodedError;
      expect(encodedRatio).toBeLessThan(1.01);
      if (determined) expect(encodedRatio).toBeCloseTo(1, 3);
    },
  );
});
