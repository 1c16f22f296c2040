/**
 * What is attributed: one number made of a model's outputs. Linear targets are a weight for each output and an input
 * of the compiled gradient, so choosing another never compiles again; the nonlinear kinds are one compiled function
 * each, over a mask of logits.
 */
import * as tf from '@tensorflow/tfjs';
import { InputError } from '@saccade/core';
import { quadrature } from './quadrature.ts';

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

/** The target of one row of outputs, that starts at `offset`; on the host, in double precision. */
export function scoreOf(target: Target, outputs: ArrayLike<number>, offset = 0): number {
  if (target.kind === 'linear') {
    return target.weights.reduce((sum, weight, i) => sum + weight * outputs[offset + i], 0);
  }
  const { kind, mask } = target;
  const p = softmax(outputs, mask.length, offset);
  const members = p.reduce((sum, value, i) => sum + mask[i] * value, 0);
  switch (kind) {
    case 'probability':
      return members;
    case 'logProbability':
      return Math.log(members);
    case 'groupLogit':
      return Math.log(members) - p.reduce((sum, value) => sum + Math.log(value), 0) / mask.length;
    case 'entropy':
      return -p.reduce((sum, value) => sum + (value > 0 ? value * Math.log(value) : 0), 0);
    default:
      return kind satisfies never;
  }
}

/** Softmax of a row's logits, in double precision. */
export function softmax(outputs: ArrayLike<number>, logits: number, offset = 0): Float64Array {
  let highest = -Infinity;
  for (let i = 0; i < logits; i++) highest = Math.max(highest, outputs[offset + i]);
  const probabilities = new Float64Array(logits);
  let all = 0;
  for (let i = 0; i < logits; i++) all += probabilities[i] = Math.exp(outputs[offset + i] - highest);
  return probabilities.map((value) => value / all);
}

/**
 * d target / d outputs at one row of outputs: the weights of the linear target that is tangent there.
 * @returns [outputs]
 */
export function tangent(target: Target, outputs: ArrayLike<number>): Float64Array {
  if (target.kind === 'linear') return Float64Array.from(target.weights);
  const { kind, mask } = target;
  const logits = mask.length;
  const p = softmax(outputs, logits);
  const weights = new Float64Array(outputs.length);
  const members = p.reduce((sum, value, i) => sum + mask[i] * value, 0);
  const minusEntropy = p.reduce((sum, value) => sum + (value > 0 ? value * Math.log(value) : 0), 0);
  for (let i = 0; i < logits; i++) {
    switch (kind) {
      case 'probability':
        weights[i] = p[i] * (mask[i] - members);
        break;
      case 'logProbability':
        weights[i] = (p[i] * mask[i]) / members - p[i];
        break;
      case 'groupLogit':
        weights[i] = (p[i] * mask[i]) / members - 1 / logits;
        break;
      case 'entropy':
        weights[i] = p[i] > 0 ? p[i] * (minusEntropy - Math.log(p[i])) : 0;
        break;
      default:
        kind satisfies never;
    }
  }
  return weights;
}

/**
 * The tangent averaged on the way between two rows of outputs, so that weights x (here - there) sums to the change of
 * the target: how methods with exact sums for linear targets keep them for the others.
 */
export function secant(target: Target, here: ArrayLike<number>, there: ArrayLike<number>): Float64Array {
  if (target.kind === 'linear') return Float64Array.from(target.weights);
  const { nodes, weights } = quadrature('gauss-legendre', 32);
  const average = new Float64Array(here.length);
  nodes.forEach((node, k) => {
    const between = Array.from(here, (value, i) => there[i] + node * (value - there[i]));
    tangent(target, between).forEach((slope, i) => (average[i] += weights[k] * slope));
  });
  return average;
}

/** The action that a target speaks of: its largest weight, if any is positive, else the likeliest of `outputs`. */
export function actionOf(target: Target, outputs: ArrayLike<number>, logits: number): number {
  const weights = target.kind === 'linear' ? target.weights : target.kind === 'entropy' ? [] : target.mask;
  let best = -1;
  for (let i = 0; i < logits; i++) if (weights[i] > 0 && (best === -1 || weights[i] > weights[best])) best = i;
  if (best !== -1) return best;
  best = 0;
  for (let i = 1; i < logits; i++) if (outputs[i] > outputs[best]) best = i;
  return best;
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
