import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import { distanceSignature } from '@saccade/attribution';
import { debiasedCka } from '@saccade/insight';

const golden = JSON.parse(readFileSync(new URL('../../golden/insight/projections.json', import.meta.url), 'utf8')) as {
  cka: { x: number[]; y: number[]; frames: number; value: number };
};

function cloud(frames: number, features: number, seed: number): Float64Array {
  const stream = createStream(seed, 'cloud');
  return Float64Array.from({ length: frames * features }, () => normal(stream));
}

describe('debiased CKA', () => {
  it('is the reference’s', () => {
    const { x, y, frames, value } = golden.cka;
    expect(debiasedCka(x, y, frames)).toBeCloseTo(value, 8);
  });

  it('is 1 for a rescaled, shifted copy', () => {
    const x = cloud(30, 6, 1);
    expect(
      debiasedCka(
        x,
        x.map((value) => 5 - 3 * value),
        30,
      ),
    ).toBeCloseTo(1, 10);
  });

  it('does not move when a representation is turned, mirrored, shifted and rescaled; neither do normalised distances', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (seed, angles, scale) => {
          const frames = 12;
          const features = 4;
          const [x, y] = [cloud(frames, features, seed), cloud(frames, 3, seed + 1)];
          const turned = x.slice();
          // Rotations in each pair of axes, and a mirror: any isometry is such a product.
          let k = 0;
          for (let i = 0; i < features; i++) {
            for (let j = i + 1; j < features; j++, k++) {
              const [c, s] = [Math.cos(angles[k]), Math.sin(angles[k])];
              for (let row = 0; row < frames * features; row += features) {
                const [a, b] = [turned[row + i], turned[row + j]];
                turned[row + i] = c * a - s * b;
                turned[row + j] = s * a + c * b;
              }
            }
          }
          const moved = turned.map((value, at) => scale * (at % features === 0 ? -value : value) + (at % features));
          expect(debiasedCka(moved, y, frames)).toBeCloseTo(debiasedCka(x, y, frames), 8);
          const [before, after] = [distanceSignature(x, features), distanceSignature(moved, features)];
          before.forEach((value, at) => expect(after[at]).toBeCloseTo(value, 8));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is about 0 for unrelated representations, even with more features than frames', () => {
    expect(Math.abs(debiasedCka(cloud(30, 300, 1), cloud(30, 300, 2), 30))).toBeLessThan(0.1);
  });

  it('needs four frames', () => {
    expect(() => debiasedCka([1, 2, 3], [1, 2, 3], 3)).toThrow('expected at least 4 frames, got 3');
  });
});
