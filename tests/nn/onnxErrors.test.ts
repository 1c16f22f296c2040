/** What is wrong with a foreign file is said in one line that names the operator, the node, or what to declare. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { decodeOnnx, encodeOnnx, parseOnnxDeclaration, policyFromOnnx } from '@saccade/nn';
import type { OnnxDeclaration, OnnxNode, OnnxTensor } from '@saccade/nn';
import { float, floats, heads, int, int64s, ints, modelBytes, node, numbers, text } from './support.ts';
import type { Model } from './support.ts';

const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '..', 'golden', 'nn', name)));

/** A model on an image [3, 4, 5] whose nodes end in `last`, of `features` numbers. */
function image(
  nodes: readonly OnnxNode[],
  weights: readonly OnnxTensor[] = [],
  features = 60,
  rest: Partial<Model> = {},
): Uint8Array {
  const head = heads('flat', features);
  const last = nodes.length === 0 ? 'observation' : nodes[nodes.length - 1].outputs[0];
  return modelBytes({
    shape: ['batch', 3, 4, 5],
    nodes: [...nodes, node('Flatten', 'flat', [last]), ...head.nodes],
    weights: [...weights, ...head.weights],
    ...rest,
  });
}

const nchw = { layout: 'nchw' } as const;

function expectRefusal(file: Uint8Array, problem: string | RegExp, declaration: OnnxDeclaration = {}): void {
  const open = (): unknown => policyFromOnnx(file, declaration, 'p.onnx');
  expect(open).toThrow(InputError);
  expect(open).toThrow(problem);
}

describe('a file that is no ONNX model', () => {
  it.each([
    ['nothing', new Uint8Array(0), /^p.onnx: expected/],
    ['noise', Uint8Array.from(numbers(1, 200), (x) => x * 100), /^p.onnx: expected/],
    ['text', new Uint8Array(Buffer.from('import torch\n')), /^p.onnx: expected/],
    [
      'a PyTorch checkpoint',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0),
      /a PyTorch or Stable-Baselines3 checkpoint\? export it/,
    ],
    ['a pickle', Uint8Array.of(0x80, 2, 0x8a), /a Python pickle/],
    ['an observation', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59), /a NumPy array/],
  ])('is refused: %s', (_, file, problem) => expectRefusal(file, problem));

  it('is refused wherever it is cut', () => {
    for (const name of ['perceptron.onnx', 'sampler-13.onnx']) {
      const file = golden(name);
      const whole = policyFromOnnx(file);
      for (let end = 0; end < file.length; end += end < 200 || end > file.length - 200 ? 1 : 37) {
        try {
          // What follows the graph and the operator set may be missing: nothing of the policy is then.
          expect(policyFromOnnx(file.subarray(0, end), {}, 'p.onnx')).toEqual(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^p.onnx: /);
        }
      }
    }
  });

  it('never fails in another way, whichever bytes are changed', () => {
    const file = golden('sampler-10.onnx');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = file.slice();
          for (const [at, byte] of changes) changed[at] = byte;
          try {
            policyFromOnnx(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('fails in no other way where damage took an input of a node that is folded', () => {
    // Found by the property above: the damaged name left Unsqueeze without inputs.
    const changed = golden('sampler-10.onnx');
    changed[3871] = 16;
    changed[1950] = 0;
    expectRefusal(changed, /Unsqueeze .*: expected at least 1 input, got 0/);
  });

  it('is said to be truncated where the operator set is missing', () => {
    const { opsets, ...model } = decodeOnnx(golden('perceptron.onnx'));
    expect(opsets).toEqual({ '': 13 });
    expectRefusal(encodeOnnx({ ...model, opsets: {} }), /operator set, got none: it is truncated or foreign/);
  });
});

describe('an operator that cannot be imported', () => {
  it('is named with its node', () => {
    expectRefusal(
      image([node('GRU', '/memory/GRU', ['observation'])]),
      'p.onnx: GRU /memory/GRU: this operator is not supported (',
    );
  });

  it('is named with what it computes where its node has no name', () => {
    expectRefusal(
      image([{ ...node('Erf', '', ['observation']), outputs: ['e'] }]),
      'p.onnx: Erf e: this operator is not supported',
    );
  });

  it('is named with its domain', () => {
    const nodes = [{ ...node('FusedConv', 'c', ['observation']), domain: 'com.microsoft' }];
    expectRefusal(image(nodes), 'p.onnx: FusedConv c: operators of com.microsoft are not supported');
  });

  it('is named where it holds a graph of its own', () => {
    // encodeOnnx writes no subgraphs: attribute type 5 is put in by hand, where an int's type 2 was.
    const file = image([node('If', '/Squeeze', ['observation'], { then_branch: int(77) })]);
    const marker = [0x18, 77, 0xa0, 0x01, 0x02];
    const at = file.findIndex((_, i) => marker.every((byte, j) => file[i + j] === byte));
    file[at + 4] = 5;
    expectRefusal(file, 'p.onnx: If /Squeeze: this operator is not supported (its then_branch is a graph of its own)');
  });

  it('does not matter where no output needs it', () => {
    const policy = policyFromOnnx(
      image([], [], 60, { nodes: [node('ArgMax', 'best', ['logits']), ...headsOf()] }),
      nchw,
    );
    expect(policy.network.layers).toEqual(['input', 'flat', 'logits', 'value']);
  });
});

function headsOf(): OnnxNode[] {
  return [node('Flatten', 'flat', ['observation']), ...heads('flat', 60).nodes];
}

const w = (...dims: number[]): OnnxTensor =>
  floats(
    'w',
    dims,
    numbers(
      'w',
      dims.reduce((a, b) => a * b, 1),
    ),
  );

describe('operators that are used in ways that cannot be imported', () => {
  const cases: [name: string, nodes: OnnxNode[], weights: OnnxTensor[], problem: string][] = [
    [
      'a kernel of another depth',
      [node('Conv', 'c', ['observation', 'w'])],
      [w(2, 4, 1, 1)],
      'Conv c: expected an input of 4 channels, got 3',
    ],
    [
      'a kernel larger than the image',
      [node('Conv', 'c', ['observation', 'w'])],
      [w(2, 3, 5, 1)],
      'Conv c: expected an input of at least the window 5x1, got [4, 5, 3]',
    ],
    [
      'a computed kernel',
      [node('Conv', 'c', ['observation', 'observation'])],
      [],
      'Conv c: expected a constant as input 1, got a value that depends on the observation',
    ],
    [
      'a kernel of one dimension',
      [node('Conv', 'c', ['observation', 'w'])],
      [w(2, 3, 1)],
      'Conv c: expected a kernel [output, input, height, width], got [2, 3, 1]',
    ],
    [
      'a bias of another length',
      [node('Conv', 'c', ['observation', 'w', 'w'])],
      [w(2, 3, 1, 1)],
      'Conv c: expected a bias of 2 channels, got 6',
    ],
    [
      'unknown padding',
      [node('Conv', 'c', ['observation', 'w'], { auto_pad: text('MIRROR') })],
      [w(2, 3, 1, 1)],
      'Conv c: expected auto_pad NOTSET',
    ],
    ['no window', [node('MaxPool', 'm', ['observation'])], [], 'MaxPool m: expected a kernel_shape, got none'],
    [
      'dilated pools',
      [node('MaxPool', 'm', ['observation'], { kernel_shape: ints(2, 2), dilations: ints(2, 1) })],
      [],
      'MaxPool m: expected a window without dilations',
    ],
    [
      'an attribute of another kind',
      [node('MaxPool', 'm', ['observation'], { kernel_shape: float(2) })],
      [],
      'MaxPool m: expected attribute kernel_shape as ints, got float',
    ],
    [
      'a dense layer on an image',
      [node('MatMul', 'g', ['observation', 'w'])],
      [w(5, 2)],
      'MatMul g: expected an input [batch, feature], got [batch, 3, 4, 5]',
    ],
    [
      'weights on the left',
      [node('MatMul', 'g', ['w', 'observation'])],
      [w(5, 2)],
      'MatMul g: expected a constant as input 1, got a value',
    ],
    [
      'a reshape into the batch',
      [node('Reshape', 'r', ['observation', 's'])],
      [int64s('s', [-1, 20])],
      'Reshape r: expected a shape that keeps the batch first and its 60 values, got [-1, 20]',
    ],
    [
      'a shape that is not known',
      [node('Reshape', 'r', ['observation', 'observation'])],
      [],
      'Reshape r: expected a constant as input 1',
    ],
    [
      'a transpose of the batch',
      [node('Transpose', 't', ['observation'])],
      [],
      'Transpose t: expected a permutation of 4 axes that keeps the batch first, got [3, 2, 1, 0]',
    ],
    [
      'a mean over a fraction of an axis',
      [node('ReduceMean', 'm', ['observation', 'a'])],
      [floats('a', [1], [1.5])],
      'ReduceMean m: expected whole numbers as axes, got 1.5',
    ],
    [
      'a factor without elements',
      [node('Mul', 'm', ['observation', 'a'])],
      [floats('a', [0], [])],
      'Mul m: expected a constant with elements, got [0]',
    ],
    ['a mean over the batch', [node('ReduceMean', 'm', ['observation'])], [], 'ReduceMean m: expected axes, got none'],
    [
      'an axis that is not there',
      [node('ReduceMean', 'm', ['observation'], { axes: ints(4) })],
      [],
      'ReduceMean m: expected an axis of a value of 4 axes, got 4',
    ],
    [
      'batches joined',
      [node('Concat', 'c', ['observation', 'observation'], { axis: int(0) })],
      [],
      'Concat c: expected an axis other than the batch',
    ],
    [
      'a constant joined',
      [node('Concat', 'c', ['observation', 'w'], { axis: int(1) })],
      [w(1, 3, 4, 5)],
      'Concat c: expected input 1 to depend on the observation, got a constant',
    ],
    [
      'shapes that do not fit',
      [node('Flatten', 'f', ['observation']), node('Add', 'a', ['f', 'w'])],
      [w(7)],
      'Add a: expected shapes that fit, got [60] and [7]',
    ],
    [
      'another constant for each observation',
      [node('Add', 'a', ['observation', 'w'])],
      [w(2, 3, 4, 5)],
      'Add a: expected a constant that is the same for the whole batch, got [2, 3, 4, 5]',
    ],
    [
      'mirrored padding',
      [node('Pad', 'p', ['observation', 's'], { mode: text('reflect') })],
      [int64s('s', [0, 0, 1, 1, 0, 0, 1, 1])],
      'Pad p: expected constant padding, got reflect',
    ],
    [
      'cropping pads',
      [node('Pad', 'p', ['observation', 's'])],
      [int64s('s', [0, 0, -1, 0, 0, 0, 0, 0])],
      'Pad p: expected padding of at least 0, got -1',
    ],
    [
      'a cast to integers',
      [node('Cast', 'c', ['observation'], { to: int(7) })],
      [],
      'Cast c: expected a cast to floats, got one to ONNX type 7',
    ],
    [
      'a computed exponent',
      [node('Pow', 'p', ['observation', 'observation'])],
      [],
      'Pow p: expected a constant as input 1',
    ],
    [
      'normalisation while training',
      [node('BatchNormalization', 'b', ['observation', 'w', 'w', 'w', 'w'], { training_mode: int(1) })],
      [w(3)],
      'BatchNormalization b: expected inference, got training_mode 1',
    ],
    [
      'normalisation of other channels',
      [node('BatchNormalization', 'b', ['observation', 'w', 'w', 'w', 'w'])],
      [w(4)],
      'BatchNormalization b: expected numbers for 3 channels, got 4',
    ],
    [
      'backward slices',
      [node('Slice', 's', ['observation', 'a', 'b', 'c', 'd'])],
      ['a', 'b', 'c', 'd'].map((name, i) => int64s(name, [[3, 0, 3, -1][i]])),
      'Slice s: expected slices of step 1 with elements',
    ],
    [
      'an unnamed constant operator',
      [node('Sin', 's', ['w']), node('Add', 'a', ['observation', 's'])],
      [w(5)],
      'Sin s: this operator is not supported on constants',
    ],
    [
      'a value that nobody computes',
      [node('Add', 'r', ['observation', 'nowhere'])],
      [],
      'Add r: expected its input nowhere to be computed before, got none',
    ],
    [
      'second outputs',
      [
        { ...node('MaxPool', 'm', ['observation'], { kernel_shape: ints(1, 1) }), outputs: ['m', 'indices'] },
        node('Relu', 'r', ['indices']),
      ],
      [],
      'Relu r: expected its input indices to be computed before, got none',
    ],
  ];
  it.each(cases)('%s', (_, nodes, weights, problem) => {
    expectRefusal(image(nodes, weights), `p.onnx: ${problem}`, nchw);
  });

  it('a head of other features', () => {
    expectRefusal(image([], [], 61), 'p.onnx: Gemm logits: expected an input of 61 features, got 60', nchw);
  });
});

describe('an input that cannot be understood', () => {
  it.each<[string, Partial<Model>, OnnxDeclaration, string]>([
    [
      'of unknown order',
      { shape: ['batch', 3, 60, 2] },
      {},
      'expected the layout (nchw or nhwc) of input observation [batch, 3, 60, 2], got none that the graph shows',
    ],
    [
      'of another shape than declared',
      { shape: ['batch', 3, 64, 64] },
      { observationShape: [32, 32, 3] },
      'expected observations that fit input observation [batch, 3, 64, 64], got [32,32,3]',
    ],
    [
      'of lengths that are nowhere said',
      { shape: ['batch', 3, 'height', 'width'] },
      {},
      "expected the observation's shape, got input observation [batch, 3, height, width]",
    ],
    [
      'without a batch',
      { shape: ['batch'] },
      {},
      'expected input observation [batch, feature] or an image with a batch axis, got [batch]',
    ],
    [
      'of five axes',
      { shape: ['batch', 4, 3, 8, 8] },
      {},
      'expected input observation [batch, feature] or an image with a batch axis, got [batch, 4, 3, 8, 8]',
    ],
    [
      'scaled by too many numbers',
      { shape: ['batch', 3, 4, 5] },
      { ...nchw, scale: [1, 2] },
      'expected scale as one number or 3, got 2',
    ],
  ])('%s', (_, rest, declaration, problem) => {
    expectRefusal(image([], [], 60, rest), `p.onnx: ${problem}`, declaration);
  });

  it('that is two', () => {
    const model = decodeOnnx(image([node('Add', 'a', ['observation', 'state'])]));
    const inputs = [...model.graph.inputs, { ...model.graph.inputs[0], name: 'state' }];
    expectRefusal(
      encodeOnnx({ ...model, graph: { ...model.graph, inputs } }),
      'p.onnx: expected one input, the observation, got observation, state (policies with a memory are not supported)',
    );
  });
});

describe('outputs that cannot be understood', () => {
  it.each<[string, Partial<Model>, OnnxDeclaration, string]>([
    [
      'none that is a value',
      { outputs: ['flat', 'logits'] },
      {},
      'expected one of the outputs flat and logits to be a value [batch, 1], got [batch, 60] and [batch, 3]',
    ],
    [
      'three of unknown meaning',
      { outputs: ['flat', 'logits', 'other'] },
      {},
      'expected logits and a value as two outputs or as one, got flat, logits, other: say which hold them',
    ],
    ['one number alone', { outputs: ['value'] }, {}, 'expected logits and a value in output value, got 1 number'],
    [
      'a name that is not there',
      {},
      { logits: 'policy' },
      "expected logits as one of logits, value or a node's name, got policy",
    ],
    ['too few actions', {}, { actions: ['left', 'right'] }, 'expected 3 actions for 3 logits, got 2'],
    [
      'no value',
      { outputs: ['logits'] },
      { actions: ['a', 'b', 'c'] },
      'expected 2 actions for 2 logits and a value; if the graph has no value, declare value: null, got 3',
    ],
    [
      'an image',
      { outputs: ['observation', 'value'] },
      {},
      'expected output observation [batch, logits], got [batch, 4, 5, 3]',
    ],
  ])('%s', (_, rest, declaration, problem) => {
    expectRefusal(image([], [], 60, rest), `p.onnx: ${problem}`, { ...nchw, ...declaration });
  });
});

describe('a declaration', () => {
  it('is taken from the file, and what is handed in wins', () => {
    const declared = { actions: ['left', 'stay', 'right'], layout: 'nhwc', scale: 0.5 };
    const file = image([], [], 60, { metadata: { 'saccade.policy': JSON.stringify(declared) } });
    expect(policyFromOnnx(file).actions).toEqual(['left', 'stay', 'right']);
    expect(policyFromOnnx(file).network.observationShape).toEqual([3, 4, 5]);
    const other = policyFromOnnx(file, { layout: 'nchw', actions: ['a', 'b', 'c'] });
    expect(other.actions).toEqual(['a', 'b', 'c']);
    expect(other.network.observationShape).toEqual([4, 5, 3]);
    expect(other.network.nodes[0]).toMatchObject({ name: 'input', op: 'scale', factor: 0.5 });
  });

  it('may leave out what is undefined', () => {
    const file = image([], [], 60, { metadata: { 'saccade.policy': JSON.stringify({ layout: 'nhwc' }) } });
    expect(policyFromOnnx(file, { layout: undefined, actions: undefined }).network.observationShape).toEqual([3, 4, 5]);
  });

  it.each([
    ['text', 'expected an object, got "text"'],
    [{ actions: ['a', 'a'] }, 'expected actions as different names, got ["a","a"]'],
    [{ observationShape: [64, 0, 3] }, 'expected observationShape as positive lengths, got [64,0,3]'],
    [{ layout: 'chwn' }, 'expected layout as nchw or nhwc, got "chwn"'],
    [{ scale: 'big' }, 'expected scale as a number or one a channel, got "big"'],
    [{ value: 3 }, 'expected value as a name or null, got 3'],
  ])('is checked: %j', (given, problem) => {
    expect(() => parseOnnxDeclaration(given, 'd.json')).toThrow(`d.json: ${problem}`);
  });

  it('in metadata that is not JSON is an error of the file', () => {
    const file = image([], [], 60, { metadata: { 'saccade.policy': '{' } });
    expectRefusal(file, 'p.onnx: expected JSON in the metadata saccade.policy, got something else');
  });
});
