/**
 * The operations by which every network computes, imported ones too. A network is given a table of them, never the
 * functions themselves: a method that changes how gradients flow (guided backprop, deconvnet, DeepLift, LRP) is
 * another table whose entries wrap these in `tf.customGrad`, so its rule holds for every ReLU and every pool.
 *
 * Shapes: b batch, h height, w width, c channel, k kernel, i input channel, o output channel, n features.
 */
import * as tf from '@tensorflow/tfjs';

export type Padding = 'same' | 'valid';

export interface ConvolutionAttributes {
  /** Step of the window, the same in both directions; cells of the input. */
  readonly stride: number;
  readonly padding: Padding;
}

export interface PoolAttributes {
  /** Side of the square window, cells. */
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

export interface Ops {
  /** x [b, h, w, i], kernel [k, k, i, o], bias [o] -> [b, h', w', o]. */
  convolution(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, attributes: ConvolutionAttributes): tf.Tensor;
  /** x [b, i], kernel [i, o], bias [o] -> [b, o]. */
  dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor;
  relu(x: tf.Tensor): tf.Tensor;
  /** [b, h, w, c] -> [b, h', w', c]; ties give their gradient to the first index of the window. */
  maxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** Mean over the window; with `same` padding, over the cells inside the input. */
  averagePool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** sqrt(averagePool(x^2) + 1e-8): the pool of Understanding RL Vision (Hilton et al. 2020). */
  l2Pool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor;
  /** Elementwise sum of two tensors of one shape (a residual connection). */
  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  /** [b, ...] -> [b, n]. */
  flatten(x: tf.Tensor): tf.Tensor;
  /** Multiplies by a constant. */
  scale(x: tf.Tensor, factor: number): tf.Tensor;
}

/** Keeps the L2 pool's gradient finite at zero; the article's constant. */
export const l2PoolEpsilon = 1e-8;

export const plainOps: Ops = {
  convolution: (x, kernel, bias, { stride, padding }) =>
    tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, padding), bias),
  dense: (x, kernel, bias) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias),
  relu: (x) => tf.relu(x),
  maxPool: (x, { size, stride, padding }) => tf.maxPool(x as tf.Tensor4D, size, stride, padding),
  averagePool: (x, { size, stride, padding }) => tf.avgPool(x as tf.Tensor4D, size, stride, padding),
  l2Pool: (x, { size, stride, padding }) =>
    tf.sqrt(tf.add(tf.avgPool(tf.square(x) as tf.Tensor4D, size, stride, padding), l2PoolEpsilon)),
  add: (a, b) => tf.add(a, b),
  flatten: (x) => tf.reshape(x, [x.shape[0], -1]),
  scale: (x, factor) => tf.mul(x, factor),
};
