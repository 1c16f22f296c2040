/** Attribution along many paths, against integrals solved by hand. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAttributor, methods, multiPathAttribution, rawOutput } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { modelOf, smallConvolution, smallFrame } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** outputs = [x0 x1, x0^2 x1, 2 x0 - 3 x1] */
const products = createAttributor(
  modelOf([2], 3, (x, ops) => {
    const flat = ops.flatten(x);
    const first = tf.slice(flat, [0, 0], [-1, 1]);
    const second = tf.slice(flat, [0, 1], [-1, 1]);
    const both = tf.mul(first, second);
    return tf.concat([both, tf.mul(first, both), tf.sub(tf.mul(first, 2), tf.mul(second, 3))], 1) as tf.Tensor2D;
  }),
  eagerCompile,
);
const activation = Float32Array.of(1, 1);
const parts = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
const ask = (output: number): ReturnType<typeof multiPathAttribution> =>
  multiPathAttribution({ attributor: products, target: rawOutput(products.model, output), activation, parts });

describe('multi-path attribution', () => {
  it('shares x0 x1 equally: 5/6 and 1/6 on one path, 1/6 and 5/6 on the other', async () => {
    const { map, paths } = await ask(0);
    expect(paths).toBe(2);
    expect(map).toBeAllClose([0.5, 0.5], { absolute: 1e-6 });
  });

  it('of x0^2 x1 gives 3/5 and 2/5, the mean of 14/15 and 4/15, where the straight path gives 2/3 and 1/3', async () => {
    expect((await ask(1)).map).toBeAllClose([0.6, 0.4], { absolute: 1e-6 });
    const straight = await methods.integratedGradients.attribute({
      attributor: products,
      activation,
      target: rawOutput(products.model, 1),
    });
    expect(straight.map).toBeAllClose([2 / 3, 1 / 3], { absolute: 1e-6 });
  });

  it('of a linear target is weight x part, whatever the path', async () => {
    const { parts: own, rest } = await ask(2);
    expect(own[0]).toBeAllClose([2, 0], { absolute: 1e-6 });
    expect(own[1]).toBeAllClose([0, -3], { absolute: 1e-6 });
    expect(rest).toBeAllClose([0, 0], { absolute: 1e-6 });
  });

  it('has 70 paths for 8 parts, and what the parts and the rest contribute sums to the change of the target', async () => {
    const attributor = smallConvolution();
    await fc.assert(
      fc.asyncProperty(fc.nat(100), async (seed) => {
        const frame = smallFrame(seed);
        // Eight parts with some left over.
        const eight = Array.from({ length: 8 }, (_, k) => frame.map((value, i) => (i % 9 === k ? value : 0)));
        const {
          map,
          paths,
          score,
          baselineScore,
          parts: maps,
          rest,
        } = await multiPathAttribution({
          attributor,
          target: rawOutput(attributor.model, 3),
          activation: frame,
          parts: eight,
        });
        expect(paths).toBe(70);
        const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
        expect(Math.abs(sum(map) - (score - baselineScore))).toBeLessThan(
          0.05 * Math.abs(score - baselineScore) + 0.01,
        );
        expect([...maps, rest].reduce((total, part) => total + sum(part), 0)).toBeCloseTo(sum(map), 4);
      }),
      { numRuns: 2 },
    );
  });

  it('says how many parts it takes, and of which size', async () => {
    const request = { attributor: products, target: rawOutput(products.model, 0), activation };
    await expect(multiPathAttribution({ ...request, parts: [] })).rejects.toThrow('expected 1 to 12 parts, got 0');
    await expect(multiPathAttribution({ ...request, parts: [Float32Array.of(1)] })).rejects.toThrow('2 values, got 1');
  });
});
