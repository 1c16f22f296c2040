import { describe, expect, it } from 'vitest';
import { colourScale, flatten, legend, paint, paintOver, resizeBilinear, resizeMap } from '@saccade/attribution';
import '../support/allClose.ts';

const map = (values: number[], height: number, width: number, signed = true) => ({
  values: Float32Array.from(values),
  height,
  width,
  signed,
});

describe('resizing a map', () => {
  it('is bilinear with cell centres aligned', () => {
    const resized = resizeBilinear(Float32Array.of(0, 1, 2, 3), { height: 2, width: 2 }, { height: 4, width: 4 });
    expect(resized.subarray(0, 4)).toBeAllClose([0, 0.25, 0.75, 1]);
    expect(resized.subarray(12)).toBeAllClose([2, 2.25, 2.75, 3]);
  });

  it('can keep the squares of the layer', () => {
    const { values } = resizeMap(map([0, 1, 2, 3], 2, 2), { height: 4, width: 4 }, false);
    expect(values).toBeAllClose([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3]);
  });
});

describe('flattening channels', () => {
  it('sums signed maps and takes the maximum of unsigned ones', () => {
    const values = Float32Array.of(1, -3, 2, 5);
    expect(flatten(values, [1, 2, 2], true).values).toBeAllClose([-2, 7]);
    expect(flatten(values, [1, 2, 2], false).values).toBeAllClose([1, 5]);
  });
});

describe('painting', () => {
  it('gives equal strength to opposite values and none to zero', () => {
    const flat = map([-2, 0, 2, 1], 1, 4);
    const { data } = paint(flat, colourScale(flat), { opacity: 0.5 });
    expect([data[3], data[7], data[11], data[15]]).toEqual([128, 0, 128, 64]);
    const red = (at: number): number => data[at * 4] - data[at * 4 + 2];
    expect(red(0)).toBeLessThan(0);
    expect(red(2)).toBeGreaterThan(0);
  });

  it('composites by straight alpha', () => {
    const result = paintOver(Uint8Array.of(100, 100, 100), {
      data: Uint8ClampedArray.of(200, 0, 100, 51),
      height: 1,
      width: 1,
    });
    expect([...result]).toEqual([120, 80, 100]);
  });

  it('has a legend in the units of the map', () => {
    const flat = map([-2, 0, 4, 1], 1, 4);
    const entries = legend(colourScale(flat), 5);
    expect(entries.map((entry) => entry.value)).toEqual([-4, -2, 0, 2, 4]);
    const painted = paint(
      { ...flat, values: Float32Array.from(entries, (e) => e.value), width: 5 },
      colourScale(flat),
      {
        fade: false,
      },
    );
    entries.forEach(({ colour }, i) => expect([...painted.data.subarray(i * 4, i * 4 + 3)]).toEqual([...colour]));
  });

  it('clips the scale at a share of the magnitudes, shares it, or has it fixed', () => {
    const a = map([1, 2, 3, 100], 1, 4);
    expect(colourScale(a, { clip: 2 / 3 }).limit).toBeCloseTo(3);
    expect(colourScale([a, map([-200, 0, 0, 0], 1, 4)]).limit).toBe(200);
    expect(colourScale(a, { limit: 5 }).limit).toBe(5);
  });

  it('never draws NaN, and draws an all-zero map as nothing', () => {
    expect(() => colourScale(map([1, NaN], 1, 2))).toThrow(/finite/);
    expect(() => paint(map([1, NaN], 1, 2), { palette: 'purple-orange', limit: 1 })).toThrow(/finite.*NaN/);
    const nothing = map([0, 0], 1, 2);
    expect([...paint(nothing, colourScale(nothing)).data.filter((_, i) => i % 4 === 3)]).toEqual([0, 0]);
  });
});
