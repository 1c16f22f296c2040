import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { decode, encode, factorise, reconstructionError } from '@saccade/attribution';
import '../support/allClose.ts';

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
