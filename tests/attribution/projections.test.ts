import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import {
  distanceSignature,
  factorise,
  jointProbabilities,
  metaSne,
  principalComponents,
  principalReconstruction,
  representationDistances,
  squaredDistances,
  tsne,
} from '@saccade/attribution';
import '../support/allClose.ts';

interface Golden {
  tall: PcaCase;
  wide: PcaCase;
  tsne: {
    points: number[];
    columns: number;
    perplexity: number;
    start: number[];
    joint: number[];
    after5: number[];
    divergences: number[];
  };
  nmf: { columns: number; factors: number; matrix: number[]; error: number; directions: number[] };
}
interface PcaCase {
  points: number[];
  columns: number;
  components: number[];
  variances: number[];
  total: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/insight/projections.json', import.meta.url), 'utf8'),
) as Golden;

function cloud(rows: number, columns: number, seed: number): Float64Array {
  const stream = createStream(seed, 'cloud');
  return Float64Array.from({ length: rows * columns }, () => normal(stream));
}

/** Rotates the first two columns, scales and shifts all. */
function moved(points: Float64Array, columns: number, angle: number, scale: number): Float64Array {
  return points.map((value, at) => {
    const column = at % columns;
    const row = at - column;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const turned =
      column === 0
        ? c * points[row] - s * points[row + 1]
        : column === 1
          ? s * points[row] + c * points[row + 1]
          : value;
    return scale * turned + 3;
  });
}

describe('principal components', () => {
  it('are scikit-learn’s, for more points than columns and for fewer', () => {
    for (const { points, columns, components, variances, total } of [golden.tall, golden.wide]) {
      const found = principalComponents(points, columns, 3);
      expect(found.components).toBeAllClose(components, { absolute: 1e-8 });
      expect(found.variances).toBeAllClose(variances, { absolute: 1e-8 });
      expect(found.totalVariance).toBeCloseTo(total, 8);
    }
  });

  it('rebuild points on a plane exactly', () => {
    const points = Float64Array.from([0, 0, 1, 1, 2, 0, 3, 1, 5, 5, 10, 0, 7, 3, 10, 2], (value, at) =>
      at % 4 === 3 ? 1 : value,
    );
    const found = principalComponents(points, 4, 3);
    expect(principalReconstruction(points, found)).toBeAllClose(points, { absolute: 1e-5 });
  });

  it('say what they need', () => {
    expect(() => principalComponents([1, 2], 2, 1)).toThrow('expected at least 2 points, got 1');
    expect(() => principalComponents([1, 2, 3, 4], 2, 3)).toThrow('expected 1 to 2 components, got 3');
  });
});

describe('t-SNE', () => {
  const { points, columns, perplexity, start, joint, after5, divergences } = golden.tsne;

  it('has scikit-learn’s neighbourhoods', () => {
    expect(jointProbabilities(squaredDistances(points, columns), 42, perplexity)).toBeAllClose(joint, {
      absolute: 1e-7,
      relative: 1e-3,
    });
  });

  it('takes scikit-learn’s steps from the same start', () => {
    const found = tsne(points, columns, { perplexity, start: Float64Array.from(start), iterations: 5 });
    expect(found.coordinates).toBeAllClose(after5, { absolute: 1e-4 });
  });

  it('ends as well as scikit-learn does from some of many starts', () => {
    const found = tsne(points, columns, { perplexity, start: Float64Array.from(start) });
    expect(found.divergence).toBeLessThanOrEqual(Math.max(...divergences));
  });

  it('keeps clusters together and gives the same bytes each time', () => {
    const found = tsne(points, columns, { perplexity });
    expect(found).toEqual(tsne(points, columns, { perplexity }));
    const distances = squaredDistances(found.coordinates, 2);
    for (let i = 0; i < 42; i++) {
      const others = Array.from({ length: 42 }, (_, j) => j).filter((j) => j !== i);
      const nearest = others.reduce((best, j) => (distances[i * 42 + j] < distances[i * 42 + best] ? j : best));
      expect(Math.floor(nearest / 14)).toBe(Math.floor(i / 14));
    }
  });

  it('refuses perplexities that the points cannot have', () => {
    expect(() => tsne(cloud(3, 2, 1), 2)).toThrow('expected at least 4 points, got 3');
    expect(() => tsne(cloud(9, 2, 1), 2, { perplexity: 9 })).toThrow(/below the 9 points, got 9/);
  });
});

describe('representations as points', () => {
  it('do not move under rotation, shift or scale', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.1, max: 9, noNaN: true }), (seed, scale) => {
        const points = cloud(12, 4, seed);
        const copy = moved(points, 4, seed, scale);
        const [distance] = representationDistances([distanceSignature(points, 4), distanceSignature(copy, 4)]).slice(1);
        const other = representationDistances([
          distanceSignature(points, 4),
          distanceSignature(cloud(12, 4, seed + 5000), 4),
        ])[1];
        expect(distance).toBeLessThan(1e-9);
        expect(other).toBeGreaterThan(1e-3);
      }),
      { numRuns: 20 },
    );
  });

  it('are laid out with copies on one spot', () => {
    const points = cloud(15, 4, 1);
    const signatures = [points, moved(points, 4, 1, 2), cloud(15, 4, 2), cloud(15, 4, 3)].map((activations) =>
      distanceSignature(activations, 4),
    );
    const { coordinates } = metaSne(signatures);
    expect(Math.hypot(coordinates[0] - coordinates[2], coordinates[1] - coordinates[3])).toBeLessThan(1e-8);
  });

  it('need frames that differ', () => {
    expect(() => distanceSignature(new Float64Array(12), 3)).toThrow(/differ between frames/);
  });
});

describe('non-negative factorisation beside scikit-learn', () => {
  it('reconstructs as well, within 1%, with the same directions', () => {
    const { matrix, columns, factors, error, directions } = golden.nmf;
    const fit = factorise(Float32Array.from(matrix), columns, factors);
    expect(fit.error).toBeLessThan(1.01 * error);
    expect(fit.directions).toBeAllClose(directions, { absolute: 0.02, relative: 0.02 });
  });
});
