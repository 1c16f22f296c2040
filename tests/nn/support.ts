/** What tests of networks share: engines, random tensors, running a policy, and graphs written by hand. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { createStream, normal, sizeOf } from '@saccade/core';
import { createJit, runtimeOf } from '@saccade/jit';
import { eagerCompile, encodeOnnx, initialiseParameters, plainOps, splitAt } from '@saccade/nn';
import type { Compile, HostTensor, Network, OnnxAttribute, OnnxNode, OnnxTensor, OnnxType, Policy } from '@saccade/nn';

const jit = createJit<ort.InferenceSession.SessionOptions>(runtimeOf(ort), {
  limitBytes: 2 ** 28,
  session: { intraOpNumThreads: 1, interOpNumThreads: 1 },
});

export const engines: Readonly<Record<string, Compile>> = { 'plain TensorFlow.js': eagerCompile, jit: jit.compile };

export function numbers(seed: number | string, count: number, scale = 1): Float32Array {
  const stream = createStream(seed, 'test');
  return Float32Array.from({ length: count }, () => normal(stream) * scale);
}

export function bytes(seed: number | string, count: number): Uint8Array {
  const stream = createStream(seed, 'bytes');
  return Uint8Array.from({ length: count }, () => stream.integer(256));
}

export function policyOf(network: Network, seed = 1): Policy {
  const stream = createStream(seed, 'policy');
  const parameters = Object.fromEntries(
    Object.entries(initialiseParameters(network, stream)).map(([name, tensor]) => [
      name,
      // Biases away from zero, and logits large enough to compare.
      name.endsWith('/bias') || name.startsWith('logits')
        ? { ...tensor, data: numbers(`${seed}/${name}`, tensor.data.length, 0.1) }
        : tensor,
    ]),
  );
  const actions = Array.from({ length: network.actions }, (_, i) => `act-${i}`);
  return { network, parameters, actions, training: { levels: 'none' } };
}

export interface LayerResult {
  readonly logits: Float32Array;
  readonly value: Float32Array;
  readonly activation: HostTensor;
  /** Of weights . logits + 2 sum(value), in the activation. */
  readonly gradient: HostTensor;
}

/** Cuts `policy` at `layer`, runs both halves on `observations`, and differentiates the second one. */
export async function runAt(
  { network, parameters }: Policy,
  layer: string,
  observations: Uint8Array | Float32Array,
  weights: Float32Array,
  compile: Compile = eagerCompile,
): Promise<LayerResult> {
  const split = splitAt(network, layer);
  const batch = observations.length / sizeOf(network.observationShape);
  const compiled = await compile(
    (inputs, constants) => {
      const { activation, bypass } = split.toLayer(constants, inputs.observation, plainOps);
      const score = (x: tf.Tensor): tf.Scalar => {
        const { logits, value } = split.fromLayer(constants, { activation: x, bypass }, plainOps);
        return tf.add(tf.sum(tf.mul(logits, inputs.weights)), tf.mul(tf.sum(value), 2)) as tf.Scalar;
      };
      const { logits, value } = split.fromLayer(constants, { activation, bypass }, plainOps);
      return { logits, value, activation, gradient: tf.grad(score)(activation) };
    },
    {
      inputs: {
        observation: { shape: [batch, ...network.observationShape], dtype: 'float32' },
        weights: { shape: [1, network.actions], dtype: 'float32' },
      },
      constants: parameters,
    },
  );
  try {
    const outputs = await compiled({ observation: Float32Array.from(observations), weights });
    return {
      logits: outputs.logits.data as Float32Array,
      value: outputs.value.data as Float32Array,
      activation: outputs.activation,
      gradient: outputs.gradient,
    };
  } finally {
    compiled.dispose();
  }
}

export interface Cut {
  readonly activation: HostTensor;
  readonly logits: Float32Array;
  readonly value: Float32Array;
}

/** fromLayer(toLayer(observation)) for every layer of a policy, by layer. */
export async function cutEverywhere(
  { network, parameters }: Policy,
  observations: Uint8Array,
  compile: Compile = eagerCompile,
): Promise<Record<string, Cut>> {
  const batch = observations.length / sizeOf(network.observationShape);
  const compiled = await compile(
    ({ observation }, constants) => {
      const outputs: Record<string, tf.Tensor> = {};
      network.layers.forEach((layer, i) => {
        const split = splitAt(network, layer);
        const state = split.toLayer(constants, observation, plainOps);
        const { logits, value } = split.fromLayer(constants, state, plainOps);
        Object.assign(outputs, {
          [`activation/${i}`]: state.activation,
          [`logits/${i}`]: logits,
          [`value/${i}`]: value,
        });
      });
      return outputs;
    },
    {
      inputs: { observation: { shape: [batch, ...network.observationShape], dtype: 'uint8' } },
      constants: parameters,
    },
  );
  try {
    const outputs = await compiled({ observation: observations });
    return Object.fromEntries(
      network.layers.map((layer, i) => {
        const [logits, value] = [
          outputs[`logits/${i}`].data as Float32Array,
          outputs[`value/${i}`].data as Float32Array,
        ];
        return [layer, { activation: outputs[`activation/${i}`], logits, value }];
      }),
    );
  } finally {
    compiled.dispose();
  }
}

/** Runs an ONNX file with ONNX Runtime itself: the reference that shares no code with the importer. */
export async function runOnnx(
  file: Uint8Array,
  input: {
    readonly type: 'float32' | 'uint8';
    readonly dims: readonly number[];
    readonly data: Float32Array | Uint8Array;
  },
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const results = await session.run({ observation: new ort.Tensor(input.type, input.data, input.dims) });
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (...value: number[]): OnnxAttribute => ({ kind: 'ints', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const text = (value: string): OnnxAttribute => ({ kind: 'string', value });

export function floats(name: string, dims: readonly number[], values: ArrayLike<number>): OnnxTensor {
  return { name, dims, type: 'float32', data: new Uint8Array(Float32Array.from(values).buffer) };
}

export function int64s(name: string, values: readonly number[], dims: readonly number[] = [values.length]): OnnxTensor {
  return { name, dims, type: 'int64', data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

/** `node('Relu', 'relu', ['x'])` computes a value that is called as the node is. */
export function node(
  opType: string,
  name: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  return { name, opType, domain: '', inputs, outputs: [`${name}`], attributes };
}

export interface Model {
  readonly shape: readonly (number | string)[];
  readonly nodes: readonly OnnxNode[];
  readonly weights?: readonly OnnxTensor[];
  readonly outputs?: readonly string[];
  readonly type?: OnnxType;
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model with one input `observation`, and by default outputs `logits` and `value`. */
export function modelBytes({
  shape,
  nodes,
  weights = [],
  outputs = ['logits', 'value'],
  type = 'float32',
  opset = 13,
  metadata = {},
}: Model): Uint8Array {
  return encodeOnnx({
    irVersion: 8,
    producer: 'test',
    opsets: { '': opset },
    metadata,
    graph: {
      name: 'test',
      nodes,
      initializers: weights,
      inputs: [{ name: 'observation', type, shape }],
      outputs: outputs.map((name) => ({ name, type: 'float32' })),
    },
  });
}

/** Two dense heads over a flat value of `features` numbers. */
export function heads(from: string, features: number, actions = 3): { nodes: OnnxNode[]; weights: OnnxTensor[] } {
  return {
    nodes: [
      node('Gemm', 'logits', [from, 'actor', 'actor-bias']),
      node('Gemm', 'value', [from, 'critic', 'critic-bias']),
    ],
    weights: [
      floats('actor', [features, actions], numbers('actor', features * actions, 1 / Math.sqrt(features))),
      floats('actor-bias', [actions], numbers('actor-bias', actions, 0.1)),
      floats('critic', [features, 1], numbers('critic', features, 1 / Math.sqrt(features))),
      floats('critic-bias', [1], [0.25]),
    ],
  };
}
