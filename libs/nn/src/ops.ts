/**
 * The operations by which every network computes, imported ones too. A network is given a table of them, never the
 * functions themselves: a method that changes how gradients flow (guided backprop, deconvnet, DeepLift, LRP) is
 * another table whose entries wrap these in `tf.customGrad`, so its rule holds for every ReLU and every pool.
 *
 * The table is short on purpose, because each entry is one that a method may need a rule for: what imported graphs
 * hold beyond it is written in terms of these (a - b is a + (-1) b, a / b is a times b to the power -1).
 *
 * Shapes: b batch, h height, w width, c channel, k kernel, i input channel, o output channel, n features.
 */
import * as tf from '@tensorflow/tfjs';
import type { Shape } from '@saccade/core';
import { applyElementwise } from './elementwise.ts';
import type { ElementwiseFunction } from './elementwise.ts';

/** One number for both directions, or [vertical, horizontal]; cells. */
export type Pair = number | [number, number];

/** Cells added around an image, [before, after] of each axis of [b, h, w, c]: the form that TensorFlow.js takes. */
export type ExplicitPadding = tf.backend_util.ExplicitPadding;

export type Padding = 'same' | 'valid' | ExplicitPadding;

export interface ConvolutionAttributes {
  /** Step of the window, cells of the input. */
  readonly stride: Pair;
  readonly padding: Padding;
}

export interface PoolAttributes {
  /** Sides of the window. */
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

export interface Ops {
  /** x [b, h, w, i], kernel [k, k, i, o], bias [o] -> [b, h', w', o]. */
  convolution(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, attributes: ConvolutionAttributes): tf.Tensor;
  /** x [b, i], kernel [i, o], bias [o] -> [b, o]. */
  dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor;
  /** x * scale + shift, both without the batch axis and broadcast against x: batch normalisation, constants. */
  affine(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor;
  relu(x: tf.Tensor): tf.Tensor;
  /** Any other function of single elements. */
  elementwise(x: tf.Tensor, fn: ElementwiseFunction): tf.Tensor;
  /** Over the last axis. */
  softmax(x: tf.Tensor): tf.Tensor;
  /** [b, h, w, c] -> [b, h', w', c]; ties give their gradient to the first index of the window. */
  maxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** Mean over the cells of the window that lie inside the input: padding does not count. */
  averagePool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** sqrt(averagePool(x^2) + 1e-8): the pool of Understanding RL Vision (Hilton et al. 2020). */
  l2Pool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** Over `axes`, of which none is the batch's (axis 0). */
  mean(x: tf.Tensor, axes: readonly number[], keepAxes: boolean): tf.Tensor;
  /** Elementwise sum (a residual connection); axes of length 1 are broadcast. */
  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  /** Elementwise product of two activations; axes of length 1 are broadcast. */
  multiply(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  /** Multiplies by a constant. */
  scale(x: tf.Tensor, factor: number): tf.Tensor;

  // What follows only moves elements: gradients and relevance go back the way the elements came.

  /** [b, ...] -> [b, n]. */
  flatten(x: tf.Tensor): tf.Tensor;
  /** [b, ...] -> [b, ...shape]. */
  reshape(x: tf.Tensor, shape: Shape): tf.Tensor;
  /** Axis i of the result is axis permutation[i] of x; permutation[0] is 0. */
  transpose(x: tf.Tensor, permutation: readonly number[]): tf.Tensor;
  concatenate(parts: readonly tf.Tensor[], axis: number): tf.Tensor;
  /** `size` elements of an axis, from `start`. */
  slice(x: tf.Tensor, axis: number, start: number, size: number): tf.Tensor;
  /** Puts `value` around each axis: [before, after] an axis, the batch's included. */
  pad(x: tf.Tensor, paddings: readonly [number, number][], value: number): tf.Tensor;
}

/** Keeps the L2 pool's gradient finite at zero; the article's constant. */
export const l2PoolEpsilon = 1e-8;

/** Below every activation, so that padding never wins a maximum; finite, so that its gradient is never NaN. */
export const lowest = -3.4028234663852886e38;

/** Explicit padding as a step of its own: TensorFlow's native backends know only `same` and `valid`. */
function padded(x: tf.Tensor, padding: Padding, fill: number): [tf.Tensor4D, 'same' | 'valid'] {
  return typeof padding === 'string' ? [x as tf.Tensor4D, padding] : [tf.pad(x as tf.Tensor4D, padding, fill), 'valid'];
}

/**
 * TensorFlow.js's gradient of an average pool divides by the whole window where padding cut it short. So padding is
 * made explicit here, and the mean over whole windows divided by the share of each that lies inside.
 */
function averagePool(x: tf.Tensor, { size, stride, padding }: PoolAttributes): tf.Tensor {
  const shape = x.shape as [number, number, number, number];
  const { top, bottom, left, right } = tf.backend_util.computePool2DInfo(shape, size, stride, 1, padding).padInfo;
  if (top + bottom + left + right === 0) return tf.avgPool(x as tf.Tensor4D, size, stride, 'valid');
  const around: ExplicitPadding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const mean = (input: tf.Tensor4D): tf.Tensor4D => tf.avgPool(tf.pad(input, around), size, stride, 'valid');
  return tf.div(mean(x as tf.Tensor4D), mean(tf.ones([1, shape[1], shape[2], 1])));
}

export const plainOps: Ops = {
  convolution: (x, kernel, bias, { stride, padding }) => {
    const [input, rest] = padded(x, padding, 0);
    return tf.add(tf.conv2d(input, kernel as tf.Tensor4D, stride, rest), bias);
  },
  dense: (x, kernel, bias) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias),
  affine: (x, scale, shift) => tf.add(tf.mul(x, scale), shift),
  relu: (x) => tf.relu(x),
  elementwise: (x, fn) => applyElementwise(fn, x),
  softmax: (x) => tf.softmax(x),
  maxPool: (x, { size, stride, padding }) => {
    const [input, rest] = padded(x, padding, lowest);
    return tf.maxPool(input, size, stride, rest);
  },
  averagePool,
  l2Pool: (x, attributes) => tf.sqrt(tf.add(averagePool(tf.square(x), attributes), l2PoolEpsilon)),
  mean: (x, axes, keepAxes) => tf.mean(x, [...axes], keepAxes),
  add: (a, b) => tf.add(a, b),
  multiply: (a, b) => tf.mul(a, b),
  scale: (x, factor) => tf.mul(x, factor),
  flatten: (x) => tf.reshape(x, [x.shape[0], -1]),
  reshape: (x, shape) => tf.reshape(x, [x.shape[0], ...shape]),
  transpose: (x, permutation) => tf.transpose(x, [...permutation]),
  concatenate: (parts, axis) => tf.concat([...parts], axis),
  slice: (x, axis, start, size) =>
    tf.slice(
      x,
      x.shape.map((_, i) => (i === axis ? start : 0)),
      x.shape.map((length, i) => (i === axis ? size : length)),
    ),
  pad: (x, paddings, value) =>
    tf.pad(
      x,
      paddings.map(([before, after]) => [before, after]),
      value,
    ),
};
