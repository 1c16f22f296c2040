/** Kernels that fold, normalise or accumulate along axes, against plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { asImage, between, coarse, expectParity, flags, integers, seeds, shapes, tensorOf } from './support.ts';

/** A shape and some of its axes, perhaps counted from the end, perhaps none given, which means all. */
const reductions = shapes({ min: 1, max: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(
      fc
        .subarray(
          shape.map((_, i) => i),
          { minLength: 1 },
        )
        .chain((axes) => fc.boolean().map((negative) => axes.map((axis) => (negative ? axis - shape.length : axis)))),
      { nil: undefined },
    ),
    keepDims: fc.boolean(),
  }),
);

/** Counted from the start, as TensorFlow.js needs it in products. */
function fromStart(axes: number[] | undefined, shape: readonly number[]): number[] | undefined {
  return axes?.map((axis) => (axis + shape.length) % shape.length);
}

describe('each reduction agrees with plain TensorFlow.js', () => {
  it('over floats, ties included, with and without the axes kept', async () => {
    await fc.assert(
      fc.asyncProperty(reductions, seeds, fc.boolean(), async ({ shape, axes, keepDims }, seed, image) => {
        const drawn = coarse(tensorOf(seed, shape));
        const x = { ...drawn, data: Float32Array.from(drawn.data, (value) => value / 2) };
        await expectParity(
          (inputs) => {
            const y = image ? asImage(inputs.x) : inputs.x;
            return {
              sum: tf.sum(y, axes, keepDims),
              mean: tf.mean(y, axes, keepDims),
              max: tf.max(y, axes, keepDims),
              min: tf.min(y, axes, keepDims),
              prod: tf.prod(y, axes, keepDims),
              logSumExp: tf.logSumExp(y, axes, keepDims),
              norm: tf.norm(y, 'euclidean', axes?.slice(0, 2), keepDims),
            };
          },
          { x },
        );
      }),
      { numRuns: 15 },
    );
  });

  it('in its gradient', async () => {
    await fc.assert(
      fc.asyncProperty(reductions, seeds, async ({ shape, axes, keepDims }, seed) => {
        const x = between(tensorOf(seed, shape), 0.5, 2);
        const gradient = (f: (y: tf.Tensor) => tf.Tensor, y: tf.Tensor): tf.Tensor =>
          tf.grad((z) => tf.sum(tf.square(f(asImage(z)))))(y);
        await expectParity(
          (inputs) => ({
            sum: gradient((y) => tf.sum(y, axes, keepDims), inputs.x),
            mean: gradient((y) => tf.mean(y, axes, keepDims), inputs.x),
            max: gradient((y) => tf.max(y, axes, keepDims), inputs.x),
            min: gradient((y) => tf.min(y, axes, keepDims), inputs.x),
            prod: gradient((y) => tf.prod(y, fromStart(axes, shape), keepDims), inputs.x),
            logSumExp: gradient((y) => tf.logSumExp(y, axes, keepDims), inputs.x),
          }),
          { x },
          { absolute: 1e-4, relative: 1e-4 },
        );
      }),
      { numRuns: 10 },
    );
  });

  it('over integers and truth values', async () => {
    await fc.assert(
      fc.asyncProperty(reductions, seeds, async ({ shape, axes, keepDims }, seed) => {
        const inputs = { i: integers(tensorOf(seed, shape), -4, 4), b: flags(tensorOf(seed + 1, shape)) };
        await expectParity(
          ({ i, b }) => ({
            sum: tf.sum(i, axes, keepDims),
            mean: tf.mean(i, axes, keepDims),
            max: tf.max(i, axes, keepDims),
            min: tf.min(i, axes, keepDims),
            count: tf.sum(b, axes, keepDims),
            all: tf.all(b, axes, keepDims),
            any: tf.any(b, axes, keepDims),
          }),
          inputs,
        );
      }),
      { numRuns: 8 },
    );
  });

  it('to an index, the first of equals', async () => {
    await fc.assert(
      fc.asyncProperty(reductions, seeds, async ({ shape, axes }, seed) => {
        const axis = axes?.[0] ?? 0;
        await expectParity(({ x }) => ({ max: tf.argMax(asImage(x), axis), min: tf.argMin(x, axis) }), {
          x: coarse(tensorOf(seed, shape)),
        });
      }),
      { numRuns: 10 },
    );
  });
});

describe('along the last axis', () => {
  it('softmax and log-softmax agree, gradients too', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 4 }, 5), seeds, async (shape, seed) => {
        const inputs = { x: between(tensorOf(seed, shape), -4, 4), w: tensorOf(seed + 1, shape) };
        await expectParity(
          ({ x, w }) => ({
            softmax: tf.softmax(asImage(x)),
            logSoftmax: tf.logSoftmax(asImage(x)),
            dSoftmax: tf.grad((y) => tf.sum(tf.mul(tf.softmax(asImage(y)), w)))(x),
            dLogSoftmax: tf.grad((y) => tf.sum(tf.mul(tf.logSoftmax(y), w)))(x),
          }),
          inputs,
          { absolute: 3e-6, relative: 1e-5 },
        );
      }),
      { numRuns: 8 },
    );
  });

  it('the largest k agree, in order', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 3 }, 6), seeds, async (shape, seed) => {
        const k = Math.max(1, shape[shape.length - 1] - 1);
        await expectParity(
          ({ x }) => {
            const { values, indices } = tf.topk(x, k);
            return { values, indices };
          },
          { x: tensorOf(seed, shape) },
        );
      }),
      { numRuns: 5 },
    );
  });

  it('running sums and products agree, exclusive, reversed, gradients too', async () => {
    await fc.assert(
      fc.asyncProperty(
        reductions,
        fc.boolean(),
        fc.boolean(),
        seeds,
        async ({ shape, axes }, exclusive, reverse, seed) => {
          const [axis] = fromStart(axes, shape) ?? [0];
          await expectParity(
            ({ x, w }) => {
              // TensorFlow.js has the gradient right along the last axis only.
              const last = (y: tf.Tensor): tf.Tensor => tf.cumsum(asImage(y), shape.length - 1, exclusive, reverse);
              return {
                sums: tf.cumsum(asImage(x), axis, exclusive, reverse),
                products: tf.cumprod(asImage(x), axis, exclusive, reverse),
                dx: tf.grad((z) => tf.sum(tf.mul(last(z), w)))(x),
              };
            },
            { x: tensorOf(seed, shape), w: tensorOf(seed + 1, shape) },
          );
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('sums by segment', () => {
  it('agree with plain TensorFlow.js', async () => {
    await expectParity(({ x, ids }) => ({ y: tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 4) }), {
      x: tensorOf(1, [7, 3]),
      ids: integers(tensorOf(2, [7]), 0, 3),
    });
  });
});
