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
