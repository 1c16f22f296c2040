/**
 * Models that hold together as files and make no sense as graphs: golden ones, decoded, changed as a faulty exporter or
 * a hand might change them, and encoded again. Each imports and then computes, or is refused as the user's input; nothing
 * else happens.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { decodeOnnx, encodeOnnx, forward, plainOps, policyFromOnnx } from '@saccade/nn';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxType, Policy } from '@saccade/nn';

type Draw = fc.GeneratorValue;
type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Nodes = Writable<OnnxNode>[];
/** A model whose graph is about to be changed. */
interface Changed extends Writable<OnnxModel> {
  graph: Writable<OnnxModel['graph']>;
}

/** For a longer search: how many models of each file, and where the draws begin. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 60);
const seed = process.env['FUZZ_SEED'] === undefined ? 20 : Number(process.env['FUZZ_SEED']);

const files = ['impala', 'nature', 'perceptron', 'sampler-10', 'sampler-13', 'sampler-17'];
const models = new Map(
  files.map((name) => {
    const path = join(import.meta.dirname, '..', 'golden', 'nn', `${name}.onnx`);
    return [name, decodeOnnx(new Uint8Array(readFileSync(path)))] as const;
  }),
);
/** Every operator of every file: one may take another's place. */
const operators = [
  ...new Set([...models.values()].flatMap(({ graph }) => graph.nodes.map(({ opType }) => opType))),
  ...['ConstantOfShape', 'Dropout', 'GRU', 'LeakyRelu', 'Neg', 'ReduceSum', 'Reciprocal', 'Slice', 'Softmax'],
];
/** Lengths, axes, pads and strides that no exporter writes; the last is past what a number holds exactly. */
const oddIntegers = [0, -1, 1, 2, 3, -2, -7, 255, 65_537, 2 ** 31 - 1, -(2 ** 31), 2 ** 40];
const oddNumbers = [0, -0, -1, 1e-45, 1e38, Infinity, -Infinity, NaN];
const oddTexts = ['', 'SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET', 'reflect', 'constant', 'nonsense'];
const types: OnnxType[] = ['float32', 'uint8', 'int64', 'bool', 'int32', 'float64', 'float16'] as OnnxType[];

const oneOf = (choices: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...choices);
const choose = <T>(draw: Draw, choices: readonly T[]): T => draw(oneOf, choices) as T;
const some = <T>(draw: Draw, choices: readonly T[]): T | undefined =>
  choices.length === 0 ? undefined : choose(draw, choices);

/** The list with one of its entries changed; entries that cannot be drawn stay. */
function altered<T>(draw: Draw, list: readonly T[], change: (entry: T) => T): T[] {
  const at = some(draw, [...list.keys()]);
  return list.map((entry, i) => (i === at ? change(entry) : entry));
}

function oddTensor(draw: Draw, tensor: OnnxTensor): OnnxTensor {
  switch (choose(draw, ['dims', 'order', 'rank', 'type', 'data', 'none'] as const)) {
    case 'dims':
      return { ...tensor, dims: altered(draw, tensor.dims, () => choose(draw, oddIntegers)) };
    case 'order':
      return { ...tensor, dims: [...tensor.dims].reverse() };
    case 'rank':
      return { ...tensor, dims: choose(draw, [[], [1, ...tensor.dims], [...tensor.dims, 1], tensor.dims.slice(1)]) };
    case 'type':
      return { ...tensor, type: choose(draw, types) };
    case 'data': {
      // The numbers of shapes, pads and axes are whole: odd bytes are odd numbers.
      const data = tensor.data.slice();
      const at = some(draw, [...data.keys()].slice(0, 64));
      if (at !== undefined) data[at] = choose(draw, [0, 1, 2, 127, 128, 255]);
      return { ...tensor, data };
    }
    case 'none':
      return { ...tensor, dims: [0], data: new Uint8Array(0) };
  }
}

function oddAttribute(draw: Draw, attribute: OnnxAttribute): OnnxAttribute {
  switch (choose(draw, ['value', 'value', 'value', 'kind'] as const)) {
    case 'kind':
      return choose<OnnxAttribute>(draw, [
        { kind: 'int', value: choose(draw, oddIntegers) },
        { kind: 'ints', value: [] },
        { kind: 'ints', value: [choose(draw, oddIntegers)] },
        { kind: 'float', value: choose(draw, oddNumbers) },
        { kind: 'floats', value: [choose(draw, oddNumbers)] },
        { kind: 'string', value: choose(draw, oddTexts) },
        { kind: 'strings', value: [] },
      ]);
    case 'value':
      switch (attribute.kind) {
        case 'int':
          return { kind: 'int', value: choose(draw, oddIntegers) };
        case 'ints':
          return choose(draw, [true, false])
            ? { kind: 'ints', value: altered(draw, attribute.value, () => choose(draw, oddIntegers)) }
            : { kind: 'ints', value: choose(draw, [attribute.value.slice(1), [...attribute.value, 1]]) };
        case 'float':
          return { kind: 'float', value: choose(draw, oddNumbers) };
        case 'floats':
          return { kind: 'floats', value: altered(draw, attribute.value, () => choose(draw, oddNumbers)) };
        case 'string':
          return { kind: 'string', value: choose(draw, oddTexts) };
        case 'strings':
          return { kind: 'strings', value: [] };
        case 'tensor':
          return { kind: 'tensor', value: oddTensor(draw, attribute.value) };
      }
  }
}

const changes: Readonly<Record<string, (draw: Draw, model: Changed, names: readonly string[]) => void>> = {
  'an input less': (draw, { graph }) =>
    changeNode(draw, graph, (node) => {
      const at = some(draw, [...node.inputs.keys()]);
      node.inputs = node.inputs.filter((_, i) => i !== at);
    }),
  'another value as input': (draw, { graph }, names) =>
    changeNode(draw, graph, (node) => {
      node.inputs = altered(draw, node.inputs, () => choose(draw, ['', ...names]));
    }),
  'an input more': (draw, { graph }, names) =>
    changeNode(draw, graph, (node) => {
      node.inputs = [...node.inputs, choose(draw, names)];
    }),
  'no inputs': (draw, { graph }) => changeNode(draw, graph, (node) => (node.inputs = [])),
  'another operator': (draw, { graph }) => changeNode(draw, graph, (node) => (node.opType = choose(draw, operators))),
  'another domain': (draw, { graph }) => changeNode(draw, graph, (node) => (node.domain = 'ai.onnx.ml')),
  'other outputs': (draw, { graph }, names) =>
    changeNode(draw, graph, (node) => {
      node.outputs = choose<readonly string[]>(draw, [[], [...node.outputs, 'more'], [choose(draw, names)]]);
    }),
  'another attribute': (draw, { graph }) =>
    changeNode(draw, graph, (node) => {
      const name = some(draw, Object.keys(node.attributes));
      if (name !== undefined) {
        node.attributes = { ...node.attributes, [name]: oddAttribute(draw, node.attributes[name]) };
      }
    }),
  'an attribute less': (draw, { graph }) =>
    changeNode(draw, graph, (node) => {
      const gone = some(draw, Object.keys(node.attributes));
      node.attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => name !== gone));
    }),
  'an attribute more': (draw, { graph }) =>
    changeNode(draw, graph, (node) => {
      const name = choose(draw, [
        'axis',
        'axes',
        'perm',
        'pads',
        'group',
        'dilations',
        'strides',
        'auto_pad',
        'keepdims',
      ]);
      node.attributes = { ...node.attributes, [name]: { kind: 'ints', value: [choose(draw, oddIntegers)] } };
    }),
  'a node less': (draw, { graph }) => {
    const at = some(draw, [...graph.nodes.keys()]);
    graph.nodes = graph.nodes.filter((_, i) => i !== at);
  },
  'a node twice': (draw, { graph }) => {
    const node = some(draw, graph.nodes);
    if (node) graph.nodes = [...graph.nodes, node];
  },
  'nodes in another order': (_, { graph }) => (graph.nodes = [...graph.nodes].reverse()),
  'another weight': (draw, { graph }) => {
    graph.initializers = altered(draw, graph.initializers, (tensor) => oddTensor(draw, tensor));
  },
  'a weight less': (draw, { graph }) => {
    const at = some(draw, [...graph.initializers.keys()]);
    graph.initializers = graph.initializers.filter((_, i) => i !== at);
  },
  'an observation of another shape': (draw, { graph }) => {
    graph.inputs = altered(draw, graph.inputs, (input) => ({
      ...input,
      shape: choose(draw, [
        undefined,
        [],
        input.shape?.slice(1),
        [...(input.shape ?? []), 2],
        altered(draw, input.shape ?? [], () => choose<number | string>(draw, [...oddIntegers, 'side'])),
      ]),
      type: choose(draw, ['float32', 'uint8', input.type]),
    }));
  },
  'other results': (draw, { graph }, names) => {
    graph.outputs = altered(draw, graph.outputs, (output) => ({ ...output, name: choose(draw, names) }));
  },
  'another operator set': (draw, model) => (model.opsets = { '': choose(draw, [1, 7, 9, 11, 12, 13, 17, 21, 22]) }),
};

function changeNode(draw: Draw, graph: Changed['graph'], change: (node: Nodes[number]) => void): void {
  const at = some(draw, [...graph.nodes.keys()]);
  graph.nodes = graph.nodes.map((node, i) => {
    if (i !== at) return node;
    const own: Nodes[number] = { ...node };
    change(own);
    return own;
  });
}

function changedModel(draw: Draw, original: OnnxModel): Uint8Array {
  const names = [...new Set(original.graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]))];
  const model: Changed = { ...original, graph: { ...original.graph } };
  const count = choose(draw, [1, 1, 2, 3]);
  for (let i = 0; i < count; i++) changes[choose(draw, Object.keys(changes))](draw, model, names);
  return encodeOnnx(model);
}

function opened(bytes: Uint8Array): Policy | undefined {
  try {
    return policyFromOnnx(bytes, {}, 'p.onnx');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^p\.onnx: /);
    return undefined;
  }
}

/** An observation of zeros gets its logits, which may be NaN where the weights are. */
function expectComputes({ network, parameters }: Policy): void {
  tf.tidy(() => {
    const constants = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape, data }]) => [name, tf.tensor(data as Float32Array, [...shape])]),
    );
    const { logits, value } = forward(network, constants, tf.zeros([2, ...network.observationShape]), plainOps);
    expect([logits.shape, value.shape]).toEqual([[2, network.actions], [2]]);
  });
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a model that is a file and no policy', () => {
  it.each(files)('is refused as input, or imports and computes, whatever of %s is changed', (name) => {
    const original = models.get(name) as OnnxModel;
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const policy = opened(changedModel(draw, original));
        if (policy) expectComputes(policy);
      }),
      { numRuns: runs, seed },
    );
  });
});
