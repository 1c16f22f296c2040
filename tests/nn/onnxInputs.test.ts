/** The ways in which foreign policies take their observation and give their outputs. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { policyFromOnnx } from '@saccade/nn';
import type { OnnxDeclaration } from '@saccade/nn';
import '../support/allClose.ts';
import { floats, heads, int, ints, modelBytes, node, numbers, runAt } from './support.ts';
import type { Model } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const flat = (shape: readonly (number | string)[], features: number, rest: Partial<Model> = {}): Uint8Array => {
  const head = heads('flat', features);
  return modelBytes({
    shape,
    nodes: [node('Flatten', 'flat', ['observation']), ...head.nodes],
    weights: head.weights,
    ...rest,
  });
};
const shapeOf = (file: Uint8Array, declaration: OnnxDeclaration = {}): readonly number[] =>
  policyFromOnnx(file, declaration).network.observationShape;

describe('an observation', () => {
  it('is an image of either order, told from its channels', () => {
    expect(shapeOf(flat(['n', 3, 8, 9], 216))).toEqual([8, 9, 3]);
    expect(shapeOf(flat(['n', 8, 9, 3], 216))).toEqual([8, 9, 3]);
    expect(shapeOf(flat([1, 4, 84, 84], 28224))).toEqual([84, 84, 4]);
  });

  it('is told from the operators that it meets first, whatever its lengths', () => {
    const head = heads('flat', 8);
    const model = (first: ReturnType<typeof node>[], shape: number[]): Uint8Array =>
      modelBytes({
        shape: ['n', ...shape],
        nodes: [
          node('Relu', 'r', ['observation']),
          ...first,
          node('GlobalAveragePool', 'p', ['x']),
          node('Flatten', 'flat', ['p']),
          ...head.nodes,
        ],
        weights: head.weights,
      });
    expect(shapeOf(model([node('Identity', 'x', ['r'])], [8, 9, 10]))).toEqual([9, 10, 8]);
    expect(shapeOf(model([node('Transpose', 'x', ['r'], { perm: ints(0, 3, 1, 2) })], [9, 10, 8]))).toEqual([9, 10, 8]);
  });

  it('is told from the shape of the observations at hand', () => {
    expect(shapeOf(flat(['n', 7, 8, 9], 504), { observationShape: [8, 9, 7] })).toEqual([8, 9, 7]);
    expect(shapeOf(flat(['n', 7, 8, 9], 504), { observationShape: [7, 8, 9] })).toEqual([7, 8, 9]);
    expect(shapeOf(flat(['n', 'h', 'w', 3], 216), { observationShape: [8, 9, 3] })).toEqual([8, 9, 3]);
  });

  it('may have lengths that only the declaration gives', () => {
    const file = flat(['n', 3, 'h', 'w'], 216);
    expect(shapeOf(file, { observationShape: [8, 9, 3] })).toEqual([8, 9, 3]);
    expect(shapeOf(flat([-1, 3, 0, -1], 216), { observationShape: [8, 9, 3] })).toEqual([8, 9, 3]);
    expect(shapeOf(flat(['n', 'h', 'w', 'c'], 216), { observationShape: [8, 9, 3], layout: 'nhwc' })).toEqual([
      8, 9, 3,
    ]);
  });

  it('is a vector, or the image that is declared to lie in it', () => {
    expect(shapeOf(flat(['n', 12], 12))).toEqual([12]);
    const declared = policyFromOnnx(flat(['n', 12], 12), { observationShape: [2, 3, 2] });
    expect(declared.network.observationShape).toEqual([2, 3, 2]);
    expect(declared.network.layerShapes['input']).toEqual([2, 3, 2]);
    expect(shapeOf(flat(['n', 'features'], 12), { observationShape: [12] })).toEqual([12]);
  });

  it('without a channel axis gets one', () => {
    expect(shapeOf(flat(['n', 6, 5], 30))).toEqual([6, 5, 1]);
    expect(shapeOf(flat(['n', 6, 5], 30), { observationShape: [6, 5] })).toEqual([6, 5, 1]);
  });

  it('reaches every weight in the order of the graph', async () => {
    // Logit 0 is the first value in the graph's order, logit 1 the second: [channel, height, width].
    const kernel = new Float32Array(12 * 2);
    kernel[0] = 1;
    kernel[3] = 1;
    const nodes = [
      node('Flatten', 'flat', ['observation']),
      node('MatMul', 'logits', ['flat', 'k']),
      node('ReduceMean', 'value', ['flat'], { axes: ints(1) }),
    ];
    const file = modelBytes({ shape: ['n', 3, 2, 2], nodes, weights: [floats('k', [12, 2], kernel)] });
    const policy = policyFromOnnx(file, { layout: 'nchw' });
    const picture = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
    const { logits, value } = await runAt(policy, 'input', picture, new Float32Array(2));
    // Height 0, width 0 and 1, both of channel 0.
    expect([...logits]).toEqual([1, 4]);
    expect([...value]).toEqual([6.5]);
  });

  it('is scaled and shifted as declared, for each channel', async () => {
    const policy = policyFromOnnx(flat(['n', 2, 1, 2], 4), { layout: 'nchw', scale: [0.5, 2], offset: [-1, 10] });
    const { activation } = await runAt(policy, 'input', Uint8Array.of(2, 3, 4, 5), new Float32Array(3));
    expect(activation.shape).toEqual([1, 1, 2, 2]);
    expect([...activation.data]).toEqual([0, 16, 1, 20]);
  });
});

describe('outputs', () => {
  const dims = ['n', 6] as const;
  const head = heads('flat', 6);
  const base = [node('Flatten', 'flat', ['observation']), ...head.nodes];
  const observation = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const run = async (rest: Partial<Model>, declaration: OnnxDeclaration = {}): Promise<number[]> => {
    const policy = policyFromOnnx(
      modelBytes({ shape: dims, nodes: base, weights: head.weights, ...rest }),
      declaration,
    );
    const { logits, value } = await runAt(policy, 'input', observation, new Float32Array(policy.network.actions));
    return [...logits, ...value];
  };

  it('are told apart by shape, in either order', async () => {
    const expected = await run({});
    expect(expected.length).toBe(4);
    expect(await run({ outputs: ['value', 'logits'] })).toEqual(expected);
  });

  it('are told apart by name where both are one number', async () => {
    const one = heads('flat', 6, 1);
    const nodes = [node('Flatten', 'flat', ['observation']), ...one.nodes];
    const expected = await run({ nodes, weights: one.weights });
    expect(await run({ nodes, weights: one.weights, outputs: ['value', 'logits'] })).toEqual(expected);
  });

  it('may be one, the value last', async () => {
    const nodes = [...base, node('Concat', 'both', ['logits', 'value'], { axis: int(1) })];
    expect(await run({ nodes, outputs: ['both'] })).toEqual(await run({}));
  });

  it('may be among others, found by their names or by what is declared', async () => {
    const nodes = [
      ...base,
      node('ArgMax', 'action', ['logits'], { axis: int(1) }),
      { ...node('Identity', 'critic/head', ['value']), outputs: ['c'] },
    ];
    const expected = await run({});
    expect(await run({ nodes, outputs: ['flat', 'value', 'logits'] })).toEqual(expected);
    expect(await run({ nodes, outputs: ['action', 'flat', 'c'] }, { logits: 'logits', value: 'critic/head' })).toEqual(
      expected,
    );
    expect(await run({ nodes, outputs: ['logits', 'flat'] }, { value: 'c' })).not.toEqual(expected.slice(0, 3));
    expect(await run({ nodes, outputs: ['value'] }, { logits: 'logits' })).toEqual(expected);
  });

  it('may lack a value: it is then zero everywhere', async () => {
    const expected = await run({});
    expect(await run({ outputs: ['logits'] }, { value: null })).toEqual([...expected.slice(0, 3), 0]);
  });

  it('may give the value without its axis', async () => {
    const nodes = [...base, node('Squeeze', 'v', ['value', 'axis'])];
    const weights = [
      ...head.weights,
      { ...floats('axis', [1], [0]), type: 'int64' as const, data: new Uint8Array(BigInt64Array.of(-1n).buffer) },
    ];
    expect(await run({ nodes, weights, outputs: ['logits', 'v'] })).toEqual(await run({}));
  });

  it('call actions by number where nobody names them', () => {
    const policy = policyFromOnnx(modelBytes({ shape: dims, nodes: base, weights: head.weights }));
    expect(policy.actions).toEqual(['action-0', 'action-1', 'action-2']);
  });
});

describe('layers', () => {
  it('are called like their nodes, or like what those compute; names that are taken get out of the way', () => {
    const head = heads('c', 6);
    const nodes = [
      { ...node('Relu', 'input', ['observation']), outputs: ['a'] },
      { ...node('Tanh', '', ['a']), outputs: ['b'] },
      { ...node('Sigmoid', 'b', ['b']), outputs: ['c'] },
      ...head.nodes,
    ];
    const { network } = policyFromOnnx(modelBytes({ shape: ['n', 6], nodes, weights: head.weights }));
    expect(network.layers).toEqual(['input', 'a', 'b', 'c', 'logits', 'value']);
    expect(network.nodes.map(({ op }) => op)).toEqual([
      'scale',
      'relu',
      'elementwise',
      'elementwise',
      'dense',
      'dense',
    ]);
  });

  it('hold weights of half and double precision, and shared ones', async () => {
    const single = numbers(3, 4);
    const half = new Uint8Array(Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x0000).buffer);
    const nodes = [
      node('MatMul', 'h', ['observation', 'half']),
      node('MatMul', 'logits', ['h', 'double']),
      node('Identity', 'shared', ['double']),
      node('MatMul', 'again', ['h', 'shared']),
      node('ReduceMean', 'value', ['again'], { axes: ints(1) }),
    ];
    const weights = [
      { name: 'half', dims: [2, 2], type: 'float16' as const, data: half },
      {
        name: 'double',
        dims: [2, 2],
        type: 'float64' as const,
        data: new Uint8Array(Float64Array.from(single).buffer),
      },
    ];
    const policy = policyFromOnnx(modelBytes({ shape: ['n', 2], nodes, weights }));
    const { logits } = await runAt(policy, 'input', Uint8Array.of(2, 4), new Float32Array(2));
    const [x, y] = [2 * 1 + 4 * 2 ** -24, 2 * -2.5];
    expect(logits).toBeAllClose([x * single[0] + y * single[2], x * single[1] + y * single[3]]);
  });
});
