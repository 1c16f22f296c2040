/** Differentiable models small enough to solve by hand, and small random networks. */
import * as tf from '@tensorflow/tfjs';
import { createStream } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { createAttributor } from '@saccade/attribution';
import type { Attributor, Cut, DifferentiableModel, ObjectInterventions, Source } from '@saccade/attribution';
import { buildNetwork, eagerCompile, initialiseParameters, plainOps } from '@saccade/nn';
import type { Compile, HostTensors, Ops, Policy, Tensors } from '@saccade/nn';

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

type Layers = { front: HostTensors; back: HostTensors };

function smallLayers(seed: number): Layers {
  const stream = createStream(seed, 'smallConvolution');
  const random = (...shape: number[]): HostTensors[string] =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (stream.next() - 0.5) * 0.9),
    );
  return {
    back: {
      k1: random(3, 3, 2, 4),
      b1: random(4),
      k2: random(3, 3, 4, 5),
      b2: random(5),
      k3: random(45, 4),
      b3: random(4),
    },
    front: { k0: random(3, 3, 3, 2), b0: tensor([2], [0.3, 0.4]) },
  };
}

type Pool = 'maxPool' | 'averagePool' | 'l2Pool';

function backScore(pool: Pool): DifferentiableModel['score'] {
  return (x, ops, { k1, b1, k2, b2, k3, b3 }) => {
    const same = { stride: 1, padding: 'same' } as const;
    const a = ops.relu(ops.convolution(x, k1, b1, same));
    const p = ops[pool](a, { size: 2, stride: 2, padding: 'same' });
    const b = ops.relu(ops.convolution(p, k2, b2, same));
    return ops.dense(ops.flatten(b), k3, b3) as tf.Tensor2D;
  };
}

function frontActivation(x: tf.Tensor, ops: Ops, { k0, b0 }: Tensors): tf.Tensor {
  return ops.relu(ops.convolution(x, k0, b0, { stride: 2, padding: 'same' }));
}

/** Two convolutions, a pool of the given kind, a dense head with three logits and a value: on 6x6x2 activations. */
export function smallConvolution(compile: Compile = eagerCompile, pool: Pool = 'l2Pool', seed = 1): Attributor {
  const constants = smallLayers(seed).back;
  return createAttributor({ shape: [6, 6, 2], outputs: 4, logits: 3, constants, score: backScore(pool) }, compile);
}

/** The same network with a strided convolution before it, from [12, 12, 3] inputs: a layer with a source. */
export function smallSource(compile: Compile = eagerCompile, seed = 1): { source: Source; layer: Cut } {
  const { front, back } = smallLayers(seed);
  const whole = createAttributor(
    {
      shape: [12, 12, 3],
      outputs: 4,
      logits: 3,
      constants: { ...front, ...back },
      score: (x, ops, constants, context) =>
        backScore('l2Pool')(frontActivation(x, ops, constants), ops, constants, context),
    },
    compile,
  );
  const input = smallFrame(9, 12 * 12 * 3);
  const toLayer = (inputs: Float32Array): Promise<{ activations: Float32Array }> => {
    const activations = tf.tidy(() => {
      const constants = { k0: tf.tensor(front['k0'].data, [3, 3, 3, 2]), b0: tf.tensor(front['b0'].data, [2]) };
      return frontActivation(
        tf.tensor(inputs, [inputs.length / input.length, 12, 12, 3]),
        plainOps,
        constants,
      ).dataSync();
    });
    return Promise.resolve({ activations: activations as Float32Array });
  };
  const source = { cut: { attributor: whole, activation: input }, toLayer };
  const activation = tf.tidy(() => {
    const constants = { k0: tf.tensor(front['k0'].data, [3, 3, 3, 2]), b0: tf.tensor(front['b0'].data, [2]) };
    return frontActivation(tf.tensor(input, [1, 12, 12, 3]), plainOps, constants).dataSync() as Float32Array;
  });
  return { source, layer: { attributor: smallConvolution(compile, 'l2Pool', seed), activation } };
}

/** Three things on the 6x6 layer, each taken away by setting its positions to zero. */
export function smallObjects(activation: Float32Array, channels = 2): ObjectInterventions {
  const squares = [
    [0, 0, 2],
    [3, 3, 3],
    [0, 4, 2],
  ];
  const masks = squares.map(([top, left, side]) =>
    Uint8Array.from({ length: 36 }, (_, p) => {
      const [y, x] = [Math.floor(p / 6), p % 6];
      return y >= top && y < top + side && x >= left && x < left + side ? 1 : 0;
    }),
  );
  return {
    names: ['coin', 'saw', 'enemy'],
    masks,
    without: (removed) =>
      Promise.resolve({
        activation: activation.map((value, i) =>
          removed.some((object) => masks[object][Math.floor(i / channels)]) ? 0 : value,
        ),
      }),
  };
}

/** Floats 0-1, [6, 6, 2] unless told otherwise. */
export function smallFrame(seed = 7, length = 72): Float32Array {
  const stream = createStream(seed, 'smallFrame');
  return Float32Array.from({ length }, () => stream.next());
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
