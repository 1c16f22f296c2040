/** Kernels that move, cut, join, repeat and pick elements, against plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asImage, both, expectParity, flags, integers, seeds, shapes, tensorOf } from './support.ts';

const anyShape = shapes({ min: 1, max: 4 });

/** Checks `f` and its gradient on a random tensor, in either order of axes. */
async function check(shape: readonly number[], seed: number, f: (x: tf.Tensor) => tf.Tensor): Promise<void> {
  const inputs = { x: tensorOf(seed, shape) };
  await expectParity(
    ({ x }) => ({
      y: f(x),
      image: f(asImage(x)),
      dx: tf.grad((z) => tf.sum(tf.square(f(asImage(z)))))(x),
    }),
    inputs,
  );
}

describe('moving', () => {
  it('reshape, squeeze, expandDims and flatten agree', async () => {
    await fc.assert(
      fc.asyncProperty(anyShape, seeds, async (shape, seed) => {
        const size = shape.reduce((a, b) => a * b, 1);
        await check(shape, seed, (x) => tf.reshape(x, [1, -1, 1]));
        await check(shape, seed, (x) => tf.squeeze(tf.expandDims(x, seed % (shape.length + 1))));
        await check(shape, seed, (x) => tf.reshape(tf.reshape(x, [size]), shape));
      }),
      { numRuns: 5 },
    );
  });

  it('transpose agrees for every order of axes', async () => {
    const orders = anyShape.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        perm: fc.shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length, maxLength: shape.length },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(orders, seeds, async ({ shape, perm }, seed) => {
        await check(shape, seed, (x) => tf.transpose(x, perm));
        await check(shape, seed, (x) => tf.transpose(tf.square(tf.transpose(x, perm)), perm));
      }),
      { numRuns: 8 },
    );
  });

  it('reverse agrees', async () => {
    await fc.assert(
      fc.asyncProperty(anyShape, seeds, async (shape, seed) => {
        await check(shape, seed, (x) => tf.reverse(x, seed % shape.length));
        await check(shape, seed, (x) => tf.reverse(x));
      }),
      { numRuns: 5 },
    );
  });

  it('depthToSpace, spaceToBatch and batchToSpace agree', async () => {
    await expectParity(
      ({ x, y }) => {
        const batched = tf.spaceToBatchND(
          y,
          [2, 3],
          [
            [0, 1],
            [1, 1],
          ],
        );
        return {
          depth: tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'),
          batched,
          back: tf.batchToSpaceND(
            batched,
            [2, 3],
            [
              [0, 1],
              [1, 1],
            ],
          ),
        };
      },
      { x: tensorOf(1, [2, 3, 2, 8]), y: tensorOf(2, [2, 3, 4, 2]) },
    );
  });
});

describe('cutting', () => {
  const cuts = anyShape.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      begin: fc.tuple(...shape.map((length) => fc.nat(length - 1))),
      ends: fc.tuple(...shape.map((length) => fc.nat(length))),
    }),
  );

  it('slice agrees', async () => {
    await fc.assert(
      fc.asyncProperty(cuts, seeds, async ({ shape, begin, ends }, seed) => {
        const size = shape.map((length, i) => (ends[i] === 0 ? -1 : Math.max(1, Math.min(ends[i], length - begin[i]))));
        await check(shape, seed, (x) => tf.slice(x, begin, size));
      }),
      { numRuns: 8 },
    );
  });

  it('stridedSlice agrees, forwards, backwards, with masks', async () => {
    const inputs = { x: tensorOf(1, [5, 6, 4]) };
    await expectParity(
      ({ x }) => ({
        forwards: tf.stridedSlice(x, [0, 1, 0], [5, 6, 4], [2, 3, 1]),
        backwards: tf.stridedSlice(x, [4, 5, -1], [-6, 0, -5], [-1, -2, -3]),
        masked: tf.stridedSlice(x, [1, 1, 1], [2, 2, 2], [1, 1, 1], 1, 2),
        shrunk: tf.stridedSlice(x, [1, 0, 2], [2, 6, 3], [1, 1, 1], 0, 0, 0, 0, 5),
        widened: tf.stridedSlice(x, [0, 0, 0], [1, 5, 6], [1, 1, 1], 0, 0, 0, 1),
      }),
      inputs,
    );
  });

  it('split and unstack agree', async () => {
    await fc.assert(
      fc.asyncProperty(anyShape, seeds, async (shape, seed) => {
        const axis = seed % shape.length;
        // TensorFlow.js cannot take the gradient of unstacking into one.
        if (shape[axis] === 1) shape[axis] = 2;
        await check(shape, seed, (x) => tf.addN(tf.unstack(x, axis).map((part, i) => tf.mul(part, i + 1))));
        await check(shape, seed, (x) => tf.concat(tf.split(x, shape[axis], axis).reverse(), axis));
      }),
      { numRuns: 5 },
    );
  });
});

describe('widening', () => {
  const paddings = shapes({ min: 1, max: 4 }).chain((shape) =>
    fc.record({
      shape: fc.constant(shape.map((length) => length + 1)),
      pads: fc.tuple(...shape.map((length) => fc.tuple(fc.nat(length), fc.nat(length)))),
    }),
  );

  it('pad agrees', async () => {
    await fc.assert(
      fc.asyncProperty(paddings, seeds, async ({ shape, pads }, seed) => {
        await check(shape, seed, (x) => tf.pad(x, pads, 0.5));
      }),
      { numRuns: 6 },
    );
    await expectParity(({ b }) => ({ y: tf.pad(b, [[1, 2]]) }), { b: flags(tensorOf(1, [4])) });
  });

  it.each(['reflect', 'symmetric'] as const)('mirrorPad agrees, %s', async (mode) => {
    await fc.assert(
      fc.asyncProperty(paddings, seeds, async ({ shape, pads }, seed) => {
        await expectParity(
          ({ x }) => ({ y: tf.mirrorPad(x, pads, mode), image: tf.mirrorPad(asImage(x), pads, mode) }),
          {
            x: tensorOf(seed, shape),
          },
        );
      }),
      { numRuns: 6 },
    );
  });

  it('tile and broadcastTo agree', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 4 }, 3), seeds, async (shape, seed) => {
        const reps = shape.map((_, i) => 1 + ((seed >> i) % 3));
        await check(shape, seed, (x) => tf.tile(x, reps));
        const thin = shape.map((length, i) => ((seed >> i) % 2 === 0 ? 1 : length));
        await check(thin, seed, (x) => tf.broadcastTo(x, shape));
        await check(thin, seed, (x) => tf.mul(tf.broadcastTo(x, shape), tf.broadcastTo(x, shape)));
      }),
      { numRuns: 6 },
    );
  });

  it('concat and stack agree', async () => {
    await fc.assert(
      fc.asyncProperty(anyShape, seeds, async (shape, seed) => {
        const axis = seed % shape.length;
        await check(shape, seed, (x) => tf.concat([x, tf.mul(x, 2), x], axis - shape.length));
        await check(shape, seed, (x) => tf.stack([x, tf.mul(x, 2)], seed % (shape.length + 1)));
      }),
      { numRuns: 6 },
    );
  });
});

describe('picking', () => {
  it('gather agrees on every axis', async () => {
    await fc.assert(
      fc.asyncProperty(anyShape, seeds, async (shape, seed) => {
        const axis = seed % shape.length;
        const inputs = { x: tensorOf(seed, shape), i: integers(tensorOf(seed + 1, [5]), 0, shape[axis] - 1) };
        await expectParity(
          ({ x, i }) => ({
            y: tf.gather(asImage(x), i, axis),
            table: tf.gather(x, tf.reshape(tf.slice(i, 0, 4), [2, 2]), axis),
            dx: tf.grad((z) => tf.sum(tf.square(tf.gather(z, i, axis))))(x),
          }),
          inputs,
        );
      }),
      { numRuns: 6 },
    );
  });

  it('gather agrees within batches', async () => {
    const inputs = { x: tensorOf(1, [3, 4, 5, 2]), i: integers(tensorOf(2, [3, 2]), 0, 3) };
    await expectParity(({ x, i }) => ({ rows: tf.gather(x, i, 1, 1), columns: tf.gather(x, i, 2, 1) }), inputs);
  });

  it('gatherND, scatterND and tensorScatterUpdate agree', async () => {
    const inputs = { x: tensorOf(1, [4, 3, 2]), i: integers(tensorOf(2, [5, 2]), 0, 2), u: tensorOf(3, [5, 2]) };
    await expectParity(
      ({ x, i, u }) => ({
        gathered: tf.gatherND(x, i as tf.Tensor2D),
        scattered: tf.scatterND(i, u, [4, 3, 2]),
      }),
      inputs,
    );
    const places = { shape: [2, 1], dtype: 'int32', data: Int32Array.of(3, 1) } as const;
    await expectParity(({ x, places, u }) => ({ y: tf.tensorScatterUpdate(x, places, u) }), {
      x: tensorOf(1, [4, 3]),
      places,
      u: tensorOf(2, [2, 3]),
    });
  });

  it('oneHot agrees, indices out of range included', async () => {
    const inputs = { i: integers(tensorOf(2, [2, 6]), -2, 5) };
    await expectParity(({ i }) => ({ plain: tf.oneHot(i, 4), valued: tf.oneHot(i, 3, 0.9, -0.1, 'float32') }), inputs);
  });

  it('tensors made inside the function are constants', async () => {
    const { compiled, plain } = await both(
      ({ x }) => ({
        y: tf.mul(x, tf.tensor1d([1, 2, 3])),
        filled: tf.fill([2, 70], 1.5),
        range: tf.range(5, 0, -2),
        counted: tf.range(0, 4, 1, 'int32'),
        line: tf.linspace(0, 1, 5),
        ones: tf.ones([2], 'int32'),
        truth: tf.zeros([3], 'bool'),
        eye: tf.eye(3),
        read: tf.scalar(tf.tensor1d([4, 5]).dataSync()[1]),
      }),
      { x: tensorOf(1, [3]) },
    );
    for (const [name, { data, dtype, shape }] of Object.entries(plain)) {
      expect(compiled[name].dtype).toBe(dtype);
      expect(compiled[name].shape).toEqual(shape);
      expect(compiled[name].data).toBeAllClose(data);
    }
  });
});
