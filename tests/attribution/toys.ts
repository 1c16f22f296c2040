/** Differentiable models small enough to solve by hand, and small random networks. */
import * as tf from '@tensorflow/tfjs';
import { createStream } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { createAttributor } from '@saccade/attribution';
import type { Attributor, DifferentiableModel } from '@saccade/attribution';
import { buildNetwork, eagerCompile, initialiseParameters } from '@saccade/nn';
import type { Compile, HostTensors, Policy } from '@saccade/nn';

export function tensor(shape: Shape, values: ArrayLike<number>): HostTensors[string] {
  return { shape, dtype: 'float32', data: Float32Array.from(values) };
}

/** A model without logits whose outputs are what `score` stacks. */
export function modelOf(
  shape: Shape,
  outputs: number,
  score: DifferentiableModel['score'],
  constants: HostTensors = {},
): DifferentiableModel {
  return { shape, outputs, logits: 0, constants, score };
}

/** f = relu(x0 - 1) - relu(x1): Integrated Gradients of (3, 1) from zero is (2, -1) in the limit. */
export function twoRelus(): Attributor {
  return createAttributor(
    modelOf([2], 1, (x, ops) => {
      const flat = ops.flatten(x);
      const first = ops.relu(tf.sub(tf.slice(flat, [0, 0], [-1, 1]), 1));
      const second = ops.relu(tf.slice(flat, [0, 1], [-1, 1]));
      return tf.sub(first, second) as tf.Tensor2D;
    }),
    eagerCompile,
  );
}

/** Two convolutions, a pool of the given kind, a dense head with three logits and a value: on 6x6x2 activations. */
export function smallConvolution(
  compile: Compile = eagerCompile,
  pool: 'maxPool' | 'l2Pool' = 'l2Pool',
  seed = 1,
): Attributor {
  const stream = createStream(seed, 'smallConvolution');
  const random = (...shape: number[]): HostTensors[string] =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (stream.next() - 0.5) * 0.9),
    );
  const constants = {
    k1: random(3, 3, 2, 4),
    b1: random(4),
    k2: random(3, 3, 4, 5),
    b2: random(5),
    k3: random(45, 4),
    b3: random(4),
  };
  return createAttributor(
    {
      shape: [6, 6, 2],
      outputs: 4,
      logits: 3,
      constants,
      score(x, ops, { k1, b1, k2, b2, k3, b3 }) {
        const same = { stride: 1, padding: 'same' } as const;
        const a = ops.relu(ops.convolution(x, k1, b1, same));
        const p = ops[pool](a, { size: 2, stride: 2, padding: 'same' });
        const b = ops.relu(ops.convolution(p, k2, b2, same));
        return ops.dense(ops.flatten(b), k3, b3) as tf.Tensor2D;
      },
    },
    compile,
  );
}

/** A frame of bytes as floats 0-1, [6, 6, 2]. */
export function smallFrame(seed = 7): Float32Array {
  const stream = createStream(seed, 'smallFrame');
  return Float32Array.from({ length: 72 }, () => stream.next());
}

/** An untrained policy of a real architecture. */
export function untrainedPolicy(architecture: string, observationShape: Shape = [64, 64, 3], seed = 3): Policy {
  const actions = ['left', 'right', 'jump'];
  const network = buildNetwork(architecture, observationShape, actions.length);
  return { network, parameters: initialiseParameters(network, createStream(seed, 'policy')), actions, training: {} };
}

export function randomObservation(shape: Shape = [64, 64, 3], seed = 5): Uint8Array {
  const stream = createStream(seed, 'observation');
  return Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.integer(256));
}
