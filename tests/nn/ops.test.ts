/** The plain operations on cases solved by hand, and their gradients against finite differences. */
import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyElementwise, plainOps } from '@saccade/nn';
import type { ElementwiseFunction, ExplicitPadding, Padding } from '@saccade/nn';
import '../support/allClose.ts';
import { numbers } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const image = (rows: readonly (readonly number[])[]): tf.Tensor4D =>
  tf.tensor4d(rows.flat(), [1, rows.length, rows[0].length, 1]);

const square = image([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]);

const around = (top: number, bottom: number, left: number, right: number): ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

describe('a convolution', () => {
  const kernel = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
  const bias = tf.tensor1d([10]);

  it('correlates the kernel with each window and adds the bias', () => {
    const result = plainOps.convolution(square, kernel, bias, { stride: 1, padding: 'valid' });
    // 1*1 + 2*2 + 3*4 + 4*5 + 10, and so on.
    expect(result.dataSync()).toBeAllClose([47, 57, 77, 87]);
  });

  it('pads same at the end first', () => {
    const result = plainOps.convolution(square, kernel, bias, { stride: 2, padding: 'same' });
    expect(result.dataSync()).toBeAllClose([47, 3 + 18 + 10, 7 + 16 + 10, 9 + 10]);
  });

  it('pads where it is told, and steps differently down and across', () => {
    const attributes = { stride: [2, 1] as [number, number], padding: around(1, 0, 0, 1) };
    const result = plainOps.convolution(square, kernel, bias, attributes);
    expect(result.shape).toEqual([1, 2, 3, 1]);
    expect(result.dataSync()).toBeAllClose([3 + 8 + 10, 6 + 12 + 10, 9 + 10, 77, 87, 6 + 27 + 10]);
  });
});

describe('pools', () => {
  it('take the maximum, and padding never wins it', () => {
    const negative = plainOps.scale(square, -1);
    const result = plainOps.maxPool(negative, { size: 2, stride: 2, padding: around(1, 0, 1, 0) });
    expect(result.dataSync()).toBeAllClose([-1, -2, -4, -5]);
  });

  it('average the cells inside the image alone', () => {
    const attributes = { size: 2, stride: 2, padding: 'same' } as const;
    expect(plainOps.averagePool(square, attributes).dataSync()).toBeAllClose([3, 4.5, 7.5, 9]);
    const padded = plainOps.averagePool(square, { size: 2, stride: 2, padding: around(1, 0, 1, 0) });
    expect(padded.dataSync()).toBeAllClose([1, 2.5, 5.5, 7]);
  });

  it('give each averaged cell its share of the gradient, at the border too', () => {
    const attributes = { size: 2, stride: 2, padding: 'same' } as const;
    const gradient = tf.grad((x) => tf.sum(plainOps.averagePool(x, attributes)))(square);
    expect(gradient.dataSync()).toBeAllClose([0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1]);
  });

  it('take the root of the mean of squares', () => {
    const result = plainOps.l2Pool(
      image([
        [3, 4],
        [0, 5],
      ]),
      { size: 2, stride: 2, padding: 'same' },
    );
    expect(result.dataSync()).toBeAllClose([Math.sqrt(50 / 4)]);
  });

  it('keep the gradient of an L2 pool finite at zero', () => {
    const gradient = tf.grad((x) => tf.sum(plainOps.l2Pool(x, { size: 2, stride: 2, padding: 'same' })))(
      tf.zeros([1, 2, 2, 1]),
    );
    expect(gradient.dataSync()).toBeAllClose([0, 0, 0, 0]);
  });

  it('send the gradient of a tied maximum to the first cell', () => {
    const gradient = tf.grad((x) => tf.sum(plainOps.maxPool(x, { size: 2, stride: 2, padding: 'valid' })))(
      tf.ones([1, 2, 2, 1]),
    );
    expect([...gradient.dataSync()]).toEqual([1, 0, 0, 0]);
  });
});

describe('the rest of the table', () => {
  const row = tf.tensor2d([[1, -2, 3]]);

  it('multiplies, shifts and sums', () => {
    expect(plainOps.affine(row, tf.tensor1d([2, 3, 4]), tf.tensor1d([1, 1, 1])).dataSync()).toBeAllClose([3, -5, 13]);
    expect(plainOps.add(row, row).dataSync()).toBeAllClose([2, -4, 6]);
    expect(plainOps.multiply(row, tf.tensor2d([[2]])).dataSync()).toBeAllClose([2, -4, 6]);
    expect(plainOps.scale(row, 0.5).dataSync()).toBeAllClose([0.5, -1, 1.5]);
    const kernel = tf.tensor2d([[1], [1], [2]]);
    expect(plainOps.dense(row, kernel, tf.tensor1d([0.5])).dataSync()).toBeAllClose([5.5]);
  });

  it('averages over axes and keeps them where asked', () => {
    const both = plainOps.mean(square, [1, 2], true);
    expect(both.shape).toEqual([1, 1, 1, 1]);
    expect(both.dataSync()).toBeAllClose([5]);
    expect(plainOps.mean(square, [1], false).shape).toEqual([1, 3, 1]);
  });

  it('normalises a softmax to one', () => {
    const e = [1, -2, 3].map(Math.exp);
    const sum = e[0] + e[1] + e[2];
    expect(plainOps.softmax(row).dataSync()).toBeAllClose(e.map((x) => x / sum));
  });

  it('moves elements without changing them', () => {
    expect(plainOps.flatten(square).shape).toEqual([1, 9]);
    expect(plainOps.reshape(square, [9, 1]).shape).toEqual([1, 9, 1]);
    expect([...plainOps.transpose(square, [0, 2, 1, 3]).dataSync()]).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9]);
    expect([...plainOps.slice(square, 2, 1, 2).dataSync()]).toEqual([2, 3, 5, 6, 8, 9]);
    expect([...plainOps.concatenate([row, row], 1).dataSync()]).toEqual([1, -2, 3, 1, -2, 3]);
    const padded = plainOps.pad(
      row,
      [
        [0, 0],
        [1, 2],
      ],
      7,
    );
    expect([...padded.dataSync()]).toEqual([7, 1, -2, 3, 7, 7]);
  });

  const functions: readonly (readonly [ElementwiseFunction, (x: number) => number])[] = [
    [{ kind: 'tanh' }, Math.tanh],
    [{ kind: 'sigmoid' }, (x) => 1 / (1 + Math.exp(-x))],
    [{ kind: 'leakyRelu', slope: 0.2 }, (x) => (x > 0 ? x : 0.2 * x)],
    [{ kind: 'clip', low: -1, high: 2 }, (x) => Math.min(Math.max(x, -1), 2)],
    [{ kind: 'power', exponent: 2 }, (x) => x * x],
    [{ kind: 'power', exponent: 1 }, (x) => x],
    [{ kind: 'power', exponent: -1 }, (x) => 1 / x],
    [{ kind: 'power', exponent: 3 }, (x) => x ** 3],
  ];
  it.each(functions)('computes %o', (fn, expected) => {
    expect(applyElementwise(fn, row).dataSync()).toBeAllClose([1, -2, 3].map(expected), { relative: 1e-5 });
  });

  it('computes roots', () => {
    const root: ElementwiseFunction = { kind: 'power', exponent: 0.5 };
    expect(applyElementwise(root, tf.tensor1d([4, 9, 2])).dataSync()).toBeAllClose([2, 3, Math.SQRT2]);
  });
});

describe('gradients', () => {
  const paddings: fc.Arbitrary<Padding> = fc.oneof(
    fc.constantFrom<Padding>('same', 'valid'),
    fc
      .tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1))
      .map(([top, bottom, left, right]) => around(top, bottom, left, right)),
  );
  const windows = fc.record({
    size: fc.tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: paddings,
    seed: fc.nat(1000),
  });

  it.each(['averagePool', 'l2Pool', 'convolution'] as const)('of %s are those of finite differences', (op) => {
    fc.assert(
      fc.property(windows, ({ size, stride, padding, seed }) => {
        tf.tidy(() => {
          const kernel = tf.tensor(numbers(`k${seed}`, size[0] * size[1] * 2), [...size, 2, 1]);
          const run = (x: tf.Tensor): tf.Tensor =>
            op === 'convolution'
              ? plainOps.convolution(tf.square(x), kernel, tf.zeros([1]), { stride, padding })
              : plainOps[op](tf.square(x), { size, stride, padding });
          const x = tf.tensor(numbers(seed, 5 * 4 * 2), [1, 5, 4, 2]);
          const direction = tf.tensor(numbers(`d${seed}`, 40), [1, 5, 4, 2]);
          const slope = tf.sum(tf.mul(tf.grad((y) => tf.sum(run(y)))(x), direction)).dataSync()[0];
          const step = 1e-2;
          const at = (sign: number): number => tf.sum(run(tf.add(x, tf.mul(direction, sign * step)))).dataSync()[0];
          expect([(at(1) - at(-1)) / (2 * step)]).toBeAllClose([slope], { absolute: 2e-2, relative: 2e-2 });
        });
      }),
      { numRuns: 25 },
    );
  });
});
