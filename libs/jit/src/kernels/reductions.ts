/** Kernels that fold axes away, normalise along one, or accumulate along one. */
import * as tf from '@tensorflow/tfjs';
import { int } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { castTo, place } from '../pointwise.ts';
import { anyForm, axisIn, cast, orderIn, reshape, rowMajor, traced } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf, unsupported } from './call.ts';
import type { Kernel, KernelTable } from './call.ts';
import { pad } from './shaping.ts';

interface ReduceAttributes {
  readonly axis?: number | number[] | null;
  /** What Max calls its axis. */
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims?: boolean;
}

/** Folds `axes` (logical) of `x` with an ONNX reduction. */
export function reduce(graph: Graph, op: string, x: Traced, axes: readonly number[], keepDims: boolean): Traced {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.length === 0) return x;
  let { value, layout } = anyForm(x);
  if (layout === 'channelsFirst' && !keepDims) {
    // What is left must come out in logical order.
    const left = orderIn(layout, [0, 1, 2, 3]).filter((axis) => !axes.includes(axis));
    if (left.some((axis, i) => i > 0 && axis < left[i - 1])) {
      value = rowMajor(graph, x);
      layout = 'rowMajor';
    }
  }
  const at = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
  const outShape = keepDims ? orderIn(layout, kept) : shape;
  const output = { type: x.dtype, shape: outShape };
  const result = graph.node(op, [value, graph.int64s(at)], output, { keepdims: int(keepDims ? 1 : 0) });
  return place(x.dtype, shape, result, keepDims ? layout : 'rowMajor');
}

function axesOf(axis: number | number[] | null | undefined, rank: number): number[] {
  const all = Array.from({ length: rank }, (_, i) => i);
  return axis === null || axis === undefined
    ? all
    : tf.util.parseAxisParam(
        axis,
        all.map(() => 1),
      );
}

const reduction =
  (op: string, prepare: (graph: Graph, x: Traced) => Traced = (_, x) => x): Kernel =>
  (call) => {
    const { axis, reductionIndices, keepDims = false } = attributesOf<ReduceAttributes>(call);
    const x = prepare(call.graph, call.input('x'));
    return reduce(call.graph, op, x, axesOf(axis ?? reductionIndices, x.shape.length), keepDims);
  };

const numeric = (graph: Graph, x: Traced): Traced => (x.dtype === 'bool' ? castTo(graph, x, 'int32') : x);

const logical =
  (op: string): Kernel =>
  (call) =>
    castTo(call.graph, reduction(op, (graph, x) => castTo(graph, x, 'int32'))(call) as Traced, 'bool');

const arg =
  (op: string): Kernel =>
  (call) => {
    const { graph } = call;
    const x = numeric(graph, call.input('x'));
    const [axis] = tf.util.parseAxisParam(attributesOf<tf.ArgMaxAttrs>(call).axis, [...x.shape]);
    const shape = x.shape.filter((_, i) => i !== axis);
    const attributes = { axis: int(axis), keepdims: int(0) };
    const index = graph.node(op, [rowMajor(graph, x)], { type: 'int64', shape }, attributes);
    return traced('int32', shape, cast(graph, index, 'int32'));
  };

const softmax: Kernel = (call) => {
  const { graph } = call;
  const x = castTo(graph, call.input('logits'), 'float32');
  const { dim } = attributesOf<tf.SoftmaxAttrs>(call);
  const { value, layout } = anyForm(x);
  const attributes = { axis: int(axisIn(layout, (dim + x.shape.length) % x.shape.length)) };
  const output = { type: 'float32', shape: value.shape } as const;
  return place('float32', x.shape, graph.node('Softmax', [value], output, attributes), layout);
};

const cumulativeSum: Kernel = (call) => {
  const { axis, exclusive, reverse } = attributesOf<tf.CumsumAttrs>(call);
  const { graph } = call;
  const x = numeric(graph, call.input('x'));
  const { value, layout } = anyForm(x);
  const at = axisIn(layout, (axis + x.shape.length) % x.shape.length);
  const attributes = { exclusive: int(exclusive ? 1 : 0), reverse: int(reverse ? 1 : 0) };
  const axisValue = graph.constant('int32', [], Int32Array.of(at));
  const output = { type: x.dtype, shape: value.shape };
  return place(x.dtype, x.shape, graph.node('CumSum', [value, axisValue], output, attributes), layout);
};

/** Products of 1, 2, 4 ... elements, each from two of the last: log2(length) passes. */
const cumulativeProduct: Kernel = (call) => {
  const { axis, exclusive, reverse } = attributesOf<tf.CumprodAttrs>(call);
  const { graph } = call;
  const x = numeric(graph, call.input('x'));
  const { value, layout } = anyForm(x);
  const at = axisIn(layout, (axis + x.shape.length) % x.shape.length);
  const shifted = (running: Value, by: number): Value => {
    const moved: [number, number] = reverse ? [-by, by] : [by, -by];
    return pad(
      graph,
      running,
      running.shape.map((_, i): [number, number] => (i === at ? moved : [0, 0])),
      1,
    );
  };
  const length = value.shape[at];
  let running = exclusive ? shifted(value, 1) : value;
  for (let step = 1; step < length; step *= 2) {
    running = graph.node('Mul', [running, shifted(running, step)], { type: x.dtype, shape: value.shape });
  }
  return place(x.dtype, x.shape, running, layout);
};

const topK: Kernel = (call) => {
  const { k, sorted } = attributesOf<tf.TopKAttrs>(call);
  const { graph } = call;
  const x = call.input('x');
  if (x.dtype === 'bool') throw unsupported(call, 'numbers', 'bool');
  const shape = [...x.shape.slice(0, -1), k];
  const attributes = { axis: int(-1), largest: int(1), sorted: int(sorted ? 1 : 0) };
  const outputs = [
    { type: x.dtype, shape },
    { type: 'int64', shape },
  ] as const;
  const [values, indices] = graph.nodes('TopK', [rowMajor(graph, x), graph.int64s([k])], outputs, attributes);
  return [traced(x.dtype, shape, values), traced('int32', shape, cast(graph, indices, 'int32'))];
};

/** Sum over all elements of each segment, into zeros. */
const unsortedSegmentSum: Kernel = (call) => {
  const { numSegments } = attributesOf<tf.UnsortedSegmentSumAttrs>(call);
  const { graph } = call;
  const x = call.input('x');
  const ids = call.input('segmentIds');
  const shape = [numSegments, ...x.shape.slice(ids.shape.length)];
  const index = reshape(graph, cast(graph, rowMajor(graph, ids), 'int64'), [...ids.shape, 1]);
  const zeros = graph.splat(x.dtype, shape, 0);
  const inputs = [zeros, index, rowMajor(graph, x)];
  const attributes = { reduction: { kind: 'string', value: 'add' } } as const;
  return traced(x.dtype, shape, graph.node('ScatterND', inputs, { type: x.dtype, shape }, attributes));
};

export const reductions: KernelTable = {
  Sum: reduction('ReduceSum', numeric),
  Mean: reduction('ReduceMean', (graph, x) => castTo(graph, x, 'float32')),
  Prod: reduction('ReduceProd', numeric),
  Max: reduction('ReduceMax', numeric),
  Min: reduction('ReduceMin', numeric),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: softmax,
  Cumsum: cumulativeSum,
  Cumprod: cumulativeProduct,
  TopK: topK,
  UnsortedSegmentSum: unsortedSegmentSum,
};
