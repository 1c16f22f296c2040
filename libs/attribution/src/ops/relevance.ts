/**
 * Layer-wise relevance propagation: what goes back is not a slope but relevance, which each operation hands to its
 * inputs in proportion to what they contributed. Biases and stabilisers absorb some, so nothing is complete: what is
 * missing is reported. Bach et al. 2015, https://doi.org/10.1371/journal.pone.0130140; Montavon et al. 2019.
 */
import * as tf from '@tensorflow/tfjs';
import { applyElementwise, l2PoolEpsilon, plainOps } from '@saccade/nn';
import type { Ops } from '@saccade/nn';
import { withGradient } from './gradient.ts';

/** Keeps quotients finite where nothing was added up, and absorbs no more than rounding does elsewhere. */
const stabiliser = 1e-9;

/** Forward nothing; backward, a slope becomes relevance: what each value contributed. */
const slopeToRelevance = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    [x],
    (input) => tf.clone(input),
    (slope, { inputs: [input] }) => [tf.mul(slope, input)],
  );

/**
 * Backward, relevance becomes a slope of `contributions`, the sum that is shared out; forward, `actual` computes the
 * value that takes its place, where the rule altered the sum.
 */
function relevanceToSlope(
  contributions: tf.Tensor,
  actual: () => tf.Tensor = () => tf.clone(contributions),
): tf.Tensor {
  return withGradient([contributions], actual, (relevance, { inputs: [z] }) => {
    const sign = tf.sub(tf.mul(tf.cast(tf.greaterEqual(z, 0), 'float32'), 2), 1);
    return [tf.div(relevance, tf.add(z, tf.mul(sign, stabiliser)))];
  });
}

/** Elementwise: all relevance goes to the one input. */
const unchanged = (x: tf.Tensor, forward: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  withGradient([x], forward, (relevance) => [relevance]);

/** Of a product: due to both of its factors alike, each is handed half. */
const halved = (x: tf.Tensor): tf.Tensor =>
  withGradient(
    [x],
    (input) => tf.clone(input),
    (relevance) => [tf.mul(relevance, 0.5)],
  );

/** Operations that are linear in x, as relevance shares them: what was added up, given x and the kernel. */
type Contributions = (
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  linear: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor,
) => tf.Tensor;

function relevanceOps(contributions: Contributions): Ops {
  const shared = (
    x: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    linear: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor,
  ): tf.Tensor => relevanceToSlope(contributions(x, kernel, bias, linear), () => tf.add(linear(x, kernel), bias));
  const averagePool: Ops['averagePool'] = (x, attributes) =>
    relevanceToSlope(plainOps.averagePool(slopeToRelevance(x), attributes));
  return {
    ...plainOps,
    convolution: (x, kernel, bias, attributes) =>
      shared(x, kernel, bias, (input, k) => plainOps.convolution(input, k, tf.scalar(0), attributes)),
    dense: (x, kernel, bias) =>
      shared(x, kernel, bias, (input, k) => tf.matMul(input as tf.Tensor2D, k as tf.Tensor2D)),
    affine: (x, scale, shift) => relevanceToSlope(plainOps.affine(slopeToRelevance(x), scale, shift)),
    relu: (x) => unchanged(x, tf.relu),
    elementwise: (x, fn) => unchanged(x, (input) => applyElementwise(fn, input)),
    softmax: (x) => unchanged(x, tf.softmax),
    averagePool,
    l2Pool: (x, attributes) =>
      unchanged(averagePool(unchanged(x, tf.square), attributes), (mean) => tf.sqrt(tf.add(mean, l2PoolEpsilon))),
    add: (a, b) => relevanceToSlope(tf.add(slopeToRelevance(a), slopeToRelevance(b))),
    mean: (x, axes, keepAxes) => relevanceToSlope(plainOps.mean(slopeToRelevance(x), axes, keepAxes)),
    multiply: (a, b) => halved(relevanceToSlope(tf.mul(slopeToRelevance(a), slopeToRelevance(b)))),
    scale: (x, factor) => unchanged(x, (input) => tf.mul(input, factor)),
  };
}

/** Relevance in proportion to x w: rule epsilon. */
export const relevanceEpsilonOps = relevanceOps((x, kernel, bias, linear) =>
  tf.add(linear(slopeToRelevance(x), kernel), bias),
);

/** How much more positive weights count under the gamma rule (Montavon et al. 2019 use 0.25). */
const gamma = 0.25;

/** Positive contributions count more, which calms the map: rule gamma. */
export const relevanceGammaOps = relevanceOps((x, kernel, bias, linear) => {
  const favoured = (w: tf.Tensor): tf.Tensor => tf.add(w, tf.mul(tf.relu(w), gamma));
  return tf.add(linear(slopeToRelevance(x), favoured(kernel)), favoured(bias));
});

/** Positive contributions alone: rule alpha 1, beta 0. */
export const relevancePositiveOps = relevanceOps((x, kernel, bias, linear) => {
  const above = slopeToRelevance(unchanged(x, tf.relu));
  const below = slopeToRelevance(unchanged(x, (input) => tf.minimum(input, 0)));
  const positive = tf.add(linear(above, tf.relu(kernel)), linear(below, tf.minimum(kernel, 0)));
  return tf.add(positive, tf.relu(bias));
});

/** Turns a model's outputs into the relevance to start from: backward, a weight on an output becomes weight x output. */
export const relevanceOfOutputs = slopeToRelevance;
