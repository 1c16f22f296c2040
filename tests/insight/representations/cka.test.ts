import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
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

  it('is about 0 for unrelated representations, even with more features than frames', () => {
    expect(Math.abs(debiasedCka(cloud(30, 300, 1), cloud(30, 300, 2), 30))).toBeLessThan(0.1);
  });

  it('needs four frames', () => {
    expect(() => debiasedCka([1, 2, 3], [1, 2, 3], 3)).toThrow('expected at least 4 frames, got 3');
  });
});
