/** Whole networks, forward and backward, against plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import { describe, it } from 'vitest';
import { buildNetwork, forward, plainOps } from '@saccade/nn';
import type { CompilableFunction, HostTensor, Network } from '@saccade/nn';
import { expectParity, numbers, tensorOf } from './support.ts';

function parametersOf(network: Network): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }], i) => {
      const tensor = tensorOf(i + 1, shape);
      const fan = shape.length === 1 ? 10 : tensor.data.length / shape[shape.length - 1];
      return [name, { ...tensor, data: Float32Array.from(tensor.data, (x) => x / Math.sqrt(fan)) }];
    }),
  );
}

const batch = 2;
/** Small, because plain TensorFlow.js takes seconds a frame of 64. */
const side = 16;
const observation: HostTensor = {
  shape: [batch, side, side, 3],
  dtype: 'uint8',
  data: Uint8Array.from(numbers(7, batch * side * side * 3), (x) => (x + 1) * 127),
};
const tolerance = { absolute: 1e-5, relative: 1e-4 };

describe.each(['compact', 'clear_cnn'])('%s', (name) => {
  const network = buildNetwork(name, [side, side, 3], 7);
  const parameters = parametersOf(network);

  it('acts as in plain TensorFlow.js, its parameters constants', async () => {
    await expectParity(
      (inputs, constants) => ({ ...forward(network, constants, inputs.observation, plainOps) }),
      { observation },
      tolerance,
      parameters,
    );
  });

  it('has the same gradient of a logit with respect to the observation', async () => {
    const gradient: CompilableFunction = ({ observation }, constants) => ({
      gradient: tf.grad((x) => forward(network, constants, x, plainOps).logits.slice([0, 2], [-1, 1]).sum())(
        observation,
      ),
    });
    await expectParity(gradient, { observation }, tolerance, parameters);
  });

  it('has the same loss and gradients of all parameters', async () => {
    const names = Object.keys(parameters);
    const update: CompilableFunction = ({ observation, target, ...rest }) => {
      const loss = (...values: tf.Tensor[]): tf.Scalar => {
        const table = Object.fromEntries(names.map((key, i) => [key, values[i]]));
        const { logits, value } = forward(network, table, observation, plainOps);
        const policy = tf.logSoftmax(logits).mul(target).sum();
        return value.square().mean().sub(policy) as tf.Scalar;
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((key) => rest[key]));
      return { loss: value, ...Object.fromEntries(names.map((key, i) => [`d_${key}`, grads[i]])) };
    };
    await expectParity(update, { observation, target: tensorOf(9, [batch, 7]), ...parameters }, tolerance);
  });
});

describe('products over the leading axis of images', () => {
  it('agree where they make points on a line and where they add up gradients', async () => {
    const mix = tensorOf(1, [5, 2]);
    const ends = tensorOf(2, [2, 6, 4, 3]);
    const shares = tensorOf(3, [2, 5]);
    const kernel = tensorOf(4, [3, 3, 3, 8]);
    await expectParity(
      (inputs, { kernel }) => {
        const points = tf.reshape(
          tf.matMul(inputs.mix as tf.Tensor2D, tf.reshape(inputs.ends, [2, 72]) as tf.Tensor2D),
          [5, 6, 4, 3],
        );
        // The kernel's channels are many on one side and few on the other: the gradient comes in either order of axes.
        const gradients = tf.grad((x: tf.Tensor) =>
          tf.sum(tf.square(tf.relu(tf.conv2d(tf.square(x) as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same')))),
        )(points);
        const hidden = tf.conv2d(points as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same');
        const sum = (rows: tf.Tensor): tf.Tensor =>
          tf.matMul(inputs.shares as tf.Tensor2D, tf.reshape(rows, [5, -1]) as tf.Tensor2D);
        return { points, sums: sum(gradients), hidden: sum(hidden) };
      },
      { mix, ends, shares },
      { absolute: 1e-4, relative: 1e-4 },
      { kernel },
    );
  });
});
