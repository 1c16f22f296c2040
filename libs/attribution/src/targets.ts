/**
 * What is attributed: one number made of a model's outputs. Linear targets are a weight for each output and an input
 * of the compiled gradient, so choosing another never compiles again; the nonlinear kinds are one compiled function
 * each, over a mask of logits.
 */
import * as tf from '@tensorflow/tfjs';
import { InputError } from '@saccade/core';

/** Weighted sum of the outputs. `weights` [outputs]. */
export interface LinearTarget {
  readonly kind: 'linear';
  readonly weights: Float32Array;
}

/** `mask` [logits], 1 for the members of a group of actions, else 0. */
export interface NonlinearTarget {
  readonly kind: 'logProbability' | 'probability' | 'groupLogit' | 'entropy';
  readonly mask: Float32Array;
}

export type Target = LinearTarget | NonlinearTarget;

/** What a target needs to know of a model; a `DifferentiableModel` satisfies it. */
export interface OutputLayout {
  readonly outputs: number;
  readonly logits: number;
}

function expectIndex(where: string, what: string, index: number, count: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new InputError(`${where}: expected ${what} from 0 to ${count - 1}, got ${index}`);
  }
}

/** Output `index` as it is. A raw logit is defined only up to a shift shared by all logits. */
export function rawOutput({ outputs }: OutputLayout, index: number): LinearTarget {
  expectIndex('rawOutput', 'an output', index, outputs);
  const weights = new Float32Array(outputs);
  weights[index] = 1;
  return { kind: 'linear', weights };
}

/** A logit less the mean of all logits: what distinguishes this action from the others. */
export function centredLogit({ outputs, logits }: OutputLayout, action: number): LinearTarget {
  expectIndex('centredLogit', 'an action', action, logits);
  const weights = new Float32Array(outputs).fill(-1 / logits, 0, logits);
  weights[action] += 1;
  return { kind: 'linear', weights };
}

/** logit `action` - logit `other`: why this action and not that. */
export function logitDifference({ outputs, logits }: OutputLayout, action: number, other: number): LinearTarget {
  expectIndex('logitDifference', 'an action', action, logits);
  expectIndex('logitDifference', 'an action', other, logits);
  const weights = new Float32Array(outputs);
  weights[action] += 1;
  weights[other] -= 1;
  return { kind: 'linear', weights };
}

function group(where: string, { logits }: OutputLayout, actions: readonly number[]): Float32Array {
  const mask = new Float32Array(logits);
  if (actions.length === 0) throw new InputError(`${where}: expected at least one action, got none`);
  for (const action of actions) {
    expectIndex(where, 'an action', action, logits);
    mask[action] = 1;
  }
  return mask;
}

/** log of the summed probability of `actions`. */
export function logProbability(layout: OutputLayout, ...actions: number[]): NonlinearTarget {
  return { kind: 'logProbability', mask: group('logProbability', layout, actions) };
}

/** Summed probability of `actions`. */
export function probability(layout: OutputLayout, ...actions: number[]): NonlinearTarget {
  return { kind: 'probability', mask: group('probability', layout, actions) };
}

/** logsumexp of the logits of `actions`, less the mean of all logits: the centred logit of several actions at once. */
export function groupLogit(layout: OutputLayout, ...actions: number[]): NonlinearTarget {
  return { kind: 'groupLogit', mask: group('groupLogit', layout, actions) };
}

/** Entropy of the action distribution, nats. */
export function entropy(layout: OutputLayout): NonlinearTarget {
  if (layout.logits === 0) throw new InputError('entropy: expected a model with logits, got one without');
  return { kind: 'entropy', mask: new Float32Array(layout.logits).fill(1) };
}

/** Sum of `weights` x `outputs` of one row, in double precision. */
export function linearScore(weights: ArrayLike<number>, outputs: ArrayLike<number>, offset = 0): number {
  let score = 0;
  for (let i = 0; i < weights.length; i++) score += weights[i] * outputs[offset + i];
  return score;
}

/**
 * A nonlinear target inside a compiled function.
 * @param outputs [batch, outputs]
 * @param mask [batch, logits]
 * @returns [batch]
 */
export function nonlinearScore(kind: NonlinearTarget['kind'], outputs: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor1D {
  const logits = tf.slice(outputs, [0, 0], [-1, mask.shape[1]]);
  const logProbabilities = tf.logSoftmax(logits);
  const probabilities = tf.exp(logProbabilities);
  const members = tf.sum(tf.mul(mask, probabilities), 1);
  switch (kind) {
    case 'probability':
      return members as tf.Tensor1D;
    case 'logProbability':
      return tf.log(members) as tf.Tensor1D;
    case 'entropy':
      return tf.neg(tf.sum(tf.mul(probabilities, logProbabilities), 1)) as tf.Tensor1D;
    case 'groupLogit':
      // logsumexp over the group = log(its probability) + logsumexp over all; the latter is logit - log probability.
      return tf.sub(tf.log(members), tf.mean(logProbabilities, 1)) as tf.Tensor1D;
    default:
      return kind satisfies never;
  }
}
