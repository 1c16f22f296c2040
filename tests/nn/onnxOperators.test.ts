/** Imported operators against ONNX Runtime running the same file, over random attributes; layers stay channel last. */
import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportOnnx, onnxOperators, policyFromOnnx } from '@saccade/nn';
import type { OnnxAttribute, OnnxDeclaration, OnnxNode, OnnxTensor } from '@saccade/nn';
import '../support/allClose.ts';
import { float, floats, heads, int, int64s, ints, modelBytes, node, numbers, runAt, runOnnx, text } from './support.ts';
import type { Model } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const channelsLast = (data: Float32Array, [c, h, w]: readonly number[]): Float32Array =>
  Float32Array.from(data, (_, at) => data[((at % c) * h + Math.floor(at / (c * w))) * w + (Math.floor(at / c) % w)]);

interface Watched {
  /** Value and node to compare, with its dims in ONNX's order, found by ONNX Runtime. */
  readonly layer: string;
  readonly layout?: 'nchw' | 'nhwc';
  readonly declaration?: OnnxDeclaration;
}

const exported = new Set<string>();
const seen = new Set<string>();

/**
 * The model computed by us equals the model computed by ONNX Runtime: outputs, and the watched layer channel last.
 * Then our export of the imported policy gives the same outputs in ONNX Runtime again.
 */
async function expectSame(model: Model, { layer, layout = 'nchw', declaration }: Watched, seed = 1): Promise<void> {
  model.nodes.forEach(({ opType }) => seen.add(opType));
  const dims = model.shape.slice(1) as number[];
  const size = dims.reduce((product, length) => product * length, 1);
  const batch = typeof model.shape[0] === 'number' ? model.shape[0] : 2;
  const data = numbers(seed, batch * size).map((x) => Math.min(Math.max(Math.round(x * 50 + 120), 1), 255));
  const watching = modelBytes({
    ...model,
    outputs: ['logits', 'value', ...(['logits', 'value'].includes(layer) ? [] : [layer])],
  });
  const reference = await runOnnx(watching, { type: 'float32', dims: [batch, ...dims], data });

  const image = dims.length === 3 && layout === 'nchw';
  const perObservation = Array.from({ length: batch }, (_, i) => data.slice(i * size, (i + 1) * size));
  const observations = Float32Array.from(perObservation.flatMap((one) => [...(image ? channelsLast(one, dims) : one)]));
  const policy = policyFromOnnx(modelBytes(model), declaration);
  const result = await runAt(policy, layer, observations, new Float32Array(policy.network.actions));
  const tolerance = { absolute: 2e-4, relative: 2e-4 };
  expect(result.logits).toBeAllClose(reference.logits.data, tolerance);
  expect(result.value).toBeAllClose(reference.value.data, tolerance);
  const expected = reference[layer];
  const [, ...shape] = expected.dims;
  if (shape.length === 3 && policy.network.layerShapes[layer][2] === shape[0]) {
    const length = shape.reduce((product, n) => product * n, 1);
    const turned = Array.from({ length: batch }, (_, i) => [
      ...channelsLast(expected.data.slice(i * length, (i + 1) * length), shape),
    ]).flat();
    expect(result.activation.shape.slice(1)).toEqual([shape[1], shape[2], shape[0]]);
    expect(result.activation.data).toBeAllClose(turned, tolerance);
  } else {
    expect(result.activation.shape.slice(1)).toEqual(shape);
    expect(result.activation.data).toBeAllClose(expected.data, tolerance);
  }

  policy.network.nodes.forEach(({ op }) => exported.add(op));
  const bytes = Uint8Array.from(observations);
  const again = await runOnnx(exportOnnx(policy), {
    type: 'uint8',
    dims: [batch, ...policy.network.observationShape],
    data: bytes,
  });
  expect(again.logits.data).toBeAllClose(reference.logits.data, tolerance);
  expect(again.value.data).toBeAllClose(reference.value.data, tolerance);
}

/** observation [batch, ...dims] / 100, `nodes`, then flattened into two heads. */
function model(
  dims: readonly number[],
  nodes: readonly OnnxNode[],
  weights: readonly OnnxTensor[],
  features: number,
  opset = 13,
): Model {
  const last = nodes[nodes.length - 1].outputs[0];
  const head = heads('flat', features);
  return {
    shape: ['batch', ...dims],
    opset,
    nodes: [node('Div', 'x', ['observation', 'hundred']), ...nodes, node('Flatten', 'flat', [last]), ...head.nodes],
    weights: [floats('hundred', [], [100]), ...weights, ...head.weights],
  };
}

const pads = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2));
const side = fc.integer({ min: 1, max: 3 });
const window = {
  height: fc.integer({ min: 7, max: 10 }),
  width: fc.integer({ min: 7, max: 10 }),
  size: fc.tuple(side, side),
  strides: fc.tuple(side, side),
  seed: fc.nat(1000),
};
const outLength = (length: number, size: number, stride: number, before: number, after: number): number =>
  Math.floor((length + before + after - size) / stride) + 1;

describe('windows', () => {
  it('Conv: strides, pads, dilations and groups', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ...window,
          pads,
          dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
          group: fc.constantFrom(1, 2, 4),
          bias: fc.boolean(),
        }),
        async ({ height, width, size, strides, seed, pads: [t, l, b, r], dilations, group, bias }) => {
          const reach = size.map((length, i) => (length - 1) * dilations[i] + 1);
          const h = outLength(height, reach[0], strides[0], t, b);
          const w = outLength(width, reach[1], strides[1], l, r);
          const attributes = {
            strides: ints(...strides),
            pads: ints(t, l, b, r),
            dilations: ints(...dilations),
            group: int(group),
            kernel_shape: ints(...size),
          };
          const weights = [
            floats('w', [8, 4 / group, ...size], numbers(seed, (8 * 4 * size[0] * size[1]) / group)),
            floats('b', [8], numbers(`b${seed}`, 8)),
          ];
          const nodes = [node('Conv', 'conv', ['x', 'w', ...(bias ? ['b'] : [])], attributes)];
          await expectSame(
            model([4, height, width], nodes, weights, 8 * h * w),
            { layer: 'conv', layout: 'nchw', declaration: { layout: 'nchw' } },
            seed,
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it('Conv: automatic padding', async () => {
    for (const mode of ['SAME_UPPER', 'SAME_LOWER', 'VALID']) {
      const weights = [floats('w', [2, 3, 3, 2], numbers(mode, 36))];
      const [h, w] = mode === 'VALID' ? [3, 4] : [4, 4];
      const nodes = [node('Conv', 'conv', ['x', 'w'], { strides: ints(2, 2), auto_pad: text(mode) })];
      await expectSame(model([3, 7, 8], nodes, weights, 2 * h * w), { layer: 'conv' });
    }
  });

  it('MaxPool and AveragePool: strides, pads, rounding up, padding counted or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ...window,
          pads: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
          op: fc.constantFrom('MaxPool', 'AveragePool'),
          ceil: fc.nat(1),
          counted: fc.nat(1),
        }),
        async ({ height, width, size, strides, seed, pads: given, op, ceil, counted }) => {
          const around = given.map((pad, i) => Math.min(pad, size[i % 2] - 1));
          const [t, l, b, r] = around;
          const count = (length: number, i: 0 | 1, before: number, after: number): number => {
            if (ceil === 0) return outLength(length, size[i], strides[i], before, after);
            const up = Math.ceil((length + before + after - size[i]) / strides[i]) + 1;
            return (up - 1) * strides[i] >= length + before ? up - 1 : up;
          };
          const attributes: Record<string, OnnxAttribute> = {
            kernel_shape: ints(...size),
            strides: ints(...strides),
            pads: ints(t, l, b, r),
            ceil_mode: int(ceil),
          };
          if (op === 'AveragePool') attributes.count_include_pad = int(ceil === 1 ? 0 : counted);
          const features = 2 * count(height, 0, t, b) * count(width, 1, l, r);
          await expectSame(
            // The shapes that ONNX infers when rounding up are those of its kernels only since operator set 22.
            model([2, height, width], [node(op, 'pool', ['x'], attributes)], [], features, 22),
            { layer: 'pool' },
            seed,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('GlobalAveragePool', async () => {
    await expectSame(model([3, 5, 6], [node('GlobalAveragePool', 'pool', ['x'])], [], 3), { layer: 'pool' });
  });
});

/** One operator on an image [3, 5, 6]: name, its node, weights, features that follow, operator set. */
const onImage: [name: string, operator: OnnxNode, weights: OnnxTensor[], features: number, opset?: number][] = [
  ['Identity', node('Identity', 'n', ['x']), [], 90],
  ['Dropout', node('Dropout', 'n', ['x']), [], 90],
  ['Cast', node('Cast', 'n', ['x'], { to: int(1) }), [], 90],
  ['Relu', node('Relu', 'n', ['x']), [], 90],
  ['Tanh', node('Tanh', 'n', ['x']), [], 90],
  ['Sigmoid', node('Sigmoid', 'n', ['x']), [], 90],
  ['LeakyRelu', node('LeakyRelu', 'n', ['x'], { alpha: float(0.3) }), [], 90],
  ['Neg', node('Neg', 'n', ['x']), [], 90],
  ['Reciprocal', node('Reciprocal', 'n', ['x']), [], 90],
  ['Sqrt', node('Sqrt', 'n', ['x']), [], 90],
  ['Pow, squared', node('Pow', 'n', ['x', 'e']), [floats('e', [], [2])], 90],
  ['Pow, fractional', node('Pow', 'n', ['x', 'e']), [floats('e', [1], [1.5])], 90],
  ['Clip on both sides', node('Clip', 'n', ['x', 'lo', 'hi']), [floats('lo', [], [0.4]), floats('hi', [], [1.2])], 90],
  ['Clip from below', node('Clip', 'n', ['x', 'lo']), [floats('lo', [], [0.9])], 90],
  ['Clip from above', node('Clip', 'n', ['x', '', 'hi']), [floats('hi', [], [0.9])], 90],
  ['Clip by attributes', node('Clip', 'n', ['x'], { min: float(0.5), max: float(1) }), [], 90, 10],
  ['Softmax over channels', node('Softmax', 'n', ['x'], { axis: int(1) }), [], 90],
  ['Softmax over width', node('Softmax', 'n', ['x']), [], 90],
  ['Add a channel', node('Add', 'n', ['x', 'c']), [floats('c', [3, 1, 1], [1, 2, 3])], 90],
  ['Add a row', node('Add', 'n', ['x', 'c']), [floats('c', [6], [1, 2, 3, 4, 5, 6])], 90],
  ['Add a picture', node('Add', 'n', ['c', 'x']), [floats('c', [1, 3, 5, 6], numbers(1, 90))], 90],
  ['Sub a constant', node('Sub', 'n', ['x', 'c']), [floats('c', [3, 1, 1], [1, 2, 3])], 90],
  ['Sub from a constant', node('Sub', 'n', ['c', 'x']), [floats('c', [3, 1, 1], [1, 2, 3])], 90],
  ['Mul by a constant', node('Mul', 'n', ['x', 'c']), [floats('c', [5, 6], numbers(2, 30))], 90],
  ['Div by a constant', node('Div', 'n', ['x', 'c']), [floats('c', [3, 1, 1], [1, 2, 3])], 90],
  ['Div a constant', node('Div', 'n', ['c', 'x']), [floats('c', [3, 1, 1], [1, 2, 3])], 90],
  ['Add itself', node('Add', 'n', ['x', 'x']), [], 90],
  ['Sub itself halved', node('Sub', 'n', ['x', 'x']), [], 90],
  ['Mul itself', node('Mul', 'n', ['x', 'x']), [], 90],
  ['Div itself', node('Div', 'n', ['x', 'x']), [], 90],
  [
    'BatchNormalization',
    node('BatchNormalization', 'n', ['x', 'g', 'b', 'm', 'v'], { epsilon: float(0.01) }),
    [
      floats('g', [3], [1, 2, 3]),
      floats('b', [3], [3, 1, 2]),
      floats('m', [3], [0.1, 0.2, 0.3]),
      floats('v', [3], [1, 2, 0.5]),
    ],
    90,
  ],
  [
    'Pad',
    node('Pad', 'n', ['x', 'p', 'c']),
    [int64s('p', [0, 1, 0, 2, 0, 0, 3, 0]), floats('c', [], [0.5])],
    4 * 8 * 8,
  ],
  [
    'Pad by attributes',
    node('Pad', 'n', ['x'], { pads: ints(0, 0, 1, 0, 0, 0, 0, 2), value: float(2) }),
    [],
    3 * 6 * 8,
    10,
  ],
  ['Reshape', node('Reshape', 'n', ['x', 's']), [int64s('s', [0, -1, 6])], 90],
  ['Reshape, the batch left over', node('Reshape', 'n', ['x', 's']), [int64s('s', [-1, 10, 9])], 90],
  ['Flatten', node('Flatten', 'n', ['x'], { axis: int(-3) }), [], 90],
  ['Transpose to channels last', node('Transpose', 'n', ['x'], { perm: ints(0, 2, 3, 1) }), [], 90],
  ['Transpose height and width', node('Transpose', 'n', ['x'], { perm: ints(0, 1, 3, 2) }), [], 90],
  ['Unsqueeze', node('Unsqueeze', 'n', ['x', 'a']), [int64s('a', [2, -1])], 90],
  ['Unsqueeze by attributes', node('Unsqueeze', 'n', ['x'], { axes: ints(1) }), [], 90, 11],
  ['Concat channels', node('Concat', 'n', ['x', 'x'], { axis: int(1) }), [], 180],
  ['Concat rows', node('Concat', 'n', ['x', 'x'], { axis: int(-2) }), [], 180],
  [
    'Slice',
    node('Slice', 'n', ['x', 's', 'e', 'a']),
    [int64s('s', [1, -3]), int64s('e', [3, 1000]), int64s('a', [1, 3])],
    2 * 5 * 3,
  ],
  [
    'Slice by attributes',
    node('Slice', 'n', ['x'], { starts: ints(0, 1), ends: ints(9, 4), axes: ints(1, 2) }),
    [],
    3 * 3 * 6,
    9,
  ],
  ['Slice everything', node('Slice', 'n', ['x', 's', 'e']), [int64s('s', [0]), int64s('e', [2 ** 53])], 90],
  ['Gather one channel', node('Gather', 'n', ['x', 'i'], { axis: int(1) }), [int64s('i', [-1], [])], 30],
  ['Gather some columns', node('Gather', 'n', ['x', 'i'], { axis: int(3) }), [int64s('i', [4, 0, 4, 1])], 60],
  ['ReduceMean over height and width', node('ReduceMean', 'n', ['x'], { axes: ints(2, 3), keepdims: int(0) }), [], 3],
  ['ReduceMean, axes kept', node('ReduceMean', 'n', ['x'], { axes: ints(-1) }), [], 15],
  ['ReduceMean over channels', node('ReduceMean', 'n', ['x'], { axes: ints(1), keepdims: int(0) }), [], 30],
  ['ReduceMean, axes an input', node('ReduceMean', 'n', ['x', 'a'], { keepdims: int(0) }), [int64s('a', [1])], 30, 18],
  ['ReduceSum', node('ReduceSum', 'n', ['x', 'a']), [int64s('a', [2, 3])], 3],
];

describe('an operator on an image', () => {
  it.each(onImage)('%s', async (_, operator, weights, features, opset) => {
    await expectSame(model([3, 5, 6], [operator], weights, features, opset), { layer: 'n' });
  });
});

describe('operators together', () => {
  it('Squeeze after a pool, and a gate back on the image', async () => {
    const nodes = [
      node('GlobalAveragePool', 'pool', ['x']),
      node('Squeeze', 'flatPool', ['pool', 'axes']),
      node('MatMul', 'mixed', ['flatPool', 'w']),
      node('Sigmoid', 'gate', ['mixed']),
      node('Unsqueeze', 'wide', ['gate', 'axes']),
      node('Mul', 'gated', ['x', 'wide']),
    ];
    const weights = [int64s('axes', [2, 3]), floats('w', [3, 3], numbers(5, 9))];
    await expectSame(model([3, 5, 6], nodes, weights, 90), { layer: 'gated' });
    await expectSame(model([3, 5, 6], nodes, weights, 90), { layer: 'gate' });
  });

  it('Gemm with both factors and either order of weights', async () => {
    for (const transB of [0, 1]) {
      const nodes = [
        node('Flatten', 'f', ['x']),
        node('Gemm', 'g', ['f', 'w', 'c'], { alpha: float(0.5), beta: float(3), transB: int(transB) }),
      ];
      const weights = [floats('w', transB ? [4, 18] : [18, 4], numbers(6, 72)), floats('c', [1, 4], [1, 2, 3, 4])];
      await expectSame(model([3, 2, 3], nodes, weights, 4), { layer: 'g', declaration: { layout: 'nchw' } });
    }
  });

  it('BatchNormalization of features', async () => {
    const four = ['g', 'b', 'm', 'v'].map((name, i) =>
      floats(
        name,
        [5],
        [1, 2, 3, 4, 5].map((x) => x + i),
      ),
    );
    const nodes = [node('BatchNormalization', 'n', ['x', 'g', 'b', 'm', 'v'])];
    await expectSame(model([5], nodes, four, 5), { layer: 'n' });
  });

  it('a feature vector reshaped to an image that is convolved: kept channel last', async () => {
    const nodes = [
      node('Reshape', 'image', ['x', 's']),
      node('Relu', 'open', ['image']),
      node('Conv', 'conv', ['open', 'w'], { pads: ints(1, 1, 1, 1) }),
    ];
    const weights = [int64s('s', [-1, 2, 3, 4]), floats('w', [2, 2, 3, 3], numbers(3, 36))];
    await expectSame(model([24], nodes, weights, 24), { layer: 'image' });
    await expectSame(model([24], nodes, weights, 24), { layer: 'conv' });
  });

  it('images of both orders added', async () => {
    const nodes = [
      node('Reshape', 'other', ['x', 's']),
      node('Transpose', 'turned', ['other'], { perm: ints(0, 2, 1, 3) }),
      node('Reshape', 'back', ['turned', 's']),
      node('Sub', 'n', ['x', 'back']),
      node('Mul', 'm', ['back', 'n']),
    ];
    await expectSame(model([2, 3, 5], nodes, [int64s('s', [-1, 2, 3, 5])], 30), {
      layer: 'n',
      declaration: { layout: 'nchw' },
    });
  });

  it('an input channel last, turned inside', async () => {
    const nodes = [
      node('Transpose', 'first', ['x'], { perm: ints(0, 3, 1, 2) }),
      node('Conv', 'conv', ['first', 'w']),
      node('Transpose', 'n', ['conv'], { perm: ints(0, 2, 3, 1) }),
    ];
    const weights = [floats('w', [2, 3, 2, 2], numbers(4, 24))];
    await expectSame(model([5, 6, 3], nodes, weights, 40), { layer: 'n', layout: 'nhwc' });
    await expectSame(model([5, 6, 3], nodes, weights, 40), { layer: 'conv', layout: 'nhwc' });
  });

  it('shapes computed by the graph, the batch among them', async () => {
    const nodes = [
      node('Shape', 'shape', ['x']),
      node('Gather', 'batch', ['shape', 'zero']),
      node('Gather', 'height', ['shape', 'two']),
      node('Mul', 'twice', ['height', 'two']),
      node('Div', 'half', ['twice', 'two']),
      node('Unsqueeze', 'batch1', ['batch', 'axis']),
      node('Unsqueeze', 'height1', ['half', 'axis']),
      node('Concat', 'target', ['batch1', 'height1', 'rest'], { axis: int(0) }),
      node('Reshape', 'n', ['x', 'target']),
    ];
    const weights = [int64s('zero', [0], []), int64s('two', [2], []), int64s('axis', [0]), int64s('rest', [-1])];
    await expectSame(model([3, 5, 6], nodes, weights, 90), { layer: 'n' });
  });

  it('constants prepared by the graph', async () => {
    const nodes: OnnxNode[] = [
      {
        ...node('Constant', 'five', []),
        attributes: { value: { kind: 'tensor', value: floats('', [1, 3], [4, 9, 16]) } },
      },
      node('Sqrt', 'root', ['five']),
      node('Transpose', 'column', ['root'], { perm: ints(1, 0) }),
      node('Unsqueeze', 'kernel', ['column', 'axis']),
      node('Identity', 'same', ['kernel']),
      node('Mul', 'n', ['x', 'same']),
    ];
    await expectSame(model([3, 5, 6], nodes, [int64s('axis', [2])], 90), { layer: 'n' });
  });

  it('a graph exported for one observation', async () => {
    const given = model([3, 5, 6], [node('Reshape', 'n', ['x', 's'])], [int64s('s', [1, 90])], 90);
    const fixed = { ...given, shape: [1, 3, 5, 6] };
    await expectSame(fixed, { layer: 'n' });
    const policy = policyFromOnnx(modelBytes(fixed));
    const two = await runAt(policy, 'n', new Float32Array(180), new Float32Array(3));
    expect(two.logits.length).toBe(6);
  });
});

describe('this suite', () => {
  it('ran every operator that can be imported, and exported every kind of node', () => {
    const other = ['Shape', 'Constant'];
    expect(onnxOperators.filter((name) => !seen.has(name) && !other.includes(name))).toEqual([]);
    const kinds =
      'scale affine identity relu elementwise softmax add multiply convolution maxPool averagePool mean dense flatten reshape transpose concatenate slice pad';
    expect(kinds.split(' ').filter((kind) => !exported.has(kind))).toEqual([]);
  });
});
