/**
 * Compiled gradients against finite differences of the compiled function itself, along random directions: the proof
 * for gradients that plain TensorFlow.js has wrong (average pools with padding, oblong images), and a second one for
 * the others.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildNetwork, forward, plainOps } from '@saccade/nn';
import { jit, numbers, seeds, shapes, tensorOf } from './support.ts';

type Scalar = (x: tf.Tensor) => tf.Tensor;

/**
 * The slope of `f` along a direction, from its gradient and from f(x + step direction) and f(x - step direction). Float32 leaves
 * about four digits of a difference.
 */
async function slopes(f: Scalar, shape: readonly number[], seed: number, step = 5e-3): Promise<[number, number]> {
  await tf.setBackend('cpu');
  const inputs = { x: { shape, dtype: 'float32' as const } };
  const value = await jit.compile(({ x }) => ({ y: f(x) }), { inputs });
  const gradient = await jit.compile(({ x }) => ({ dx: tf.grad(f)(x) }), { inputs });
  const x = tensorOf(seed, shape).data as Float32Array;
  const direction = numbers(seed + 17, x.length);
  const at = async (t: number): Promise<number> =>
    (await value({ x: Float32Array.from(x, (xi, i) => xi + t * direction[i]) }))['y'].data[0];
  const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
  const { data } = (await gradient({ x }))['dx'];
  const analytic = direction.reduce((sum, d, i) => sum + d * data[i], 0);
  value.dispose();
  gradient.dispose();
  return [analytic, numeric];
}

function expectSlopes([analytic, numeric]: [number, number]): void {
  expect(Math.abs(analytic - numeric)).toBeLessThan(0.02 + 0.01 * Math.abs(numeric));
}

const side = fc.integer({ min: 3, max: 9 });
const window = fc.record({
  h: side,
  w: side,
  size: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
  seed: seeds,
});

/** Weighs every element differently, so that a misplaced gradient shows. */
function weighed(x: tf.Tensor): tf.Tensor {
  const weights = tf.reshape(tf.linspace(-1, 1, x.size), x.shape);
  return tf.sum(tf.mul(x, weights));
}

describe('compiled gradients equal finite differences', () => {
  it('of average and L2 pools, padding included', async () => {
    await fc.assert(
      fc.asyncProperty(window, async ({ h, w, size, stride, pad, seed }) => {
        const pool: Scalar = (x) => weighed(tf.avgPool(x as tf.Tensor4D, size, stride, pad));
        expectSlopes(await slopes(pool, [2, h, w, 2], seed));
        const attributes = { size, stride, padding: pad };
        const l2: Scalar = (x) => weighed(plainOps.l2Pool(tf.add(x, 2), attributes));
        expectSlopes(await slopes(l2, [2, h, w, 2], seed));
      }),
      { numRuns: 10 },
    );
  });

  it('of max pools that overlap', async () => {
    await fc.assert(
      fc.asyncProperty(window, async ({ h, w, size, stride, pad, seed }) => {
        // Far apart, so that the step crosses no tie.
        const apart = Float32Array.from({ length: 2 * h * w }, (_, i) => ((i * 37) % (2 * h * w)) / 4);
        const pool: Scalar = (x) =>
          weighed(
            tf.square(
              tf.maxPool(tf.add(tf.tensor4d(apart, [1, h, w, 2]), tf.mul(x, 0.05)) as tf.Tensor4D, size, stride, pad),
            ),
          );
        const [analytic, numeric] = await slopes(pool, [1, h, w, 2], seed, 0.1);
        expect(Math.abs(analytic - numeric)).toBeLessThan(0.1 + 0.02 * Math.abs(numeric));
      }),
      { numRuns: 8 },
    );
  });

  it('of convolutions, with respect to image and kernel', async () => {
    await fc.assert(
      fc.asyncProperty(window, async ({ h, w, size, stride, pad, seed }) => {
        const kernel = tensorOf(seed + 3, [size, size, 2, 3]).data;
        const pixels = tensorOf(seed + 4, [2, h, w, 2]).data;
        const byImage: Scalar = (x) =>
          weighed(tf.square(tf.conv2d(x as tf.Tensor4D, tf.tensor4d(kernel, [size, size, 2, 3]), stride, pad)));
        const byKernel: Scalar = (k) =>
          weighed(tf.square(tf.conv2d(tf.tensor4d(pixels, [2, h, w, 2]), k as tf.Tensor4D, stride, pad)));
        expectSlopes(await slopes(byImage, [2, h, w, 2], seed));
        expectSlopes(await slopes(byKernel, [size, size, 2, 3], seed));
      }),
      { numRuns: 10 },
    );
  });

  it('of resizing to and from oblong images', async () => {
    await fc.assert(
      fc.asyncProperty(side, side, side, side, fc.boolean(), seeds, async (h, w, toHeight, toWidth, align, seed) => {
        const smooth: Scalar = (x) => weighed(tf.image.resizeBilinear(x as tf.Tensor4D, [toHeight, toWidth], align));
        const blocky: Scalar = (x) =>
          weighed(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [toHeight, toWidth], align));
        expectSlopes(await slopes(smooth, [1, h, w, 2], seed));
        expectSlopes(await slopes(blocky, [1, h, w, 2], seed));
      }),
      { numRuns: 6 },
    );
  });

  it('of products, softmax and normalisation', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 2, max: 2 }, 5), seeds, async ([m, k], seed) => {
        const matrix = tensorOf(seed + 5, [k, 4]).data;
        const score: Scalar = (x) =>
          weighed(tf.logSoftmax(tf.mul(tf.tanh(tf.matMul(x, tf.tensor2d(matrix, [k, 4]))), 2)));
        const normal: Scalar = (x) => {
          const { mean, variance } = tf.moments(x, 0);
          return weighed(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.5))));
        };
        expectSlopes(await slopes(score, [m, k], seed));
        expectSlopes(await slopes(normal, [m, k], seed));
      }),
      { numRuns: 8 },
    );
  });

  it('of a whole network with respect to its observation', async () => {
    const network = buildNetwork('compact', [16, 16, 3], 5);
    const parameters = Object.entries(network.parameters).map(([name, { shape }], i) => {
      const { data } = tensorOf(i + 1, shape);
      const fan = shape.length === 1 ? 10 : data.length / shape[shape.length - 1];
      return { name, shape: [...shape], data: Float32Array.from(data, (x) => x / Math.sqrt(fan)) };
    });
    const score: Scalar = (x) => {
      const table = Object.fromEntries(parameters.map(({ name, shape, data }) => [name, tf.tensor(data, shape)]));
      const { logits, value } = forward(network, table, tf.mul(tf.add(x, 1), 127), plainOps);
      return tf.add(tf.mul(tf.sum(tf.logSoftmax(logits)), 0.1), tf.sum(tf.square(value)));
    };
    const [analytic, numeric] = await slopes(score, [2, 16, 16, 3], 3, 1e-3);
    expect(Math.abs(analytic - numeric)).toBeLessThan(0.03 * Math.abs(numeric) + 0.02);
  });
});
