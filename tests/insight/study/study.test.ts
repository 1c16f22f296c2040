import { describe, expect, it } from 'vitest';
import { diversityFindings } from '@saccade/insight';
import type { StudiedPolicy } from '@saccade/insight';

const of = (levels: number, seed: number, alignment: number, test: number, early = false): StudiedPolicy => ({
  levels,
  seed,
  steps: early ? 10 : 100,
  early,
  train: 0.9,
  test,
  alignment,
});

describe('the diversity hypothesis', () => {
  const policies = [10, 100, 1000].flatMap((levels, i) =>
    [0, 1, 2].map((seed) => of(levels, seed, 0.6 + 0.1 * i + 0.001 * seed, 0.5 + 0.2 * i)),
  );

  it('is the slope on log count, with every policy a unit', () => {
    const { slope, testSlope, gapSlope } = diversityFindings(policies);
    expect(slope.estimate).toBeCloseTo(0.1, 10);
    expect(slope.low).toBeGreaterThan(0.095);
    expect(slope.high).toBeLessThan(0.105);
    expect(testSlope.estimate).toBeCloseTo(0.2, 10);
    expect(gapSlope.estimate).toBeCloseTo(-0.2, 10);
  });

  it('is held against early checkpoints of equal competence', () => {
    const { matched } = diversityFindings([...policies, of(1000, 0, 0.65, 0.51, true), of(1000, 1, 0.75, 0.69, true)]);
    expect(matched.pairs.map(({ difference }) => Number(difference.toFixed(3)))).toEqual([
      0.05, 0.049, 0.048, 0.05, 0.049, 0.048,
    ]);
    expect(matched.mean?.estimate).toBeCloseTo(0.049, 6);
    expect(diversityFindings(policies).matched.pairs).toHaveLength(0);
  });

  it('needs two level counts', () => {
    expect(() => diversityFindings(policies.slice(0, 3))).toThrow('expected two level counts or more, got 1');
  });
});
