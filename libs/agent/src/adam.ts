/** Adam with gradient clipping by global norm, as one pure step. Kingma & Ba 2015, https://arxiv.org/abs/1412.6980 */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '@saccade/nn';

export interface AdamStep {
  readonly parameters: Tensors;
  /** First moments, one for each parameter. */
  readonly first: Tensors;
  /** Second moments. */
  readonly second: Tensors;
  /** Norm of all gradients before clipping, scalar. */
  readonly gradientNorm: tf.Scalar;
}

export const adamDecay = { first: 0.9, second: 0.999 } as const;

/**
 * @param stepSize learningRate sqrt(1 - b2^t) / (1 - b1^t), scalar: the bias correction of the step count t = 1, 2, ...
 * @param epsilon added to sqrt(v) / sqrt(1 - b2^t); scalar, already multiplied by sqrt(1 - b2^t) (section 2 of the paper)
 */
export function adamStep(
  { parameters, first, second }: Omit<AdamStep, 'gradientNorm'>,
  gradients: Tensors,
  stepSize: tf.Tensor,
  epsilon: tf.Tensor,
  maxGradientNorm: number,
): AdamStep {
  const names = Object.keys(parameters);
  const squares = names.map((name) => tf.sum(tf.square(gradients[name])));
  // Pairwise: WebGPU's addN takes eight tensors at most.
  const gradientNorm = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square))) as tf.Scalar;
  const scale = tf.minimum(1, tf.div(maxGradientNorm, tf.add(gradientNorm, 1e-6)));
  const next = { parameters: {} as Tensors, first: {} as Tensors, second: {} as Tensors };
  for (const name of names) {
    const gradient = tf.mul(gradients[name], scale);
    const m = tf.add(tf.mul(first[name], adamDecay.first), tf.mul(gradient, 1 - adamDecay.first));
    const v = tf.add(tf.mul(second[name], adamDecay.second), tf.mul(tf.square(gradient), 1 - adamDecay.second));
    next.first[name] = m;
    next.second[name] = v;
    next.parameters[name] = tf.sub(parameters[name], tf.div(tf.mul(m, stepSize), tf.add(tf.sqrt(v), epsilon)));
  }
  return { ...next, gradientNorm };
}
