/**
 * DeepLift's Rescale rule: the slope of each nonlinearity between a baseline and the activation replaces its
 * derivative, so multipliers times differences sum exactly to the change of the target, on residual networks too.
 * Shrikumar et al. 2017, https://arxiv.org/abs/1704.02685, section 3.5.1.
 *
 * Every tensor carries both points: rows [0, batch) come from the activation, rows [batch, 2 batch) from the baseline.
 * Going back, both halves hold the same multipliers. A softmax inside a network has no such slope and keeps its
 * derivative, and what that leaves out of the sum is reported.
 */
import * as tf from '@tensorflow/tfjs';
import { applyElementwise, plainOps } from '@saccade/nn';
import type { ElementwiseFunction, Ops } from '@saccade/nn';
import { withGradient } from './gradient.ts';

/** Differences below it fall back to the derivative: their quotient would be rounding. */
const negligible = 1e-6;

function halves(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const rows = x.shape[0] / 2;
  const rest = x.shape.slice(1);
  const zeros = rest.map(() => 0);
  return [tf.slice(x, [0, ...zeros], [rows, ...rest]), tf.slice(x, [rows, ...zeros], [rows, ...rest])];
}

/** Padding that never wins a maximum. */
const lowestActivation = -3e38;

const twice = (x: tf.Tensor): tf.Tensor => tf.concat([x, x], 0);

/** (a - b) / (c - d) where the difference below is not negligible, else `otherwise`. */
function slope(rise: tf.Tensor, run: tf.Tensor, otherwise: tf.Tensor): tf.Tensor {
  const flat = tf.less(tf.abs(run), negligible);
  return tf.where(flat, otherwise, tf.div(rise, tf.where(flat, tf.onesLike(run), run)));
}

function relu(x: tf.Tensor): tf.Tensor {
  return withGradient([x], tf.relu, (dy, { inputs: [input], output }) => {
    const [here, there] = halves(input);
    const [outHere, outThere] = halves(output);
    const [multiplier] = halves(dy);
    const rescaled = slope(tf.sub(outHere, outThere), tf.sub(here, there), tf.step(here));
    return [twice(tf.mul(multiplier, rescaled))];
  });
}

/** (a^2 - b^2) / (a - b) = a + b. */
function square(x: tf.Tensor): tf.Tensor {
  return withGradient([x], tf.square, (dy, { inputs: [input] }) => {
    const [here, there] = halves(input);
    return [tf.mul(dy, twice(tf.add(here, there)))];
  });
}

/** (sqrt a - sqrt b) / (a - b) = 1 / (sqrt a + sqrt b). */
function squareRoot(x: tf.Tensor): tf.Tensor {
  return withGradient([x], tf.sqrt, (dy, { output }) => {
    const [here, there] = halves(output);
    return [tf.div(dy, twice(tf.add(here, there)))];
  });
}

/** Derivatives of the other functions of single elements, for where the two points coincide. */
function derivative(fn: ElementwiseFunction, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  switch (fn.kind) {
    case 'tanh':
      return tf.sub(1, tf.square(y));
    case 'sigmoid':
      return tf.mul(y, tf.sub(1, y));
    case 'leakyRelu':
      return tf.step(x, fn.slope);
    case 'clip':
      return tf.mul(tf.step(tf.sub(x, fn.low)), tf.step(tf.sub(fn.high, x)));
    case 'power':
      return tf.mul(applyElementwise({ kind: 'power', exponent: fn.exponent - 1 }, x), fn.exponent);
    default:
      return fn satisfies never;
  }
}

const elementwise: Ops['elementwise'] = (x, fn) =>
  withGradient(
    [x],
    (input) => applyElementwise(fn, input),
    (dy, { inputs: [input], output }) => {
      const [here, there] = halves(input);
      const [outHere, outThere] = halves(output);
      const [multiplier] = halves(dy);
      const otherwise = derivative(fn, here, outHere);
      return [twice(tf.mul(multiplier, slope(tf.sub(outHere, outThere), tf.sub(here, there), otherwise)))];
    },
  );

/** Sums over what was broadcast, so that a gradient has its argument's shape again. */
function reduceTo(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = gradient.shape.map((_, axis) => axis).filter((axis) => shape[axis] === 1 && gradient.shape[axis] !== 1);
  return axes.length === 0 ? gradient : tf.sum(gradient, axes, true);
}

/** a b - a' b' = (a - a') (b + b') / 2 + (b - b') (a + a') / 2: each argument is met with the other's mean. */
const multiply: Ops['multiply'] = (a, b) =>
  withGradient([a, b], tf.mul, (dy, { inputs }) => {
    const mean = (x: tf.Tensor): tf.Tensor => {
      const [here, there] = halves(x);
      return twice(tf.mul(tf.add(here, there), 0.5));
    };
    return [
      reduceTo(tf.mul(dy, mean(inputs[1])), inputs[0].shape),
      reduceTo(tf.mul(dy, mean(inputs[0])), inputs[1].shape),
    ];
  });

/**
 * What the maximum gains over the baseline's goes to the activation's winner, what it loses to the baseline's winner:
 * the rule of DeepLift's own code.
 */
const maxPool: Ops['maxPool'] = (x, attributes) => {
  const { size, stride, padding } = attributes;
  if (typeof padding !== 'string') {
    return maxPool(tf.pad(x, padding, lowestActivation), { size, stride, padding: 'valid' });
  }
  const pool = (input: tf.Tensor): tf.Tensor => plainOps.maxPool(input, attributes);
  return withGradient([x], pool, (dy, { inputs: [input], output }) => {
    const unpool = (dyHalf: tf.Tensor, at: tf.Tensor, pooled: tf.Tensor): tf.Tensor =>
      tf
        .engine()
        .runKernel(
          tf.MaxPoolGrad,
          { dy: dyHalf, input: at, output: pooled },
          { filterSize: size, strides: stride, pad: padding },
        );
    const [here, there] = halves(input);
    const [outHere, outThere] = halves(output);
    const [multiplier] = halves(dy);
    const highest = tf.maximum(outHere, outThere);
    const gained = unpool(tf.mul(multiplier, tf.sub(highest, outThere)), here, outHere);
    const lost = unpool(tf.mul(multiplier, tf.sub(outHere, highest)), there, outThere);
    const plain = unpool(multiplier, here, outHere);
    return [twice(slope(tf.add(gained, lost), tf.sub(here, there), plain))];
  });
};

export function deepLiftOps(epsilon: number): Ops {
  return {
    ...plainOps,
    relu,
    elementwise,
    multiply,
    maxPool,
    l2Pool: (x, attributes) => squareRoot(tf.add(plainOps.averagePool(square(x), attributes), epsilon)),
  };
}
