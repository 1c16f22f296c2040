/** One computation, the same in a page and in Node: a network forward, and the gradient of its value at its input. */
import * as tf from '@tensorflow/tfjs';
import { createStream } from '@saccade/core';
import { buildNetwork, forward, initialiseParameters, plainOps } from '@saccade/nn';
import type { Compile } from '@saccade/nn';

export interface Outputs {
  /** [batch, actions] */
  readonly logits: readonly number[];
  /** [batch] */
  readonly value: readonly number[];
  /** Of the sum of the values, a full swing of a pixel (0 to 255): [batch, height, width, channel]. */
  readonly gradient: readonly number[];
}

export interface Found extends Outputs {
  readonly threads: number;
  readonly description: string;
  /** How far the download was, each time it said so. */
  readonly shares: readonly number[];
}

const batch = 3;

export async function compute(compile: Compile): Promise<Outputs> {
  const network = buildNetwork('compact', [64, 64, 3], 7);
  const parameters = initialiseParameters(network, createStream(5, 'parameters'));
  const shape = [batch, ...network.observationShape];
  const compiled = await compile(
    ({ observations }, constants) => {
      const { logits, value } = forward(network, constants, observations, plainOps);
      const gradient = tf.grad((x) => tf.sum(forward(network, constants, x, plainOps).value))(observations);
      return { logits, value, gradient };
    },
    { inputs: { observations: { shape, dtype: 'float32' } }, constants: parameters },
  );
  const stream = createStream(6, 'observations');
  const observations = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.integer(256));
  const { logits, value, gradient } = await compiled({ observations });
  compiled.dispose();
  return {
    logits: [...logits.data],
    value: [...value.data],
    gradient: Array.from(gradient.data, (perUnit) => 255 * perUnit),
  };
}
