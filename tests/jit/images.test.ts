/** Convolutions, pools, resizing and products, with their gradients, against plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { coarse, expectParity, seeds, shapes, tensorOf } from './support.ts';

const tolerance = { absolute: 2e-5, relative: 1e-4 };
const side = fc.integer({ min: 4, max: 9 });
const small = fc.integer({ min: 1, max: 3 });
const padding = fc.constantFrom<'same' | 'valid' | number>('same', 'valid', 1);

/** The padding that TensorFlow.js can give to a window of `size`: a number must be smaller. */
function fitting(pad: 'same' | 'valid' | number, size: number): 'same' | 'valid' | number {
  return typeof pad === 'number' && pad >= size ? 'valid' : pad;
}

describe('convolutions agree with plain TensorFlow.js', () => {
  it('over sizes, strides and paddings, with both gradients', async () => {
    const cases = fc.record({
      height: side,
      width: side,
      kh: fc.integer({ min: 1, max: 4 }),
      kw: fc.integer({ min: 1, max: 4 }),
      c: fc.constantFrom(1, 3, 9),
      o: small,
      stride: small,
      pad: padding,
      seed: seeds,
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ height, width, kh, kw, c, o, stride, pad, seed }) => {
        const inputs = {
          x: tensorOf(seed, [2, height, width, c]),
          w: tensorOf(seed + 1, [kh, kw, c, o]),
          b: tensorOf(seed, [o]),
        };
        // TensorFlow.js takes the kernel's height for its width where the padding is a number.
        const padding = kh === kw ? fitting(pad, kh) : pad === 1 ? 'valid' : pad;
        await expectParity(
          ({ x, w, b }) => {
            const conv = (y: tf.Tensor, v: tf.Tensor): tf.Tensor4D =>
              tf.conv2d(
                y as tf.Tensor4D,
                v as tf.Tensor4D,
                stride,
                padding,
                'NHWC',
                1,
                typeof padding === 'number' ? 'floor' : undefined,
              );
            const [dx, dw, db] = tf.grads((y, v, u) => tf.sum(tf.square(tf.relu(tf.add(conv(y, v), u)))))([x, w, b]);
            return { y: conv(x, w), biased: tf.add(conv(x, w), b), dx, dw, db };
          },
          inputs,
          { absolute: 1e-3, relative: 1e-4 },
        );
      }),
      { numRuns: 25 },
    );
  });

  it('with dilations', async () => {
    await expectParity(
      ({ x, w }) => ({
        same: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same', 'NHWC', 2),
        valid: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid', 'NHWC', [1, 3]),
      }),
      { x: tensorOf(1, [2, 8, 9, 2]), w: tensorOf(2, [3, 2, 2, 4]) },
      tolerance,
    );
  });

  it('of each channel alone, with both gradients', async () => {
    const cases = fc.record({
      height: side,
      width: side,
      k: small,
      c: small,
      multiplier: small,
      stride: fc.constantFrom(1, 2),
      seed: seeds,
    });
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom('same' as const, 'valid' as const), async (c, pad) => {
        const inputs = {
          x: tensorOf(c.seed, [2, c.height, c.width, c.c]),
          w: tensorOf(c.seed + 1, [c.k, c.k, c.c, c.multiplier]),
        };
        await expectParity(
          ({ x, w }) => {
            const conv = (y: tf.Tensor, v: tf.Tensor): tf.Tensor4D =>
              tf.depthwiseConv2d(y as tf.Tensor4D, v as tf.Tensor4D, c.stride, pad);
            const [dx, dw] = tf.grads((y, v) => tf.sum(tf.square(conv(y, v))))([x, w]);
            return { y: conv(x, w), dx, dw };
          },
          inputs,
          { absolute: 2e-4, relative: 1e-4 },
        );
      }),
      { numRuns: 10 },
    );
  });

  it('transposed and separable', async () => {
    await expectParity(
      ({ x, w, deep, wide }) => ({
        transposed: tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 9, 11, 3], 2, 'same'),
        separable: tf.separableConv2d(x as tf.Tensor4D, deep as tf.Tensor4D, wide as tf.Tensor4D, 1, 'same'),
      }),
      {
        x: tensorOf(1, [2, 5, 6, 2]),
        w: tensorOf(2, [3, 3, 3, 2]),
        deep: tensorOf(3, [3, 3, 2, 2]),
        wide: tensorOf(4, [1, 1, 4, 5]),
      },
      tolerance,
    );
  });

  it('fused with a bias and an activation', async () => {
    const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;
    await expectParity(
      ({ x, w, b, deep, alpha }) =>
        Object.fromEntries(
          activations.flatMap((activation) => {
            const options = {
              x: x as tf.Tensor4D,
              strides: 1,
              pad: 'same' as const,
              activation,
              preluActivationWeights: alpha,
              leakyreluAlpha: 0.3,
            };
            return [
              [`conv_${activation}`, tf.fused.conv2d({ ...options, filter: w as tf.Tensor4D, bias: b })],
              [
                `depthwise_${activation}`,
                tf.fused.depthwiseConv2d({ ...options, filter: deep as tf.Tensor4D, bias: b }),
              ],
            ] as const;
          }),
        ),
      {
        x: tensorOf(1, [2, 5, 4, 3]),
        w: tensorOf(2, [3, 3, 3, 3]),
        b: tensorOf(3, [3]),
        deep: tensorOf(4, [2, 2, 3, 1]),
        alpha: tensorOf(5, [3]),
      },
      tolerance,
    );
  });
});

describe('pools agree with plain TensorFlow.js', () => {
  const windows = fc.record({ height: side, width: side, c: small, size: small, stride: small, seed: seeds });

  it('the maximum, overlapping or not, ties to the first, with its gradient', async () => {
    await fc.assert(
      fc.asyncProperty(windows, padding, fc.boolean(), async (w, pad, ties) => {
        const drawn = tensorOf(w.seed, [2, w.height, w.width, w.c]);
        const padding = fitting(pad, w.size);
        await expectParity(
          ({ x, dy }) => {
            const pool = (y: tf.Tensor): tf.Tensor4D =>
              tf.maxPool(
                y as tf.Tensor4D,
                w.size,
                w.stride,
                padding,
                typeof padding === 'number' ? 'floor' : undefined,
              );
            const y = pool(x);
            const weights = tf.slice(dy, [0], [y.size]).reshape(y.shape);
            return { y, dx: tf.grad((z) => tf.sum(tf.mul(pool(z), weights)))(x) };
          },
          { x: ties ? coarse(drawn, 1) : drawn, dy: tensorOf(w.seed + 1, [2 * 11 * 11 * 3]) },
          { absolute: 1e-5 },
        );
      }),
      { numRuns: 20 },
    );
  });

  it('the mean, with its gradient where TensorFlow.js has it right: without padding', async () => {
    await fc.assert(
      fc.asyncProperty(windows, fc.constantFrom<'same' | 'valid'>('same', 'valid'), async (w, pad) => {
        await expectParity(
          ({ x }) => {
            const pool = (y: tf.Tensor, p: 'same' | 'valid'): tf.Tensor4D =>
              tf.avgPool(y as tf.Tensor4D, w.size, w.stride, p);
            return { y: pool(x, pad), dx: tf.grad((z) => tf.sum(tf.square(pool(z, 'valid'))))(x) };
          },
          { x: tensorOf(w.seed, [2, w.height, w.width, w.c]) },
          { absolute: 1e-5 },
        );
      }),
      { numRuns: 12 },
    );
  });
});

describe('resizing agrees with plain TensorFlow.js', () => {
  const sizes = fc.record({
    from: fc.tuple(side, side),
    to: fc.tuple(side, side),
    align: fc.boolean(),
    half: fc.boolean(),
    seed: seeds,
  });

  it('bilinear and nearest, with their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ from, to, align, half, seed }) => {
        const centred = half && !align;
        const square = Math.min(...from);
        await expectParity(
          ({ x }) => {
            const smooth = (y: tf.Tensor): tf.Tensor4D => tf.image.resizeBilinear(y as tf.Tensor4D, to, align, centred);
            const blocky = (y: tf.Tensor): tf.Tensor4D =>
              tf.image.resizeNearestNeighbor(y as tf.Tensor4D, to, align, centred);
            // TensorFlow.js's plain gradient exchanges the sides of the image, so only squares can be compared.
            const slope = tf.grad((y) => tf.sum(tf.square(tf.image.resizeBilinear(y as tf.Tensor4D, to, align))));
            return {
              smooth: smooth(x),
              blocky: blocky(x),
              dx: slope(tf.slice(x, [0, 0, 0, 0], [2, square, square, 2])),
            };
          },
          { x: tensorOf(seed, [2, ...from, 2]) },
          tolerance,
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe('products agree with plain TensorFlow.js', () => {
  it('of matrices and stacks of matrices, either transposed, with both gradients', async () => {
    const cases = fc.record({
      batch: shapes({ min: 0, max: 2 }, 3),
      m: small,
      k: small,
      n: small,
      ta: fc.boolean(),
      tb: fc.boolean(),
      seed: seeds,
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ batch, m, k, n, ta, tb, seed }) => {
        const inputs = {
          a: tensorOf(seed, [...batch, ...(ta ? [k, m] : [m, k])]),
          b: tensorOf(seed + 1, [...batch, ...(tb ? [n, k] : [k, n])]),
        };
        await expectParity(
          ({ a, b }) => {
            const [da, db] = tf.grads((x, y) => tf.sum(tf.square(tf.matMul(x, y, ta, tb))))([a, b]);
            return { y: tf.matMul(a, b, ta, tb), da, db };
          },
          inputs,
          tolerance,
        );
      }),
      { numRuns: 12 },
    );
  });

  it('of stacks that broadcast, of vectors, and by einsum', async () => {
    await expectParity(
      ({ a, b, v }) => ({
        broadcast: tf.matMul(a, b),
        dot: tf.dot(tf.reshape(tf.slice(b, [0, 0], [4, 1]), [4]), v),
        outer: tf.outerProduct(v as tf.Tensor1D, v as tf.Tensor1D),
        einsum: tf.einsum('ijk,kl->jil', a, b),
      }),
      { a: tensorOf(1, [2, 3, 4]), b: tensorOf(2, [4, 5]), v: tensorOf(3, [4]) },
      tolerance,
    );
  });

  it('fused with a bias and an activation', async () => {
    await expectParity(
      ({ a, b, bias }) => ({
        plain: tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias }),
        relu: tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias, activation: 'relu' }),
      }),
      { a: tensorOf(1, [3, 4]), b: tensorOf(2, [4, 5]), bias: tensorOf(3, [5]) },
      tolerance,
    );
  });
});
