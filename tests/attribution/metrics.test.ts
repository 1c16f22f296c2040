import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import {
  centredMap,
  createAttributor,
  deletion,
  edgeMap,
  infidelity,
  insertion,
  massAccuracy,
  maxSensitivity,
  pointingGame,
  rankAccuracy,
  rawOutput,
  sampleNoise,
  sampleSubsets,
  sensitivityN,
  structuralSimilarity,
  uniformMap,
} from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { modelOf } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('metrics against a mask', () => {
  const mask = Uint8Array.of(1, 1, 0, 0, 0, 0);

  it('count the maximum, the mass and the ranks inside; the negative part does not count', () => {
    const map = Float32Array.of(3, -9, 1, 0, 2, -4);
    expect(pointingGame(map, mask)).toBe(1);
    expect(massAccuracy(map, mask)).toBeCloseTo(0.5, 6);
    expect(rankAccuracy(map, mask)).toBeCloseTo(0.5, 6);
    expect(
      pointingGame(
        map.map((x) => -x),
        mask,
      ),
    ).toBe(1);
    expect(pointingGame(Float32Array.of(0, 0, 5, 0, 0, 0), mask)).toBe(0);
  });

  it('score a constant map by the share of the area, which is what random maps average', () => {
    for (const value of [0, 2]) {
      const flat = new Float32Array(6).fill(value);
      for (const metric of [pointingGame, massAccuracy, rankAccuracy]) expect(metric(flat, mask)).toBeCloseTo(1 / 3, 6);
    }
    const random = createStream(1, 'metrics');
    for (const metric of [pointingGame, massAccuracy, rankAccuracy]) {
      let sum = 0;
      for (let i = 0; i < 3000; i++) sum += metric(uniformMap({ height: 2, width: 3 }, random), mask) / 3000;
      expect(Math.abs(sum - 1 / 3)).toBeLessThan(0.03);
    }
  });

  it('give 1 to the mask itself and stay within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.boolean()), { minLength: 2, maxLength: 40 }),
        (cells) => {
          const inside = Uint8Array.from(cells, ([, is]) => (is ? 1 : 0));
          if (!inside.includes(1)) return;
          const map = Float32Array.from(cells, ([value]) => value);
          for (const metric of [pointingGame, massAccuracy, rankAccuracy]) {
            expect(metric(Float32Array.from(inside), inside)).toBe(1);
            const score = metric(map, inside);
            expect(score >= 0 && score <= 1 + 1e-6).toBe(true);
          }
        },
      ),
    );
  });
});

/** A linear target over a 4x4 layer of two channels: its exact attribution is weight x activation. */
const weights = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i * 1.7));
const linear = createAttributor(
  modelOf([4, 4, 2], 1, (x, ops) => tf.matMul(ops.flatten(x) as tf.Tensor2D, tf.tensor2d(weights, [32, 1])), {}),
  eagerCompile,
);
const activation = Float32Array.from({ length: 32 }, (_, i) => 1 + Math.cos(i * 0.9));
const request = { attributor: linear, activation, target: rawOutput(linear.model, 0) };
const exact = Float32Array.from(
  { length: 16 },
  (_, p) => weights[2 * p] * activation[2 * p] + weights[2 * p + 1] * activation[2 * p + 1],
);

describe('metrics by removal', () => {
  it('take away the highest first: the curve of an exact map is its running sum', async () => {
    const { scores, shares, area } = await deletion(request, exact, { steps: 16 });
    const sorted = Float32Array.from(exact).sort().reverse();
    const all = exact.reduce((a, b) => a + b, 0);
    const expected = Array.from({ length: 17 }, (_, k) => all - sorted.subarray(0, k).reduce((a, b) => a + b, 0));
    expect(scores).toBeAllClose(expected, { absolute: 1e-5 });
    expect(shares[16]).toBe(1);
    const trapezoid = expected.slice(1).reduce((sum, value, i) => sum + (value + expected[i]) / 32, 0);
    expect(area).toBeCloseTo(trapezoid, 5);
  });

  it('mirror each other for a linear target, and no order beats the exact one', async () => {
    const removed = await deletion(request, exact);
    const revealed = await insertion(request, exact);
    const [score] = await linear.scores(activation, request.target);
    expect(removed.area + revealed.area).toBeCloseTo(score, 4);
    const random = createStream(3, 'removal');
    for (let i = 0; i < 5; i++) {
      const other = await deletion(request, uniformMap({ height: 4, width: 4 }, random));
      expect(other.area).toBeGreaterThanOrEqual(removed.area - 1e-5);
    }
  });
});

describe('metrics by perturbation', () => {
  it('sensitivity-n is 1 for the exact map, 0 on average for a random one', async () => {
    const subsets = await sampleSubsets(request, createStream(1, 'subsets'), { share: 0.25 });
    expect(sensitivityN(exact, subsets)).toBeCloseTo(1, 5);
    const random = createStream(2, 'maps');
    let sum = 0;
    for (let i = 0; i < 200; i++) sum += sensitivityN(uniformMap({ height: 4, width: 4 }, random), subsets) / 200;
    expect(Math.abs(sum)).toBeLessThan(0.1);
  });

  it('infidelity is 0 for the exact slopes at any scale, 1 for a map that says nothing', async () => {
    const noise = await sampleNoise(request, createStream(1, 'noise'));
    const slopes = Float32Array.from({ length: 16 }, (_, p) => 3 * (weights[2 * p] + weights[2 * p + 1]));
    const result = infidelity(slopes, noise);
    expect(result.relative).toBeLessThan(1e-6);
    expect(result.scale).toBeCloseTo(1 / 3, 4);
    expect(infidelity(new Float32Array(16), noise).relative).toBe(1);
  });

  it('max-sensitivity is 0 for a constant explanation and grows with what varies', async () => {
    const stream = (): ReturnType<typeof createStream> => createStream(1, 'sensitivity');
    expect(await maxSensitivity(activation, () => Promise.resolve(exact), stream())).toBe(0);
    const own = await maxSensitivity(activation, (x) => Promise.resolve(x), stream());
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan((0.02 * Math.sqrt(32)) / Math.hypot(...activation));
  });
});

describe('similarity', () => {
  it('is 1 for equal maps, near 0 for unrelated noise, below 0 for the opposite', () => {
    const size = { height: 32, width: 32 };
    const random = createStream(1, 'similarity');
    const a = uniformMap(size, random);
    const b = uniformMap(size, random);
    expect(structuralSimilarity(a, a, size, 1)).toBeCloseTo(1, 6);
    expect(Math.abs(structuralSimilarity(a, b, size, 1))).toBeLessThan(0.1);
    expect(
      structuralSimilarity(
        a,
        a.map((x) => 1 - x),
        size,
        1,
      ),
    ).toBeLessThan(-0.5);
  });
});

describe('control maps', () => {
  it('the centred one peaks in the middle, the edges lie where the picture changes', () => {
    const size = { height: 8, width: 8 };
    const centred = centredMap(size);
    expect(centred.indexOf(Math.max(...centred))).toBe(3 * 8 + 3);
    expect(centred[0]).toBeCloseTo(centred[63], 6);
    const frame = Uint8Array.from({ length: 64 }, (_, p) => (p % 8 < 4 ? 0 : 100));
    const edges = edgeMap(frame, size);
    for (let p = 0; p < 64; p++) expect(edges[p]).toBe(p % 8 === 3 || p % 8 === 4 ? 400 : 0);
  });
});
