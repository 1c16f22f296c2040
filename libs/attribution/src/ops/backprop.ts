/**
 * Tables that differ from the plain one at ReLUs only. The rule holds for each ReLU as such, so on residual networks
 * what bypasses a ReLU keeps its sign.
 */
import * as tf from '@tensorflow/tfjs';
import { plainOps } from '@saccade/nn';
import type { Ops } from '@saccade/nn';
import { withGradient } from './gradient.ts';

/** Only what is positive goes back, and only where the ReLU was open. Springenberg et al. 2015, arxiv 1412.6806. */
export const guidedBackpropOps: Ops = {
  ...plainOps,
  relu: (x) => withGradient([x], tf.relu, (dy, { inputs: [input] }) => [tf.mul(tf.relu(dy), tf.step(input))]),
};

/**
 * Only what is positive goes back, open or not; max pools unpool through their switches, which is their gradient, as
 * transposed convolution is convolution's; pools without switches pass back through their gradient.
 * Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901, section 2.1.
 */
export const deconvnetOps: Ops = {
  ...plainOps,
  relu: (x) => withGradient([x], tf.relu, (dy) => [tf.relu(dy)]),
};

/**
 * Where no gradient of a batch item passes a ReLU at all, lets through what would open it: feature visualisation can
 * then leave a point where nothing is active. After lucid's redirected ReLU, for objectives that are raised.
 */
export const redirectedOps: Ops = {
  ...plainOps,
  relu: (x) =>
    withGradient([x], tf.relu, (dy, { inputs: [input] }) => {
      const open = tf.step(input);
      const passed = tf.mul(dy, open);
      const axes = input.shape.slice(1).map((_, axis) => axis + 1);
      const any = tf.step(tf.sum(tf.abs(passed), axes, true));
      const redirected = tf.add(passed, tf.mul(tf.relu(dy), tf.sub(1, open)));
      return [tf.add(tf.mul(any, passed), tf.mul(tf.sub(1, any), redirected))];
    }),
};

/**
 * Passes a max pool's gradient back through avg(x^2) / (0.01 + avg|x|) instead of to the winner alone, after Olah et
 * al. 2018: calmer maps of coarse layers, which no longer tell what the model computes.
 */
export const smoothPoolOps: Ops = {
  ...plainOps,
  maxPool: (x, attributes) => {
    const size = plainOps.averagePool(tf.abs(x), attributes);
    const smooth = tf.div(plainOps.averagePool(tf.square(x), attributes), tf.add(size, 0.01));
    return withGradient(
      [smooth],
      () => plainOps.maxPool(x, attributes),
      (dy) => [dy],
    );
  },
};
