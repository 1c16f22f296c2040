/**
 * Functions of single elements other than ReLU, as data: a method that needs a rule for nonlinearities (DeepLift's
 * slope, LRP's pass-through) has one entry to write for all of them.
 */
import * as tf from '@tensorflow/tfjs';

export type ElementwiseFunction =
  | { readonly kind: 'tanh' | 'sigmoid' }
  /** x where positive, else slope * x. */
  | { readonly kind: 'leakyRelu'; readonly slope: number }
  /** Limits to [low, high], finite. */
  | { readonly kind: 'clip'; readonly low: number; readonly high: number }
  /** x ^ exponent. */
  | { readonly kind: 'power'; readonly exponent: number };

function power(x: tf.Tensor, exponent: number): tf.Tensor {
  // The common exponents have kernels of their own, whose gradients are finite where pow's is not.
  switch (exponent) {
    case 2:
      return tf.square(x);
    case 1:
      return tf.mul(x, 1);
    case 0.5:
      return tf.sqrt(x);
    case -1:
      return tf.div(1, x);
    default:
      return tf.pow(x, exponent);
  }
}

/** The function itself, with its plain derivative. */
export function applyElementwise(fn: ElementwiseFunction, x: tf.Tensor): tf.Tensor {
  switch (fn.kind) {
    case 'tanh':
      return tf.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'leakyRelu':
      return tf.leakyRelu(x, fn.slope);
    case 'clip':
      return tf.clipByValue(x, fn.low, fn.high);
    case 'power':
      return power(x, fn.exponent);
    default:
      return fn satisfies never;
  }
}
