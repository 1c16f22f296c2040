/** An operation with a gradient of our own: what every table of rules is made of. */
import * as tf from '@tensorflow/tfjs';

export interface Saved {
  readonly inputs: readonly tf.Tensor[];
  readonly output: tf.Tensor;
}

/**
 * `forward(...inputs)`, whose gradient is whatever `backward` says: one tensor for each input.
 * @param backward must not differentiate in turn, and must use no tensor of the forward pass but those in `saved`
 */
export function withGradient(
  inputs: readonly tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => tf.Tensor,
  backward: (dy: tf.Tensor, saved: Saved) => readonly tf.Tensor[],
): tf.Tensor {
  const custom = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const tensors = args.slice(0, -1) as tf.Tensor[];
    const save = args[args.length - 1] as tf.GradSaveFunc;
    const value = forward(...tensors);
    save([...tensors, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        ...backward(dy, { inputs: saved.slice(0, -1), output: saved[saved.length - 1] }),
      ],
    };
  });
  return custom(...inputs);
}
