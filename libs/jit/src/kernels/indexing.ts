/** Kernels that pick elements by index, scatter them, or make tensors from numbers alone. */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '@saccade/core';
import { int, text } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { castTo, compare, where } from '../pointwise.ts';
import { cast, reshape, rowMajor, traced, transpose } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { attributesOf, unsupported } from './call.ts';
import type { Kernel, KernelCall, KernelTable } from './call.ts';
import { gatherAxis } from './shaping.ts';

function indexValue(graph: Graph, x: Traced): Value {
  return cast(graph, rowMajor(graph, x), 'int64');
}

const gather: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const indices = call.input('indices');
  const { axis, batchDims } = attributesOf<tf.GatherV2Attrs>(call);
  const at = (axis + x.shape.length) % x.shape.length;
  if (batchDims === 0) {
    const value = gatherAxis(graph, rowMajor(graph, x), indexValue(graph, indices), at);
    return traced(x.dtype, value.shape, value);
  }
  const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    { shape: [...x.shape], rank: x.shape.length } as tf.Tensor,
    { shape: [...indices.shape], rank: indices.shape.length } as tf.Tensor,
    at,
    batchDims,
  );
  // [batch, outer, axis, inner] -> [batch, axis, outer, inner], so that rows are what is picked.
  const rows = transpose(
    graph,
    reshape(graph, rowMajor(graph, x), [info.batchSize, info.outerSize, info.dimSize, info.sliceSize]),
    [0, 2, 1, 3],
  );
  const count = sizeOf(indices.shape) / info.batchSize;
  const picks = reshape(graph, indexValue(graph, indices), [info.batchSize, count, 1]);
  const shape = [info.batchSize, count, info.outerSize, info.sliceSize];
  const picked = graph.node('GatherND', [rows, picks], { type: x.dtype, shape }, { batch_dims: int(1) });
  return traced(x.dtype, info.outputShape, reshape(graph, transpose(graph, picked, [0, 2, 1, 3]), info.outputShape));
};

const gatherNd: Kernel = ({ graph, input }) => {
  const params = input('params');
  const indices = input('indices');
  const depth = indices.shape[indices.shape.length - 1];
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  const value = graph.node('GatherND', [rowMajor(graph, params), indexValue(graph, indices)], {
    type: params.dtype,
    shape,
  });
  return traced(params.dtype, shape, value);
};

const scatterNd: Kernel = (call) => {
  const { graph } = call;
  const { shape } = attributesOf<tf.ScatterNdAttrs>(call);
  const updates = call.input('updates');
  const inputs = [
    graph.splat(updates.dtype, shape, 0),
    indexValue(graph, call.input('indices')),
    rowMajor(graph, updates),
  ];
  const output = { type: updates.dtype, shape };
  return traced(updates.dtype, shape, graph.node('ScatterND', inputs, output, { reduction: text('add') }));
};

const tensorScatterUpdate: Kernel = ({ graph, input }) => {
  const tensor = input('tensor');
  const inputs = [rowMajor(graph, tensor), indexValue(graph, input('indices')), rowMajor(graph, input('updates'))];
  return traced(
    tensor.dtype,
    tensor.shape,
    graph.node('ScatterND', inputs, { type: tensor.dtype, shape: tensor.shape }),
  );
};

/** Compares with 0, 1, 2 ... rather than ONNX's OneHot, for which -1 is the last class. */
const oneHot: Kernel = (call) => {
  const { graph } = call;
  const { depth, onValue, offValue, dtype } = attributesOf<tf.OneHotAttrs>(call);
  const type = numericDtype(call, dtype);
  const indices = castTo(graph, call.input('indices'), 'int32');
  const column = traced(
    'int32',
    [...indices.shape, 1],
    reshape(graph, rowMajor(graph, indices), [...indices.shape, 1]),
  );
  const classes = graph.constant(
    'int32',
    [depth],
    Int32Array.from({ length: depth }, (_, i) => i),
  );
  const hit = compare(graph, 'Equal', column, traced('int32', [depth], classes));
  if (onValue === 1 && offValue === 0) return castTo(graph, hit, type);
  const value = (number: number): Traced => traced(type, [], graph.scalar(number, type));
  return where(graph, hit, value(onValue), value(offValue));
};

function numericDtype(call: KernelCall, dtype: string | undefined): 'float32' | 'int32' | 'bool' {
  if (dtype === undefined) return 'float32';
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw unsupported(call, 'float32, int32 or bool', dtype);
}

const fill: Kernel = (call) => {
  const { shape, value, dtype } = attributesOf<tf.FillAttrs>(call);
  if (typeof value === 'string') throw unsupported(call, 'a number', 'text');
  const type = numericDtype(call, dtype);
  return traced(type, shape, call.graph.splat(type, shape, value));
};

function sequence(graph: Graph, numbers: readonly number[], dtype: 'float32' | 'int32'): Traced {
  const data = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  return traced(dtype, [numbers.length], graph.constant(dtype, [numbers.length], data));
}

const range: Kernel = (call) => {
  const { start, stop, step, dtype } = attributesOf<tf.RangeAttrs>(call);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return sequence(
    call.graph,
    Array.from({ length: count }, (_, i) => start + i * step),
    dtype,
  );
};

const linSpace: Kernel = (call) => {
  const { start, stop, num } = attributesOf<tf.LinSpaceAttrs>(call);
  const step = num > 1 ? (stop - start) / (num - 1) : 0;
  return sequence(
    call.graph,
    Array.from({ length: num }, (_, i) => start + i * step),
    'float32',
  );
};

export const indexing: KernelTable = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  OneHot: oneHot,
  Fill: fill,
  Range: range,
  LinSpace: linSpace,
};
