import { describe, expect, it } from 'vitest';
import { pictureOf, valueAt } from '../../apps/viewer/src/scene/overlayPicture.ts';
import type { DrawnOverlay, PictureOptions } from '../../apps/viewer/src/scene/overlayPicture.ts';

const overlay = (map: number[], shape: number[], more: Partial<DrawnOverlay> = {}): DrawnOverlay => ({
  ok: true,
  request: 'o',
  method: 'integratedGradients',
  layer: '2b',
  target: 'value',
  shape,
  map: Float32Array.from(map),
  signed: true,
  scale: 4,
  score: 0,
  milliseconds: 0,
  ...more,
});
const options: PictureOptions = {
  opacity: 1,
  smooth: false,
  sign: 'both',
  clip: 1,
  factor: null,
  height: 4,
  width: 4,
};
const alphas = (overlayed: DrawnOverlay, more: Partial<PictureOptions> = {}): number[] => {
  const { data } = pictureOf(overlayed, { ...options, height: 2, width: 2, ...more }).paint;
  return [0, 1, 2, 3].map((p) => data[p * 4 + 3]);
};

describe('the picture of an overlay', () => {
  const signed = overlay([4, -2, 0, 1], [2, 2]);

  it('is on the scale that the server states', () => {
    const { scale, paint } = pictureOf(signed, options);
    expect(scale.limit).toBe(4);
    expect([paint.height, paint.width]).toEqual([4, 4]);
    expect(alphas(signed)).toEqual([255, 128, 0, 64]);
  });

  it('draws one sign alone when asked', () => {
    expect(alphas(signed, { sign: 'positive' })).toEqual([255, 0, 0, 64]);
    expect(alphas(signed, { sign: 'negative' })).toEqual([0, 128, 0, 0]);
  });

  it('spans only the given share of the positions when asked', () => {
    expect(pictureOf(signed, { ...options, clip: 0.5 }).scale.limit).toBe(1.5);
  });

  it('sums a decomposition, or draws one factor on the scale that all share', () => {
    const factors = overlay([1, 2, 0, 0, 2, -2, 0, 1], [2, 2, 2]);
    expect([...pictureOf(factors, options).flat.values]).toEqual([3, 0, 0, 1]);
    expect(pictureOf(factors, options).scale.limit).toBe(3);
    const one = pictureOf(factors, { ...options, factor: 1 });
    expect([...one.flat.values]).toEqual([2, -2, 0, 1]);
    expect(one.scale.limit).toBe(4);
  });

  it('reads the map under a point', () => {
    const picture = pictureOf(signed, options);
    expect(valueAt(picture, 0.75, 0.1)).toBe(-2);
    expect(valueAt(picture, 0.1, 0.99)).toBe(0);
  });

  it('refuses a value that is not a number', () => {
    expect(() => pictureOf(overlay([NaN, 0, 0, 0], [2, 2]), options)).toThrow(/finite/);
  });
});
