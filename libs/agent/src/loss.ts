/** PPO's objective, as a plain differentiable function over a batch. Schulman et al. 2017, https://arxiv.org/abs/1707.06347 */
import * as tf from '@tensorflow/tfjs';
import type { NetworkOutputs } from '@saccade/nn';

/** b rows; every tensor is [b]. */
export interface PpoBatch {
  /** Which logit was taken, int32. */
  readonly actions: tf.Tensor1D;
  /** log pi_old(a|s) when the rollout was collected. */
  readonly oldLogProbabilities: tf.Tensor1D;
  /** V_old(s) when the rollout was collected. */
  readonly oldValues: tf.Tensor1D;
  readonly advantages: tf.Tensor1D;
  readonly returns: tf.Tensor1D;
  /** What each row counts: 1 / (rows of the minibatch), 0 for padding. The loss is the weighted sum. */
  readonly weights: tf.Tensor1D;
}

export interface PpoLossConfig {
  readonly clip: number;
  readonly clipValue: boolean;
  readonly valueCoefficient: number;
  /** A tensor where it changes while one compiled function goes on. */
  readonly entropyCoefficient: number | tf.Scalar;
}

/** All scalars: weighted sums over the batch, so that micro-batches add up to the minibatch's means. */
export interface PpoLoss {
  /** policyLoss + valueCoefficient valueLoss - entropyCoefficient entropy */
  readonly loss: tf.Scalar;
  /** -min(rho A, clip(rho, 1 +- clip) A), rho = pi(a|s) / pi_old(a|s) (equation 7). */
  readonly policyLoss: tf.Scalar;
  /** 1/2 max((V - R)^2, (V_old + clip(V - V_old, +-clip) - R)^2) */
  readonly valueLoss: tf.Scalar;
  readonly entropy: tf.Scalar;
  /** mean of (rho - 1) - log rho, an unbiased estimate of KL(pi_old || pi) (http://joschu.net/blog/kl-approx.html). */
  readonly approximateKl: tf.Scalar;
  /** Share of rows whose ratio left the clip range. */
  readonly clipFraction: tf.Scalar;
}

export function ppoLoss({ logits, value }: NetworkOutputs, batch: PpoBatch, config: PpoLossConfig): PpoLoss {
  const { clip, clipValue, valueCoefficient, entropyCoefficient } = config;
  const weighted = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(x, batch.weights));
  const logProbabilities = tf.logSoftmax(logits);
  const taken = tf.oneHot(batch.actions, logits.shape[1]).cast('float32');
  const logRatio = tf.sub(tf.sum(tf.mul(logProbabilities, taken), 1), batch.oldLogProbabilities);
  const ratio = tf.exp(logRatio);
  const clipped = tf.clipByValue(ratio, 1 - clip, 1 + clip);
  const policyLoss = weighted(tf.neg(tf.minimum(tf.mul(ratio, batch.advantages), tf.mul(clipped, batch.advantages))));
  const error = tf.square(tf.sub(value, batch.returns));
  const near = tf.add(batch.oldValues, tf.clipByValue(tf.sub(value, batch.oldValues), -clip, clip));
  const worst = clipValue ? tf.maximum(error, tf.square(tf.sub(near, batch.returns))) : error;
  const valueLoss = tf.mul(weighted(worst), 0.5) as tf.Scalar;
  const entropy = weighted(tf.neg(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities), 1)));
  const loss = tf.sub(
    tf.add(policyLoss, tf.mul(valueLoss, valueCoefficient)),
    tf.mul(entropy, entropyCoefficient),
  ) as tf.Scalar;
  return {
    loss,
    policyLoss,
    valueLoss,
    entropy,
    approximateKl: weighted(tf.sub(tf.sub(ratio, 1), logRatio)),
    clipFraction: weighted(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clip), 'float32')),
  };
}
