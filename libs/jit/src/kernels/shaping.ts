/** Kernels that move, cut, join and repeat elements without computing any. */
import * as tf from '@tensorflow/tfjs';
import { sameShape, sizeOf } from '@saccade/core';
import { int, text } from '../graph.ts';
import type { Graph, Value } from '../graph.ts';
import { broadcastTo, place } from '../pointwise.ts';
import { anyForm, axisIn, cast, isChannelsFirst, orderIn, reshape, rowMajor, traced, transpose } from '../traced.ts';
import type { Layout, Traced } from '../traced.ts';
import { attributesOf, unsupported } from './call.ts';
import type { Kernel, KernelTable } from './call.ts';

/** Past the first element, for slices that run backwards. */
const BEFORE_START = -(2 ** 31 - 1);

function reshaped(graph: Graph, x: Traced, shape: readonly number[]): Traced {
  if (sameShape(x.shape, shape)) return x;
  return traced(x.dtype, shape, reshape(graph, rowMajor(graph, x), shape));
}

/** Cuts `begin` to `end` (exclusive) in steps out of each axis; all per axis, in the value's own order. */
export function slice(
  graph: Graph,
  value: Value,
  begin: readonly number[],
  end: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): Value {
  const lengths = begin.map((from, i) => Math.max(0, Math.ceil((end[i] - from) / steps[i])));
  const axes = begin.map((_, i) => i).filter((i) => steps[i] !== 1 || lengths[i] !== value.shape[i]);
  if (axes.length === 0) return value;
  if (value.splat !== undefined) return graph.splat(value.type, lengths, value.splat);
  const pick = (numbers: readonly number[]): Value => graph.int64s(axes.map((axis) => numbers[axis]));
  const stops = end.map((stop, i) => (steps[i] < 0 && stop < 0 ? BEFORE_START : stop));
  const inputs = [value, pick(begin), pick(stops), graph.int64s(axes)];
  if (axes.some((axis) => steps[axis] !== 1)) inputs.push(pick(steps));
  return graph.node('Slice', inputs, { type: value.type, shape: lengths });
}

/** Runs each of `axes` (of the value itself) backwards. */
export function reverse(graph: Graph, value: Value, axes: readonly number[]): Value {
  const turned = axes.filter((axis) => value.shape[axis] > 1);
  const at = <T>(length: number, there: (axis: number) => T, elsewhere: (axis: number) => T): T[] =>
    Array.from({ length }, (_, axis) => (turned.includes(axis) ? there(axis) : elsewhere(axis)));
  const rank = value.shape.length;
  return slice(
    graph,
    value,
    at(
      rank,
      (axis) => value.shape[axis] - 1,
      () => 0,
    ),
    at(
      rank,
      () => -1,
      (axis) => value.shape[axis],
    ),
    at(
      rank,
      () => -1,
      () => 1,
    ),
  );
}

/** Puts `value` around each axis; `paddings` [before, after] in the value's own order. */
export function pad(graph: Graph, value: Value, paddings: readonly (readonly [number, number])[], fill = 0): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return value;
  const shape = value.shape.map((length, i) => length + paddings[i][0] + paddings[i][1]);
  const pads = graph.int64s([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  const inputs = [value, pads, graph.scalar(fill, value.type)];
  return graph.node('Pad', inputs, { type: value.type, shape }, { mode: text('constant') });
}

const sliceKernel: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { begin, size } = attributesOf<tf.SliceAttrs>(call);
  const [starts, sizes] = tf.slice_util.parseSliceParams({ shape: [...x.shape] } as tf.Tensor, begin, size);
  tf.slice_util.assertParamsValid({ shape: [...x.shape], rank: x.shape.length } as tf.Tensor, starts, sizes);
  const { value, layout } = anyForm(x);
  const ends = starts.map((start, i) => start + sizes[i]);
  return place(x.dtype, sizes, slice(graph, value, orderIn(layout, starts), orderIn(layout, ends)), layout);
};

const stridedSlice: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const a = attributesOf<tf.StridedSliceAttrs>(call);
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  const shape = info.finalShape;
  if (sizeOf(shape) === 0) throw unsupported(call, 'a slice with elements', `[${shape.join(', ')}]`);
  if (info.isIdentity) return reshaped(graph, x, shape);
  return traced(
    x.dtype,
    shape,
    reshape(graph, slice(graph, rowMajor(graph, x), info.begin, info.end, info.strides), shape),
  );
};

const padKernel: Kernel = (call) => {
  const x = call.input('x');
  const { paddings, constantValue } = attributesOf<tf.PadV2Attrs>(call);
  const { value, layout } = anyForm(x);
  const shape = x.shape.map((length, i) => length + paddings[i][0] + paddings[i][1]);
  const padded =
    x.dtype === 'bool'
      ? cast(
          call.graph,
          pad(call.graph, cast(call.graph, value, 'int32'), orderIn(layout, paddings), constantValue),
          'bool',
        )
      : pad(call.graph, value, orderIn(layout, paddings), constantValue);
  return place(x.dtype, shape, padded, layout);
};

/** Along each axis, which element each place of a mirrored result shows. */
function mirrored(length: number, before: number, after: number, symmetric: boolean): number[] {
  const period = symmetric ? 2 * length : Math.max(1, 2 * length - 2);
  return Array.from({ length: length + before + after }, (_, i) => {
    const place = (((i - before) % period) + period) % period;
    if (place < length) return place;
    return symmetric ? period - 1 - place : period - place;
  });
}

const mirrorPad: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { paddings, mode } = attributesOf<tf.MirrorPadAttrs>(call);
  const { value, layout } = anyForm(x);
  let result = value;
  paddings.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const places = mirrored(x.shape[axis], before, after, mode === 'symmetric');
    result = gatherAxis(graph, result, graph.int64s(places), axisIn(layout, axis));
  });
  const shape = x.shape.map((length, i) => length + paddings[i][0] + paddings[i][1]);
  return place(x.dtype, shape, result, layout);
};

/** Elements `indices` (any shape) of one axis. */
export function gatherAxis(graph: Graph, value: Value, indices: Value, axis: number): Value {
  const shape = [...value.shape.slice(0, axis), ...indices.shape, ...value.shape.slice(axis + 1)];
  return graph.node('Gather', [value, indices], { type: value.type, shape }, { axis: int(axis) });
}

const tile: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { reps } = attributesOf<tf.TileAttrs>(call);
  const shape = x.shape.map((length, i) => length * reps[i]);
  if (reps.every((count, i) => count === 1 || x.shape[i] === 1)) return broadcastTo(graph, x, shape);
  const { value, layout } = anyForm(x);
  const inputs = [value, graph.int64s(orderIn(layout, reps))];
  return place(x.dtype, shape, graph.node('Tile', inputs, { type: x.dtype, shape: orderIn(layout, shape) }), layout);
};

/** Tensors joined along `axis`; in the order of channels first where any has only that. */
function concatenate(graph: Graph, tensors: readonly Traced[], axis: number): Traced {
  const { dtype } = tensors[0];
  const parts = tensors.filter((tensor) => sizeOf(tensor.shape) > 0);
  if (parts.length === 0) return tensors[0];
  const length = tensors.reduce((sum, tensor) => sum + tensor.shape[axis], 0);
  const shape = tensors[0].shape.map((size, i) => (i === axis ? length : size));
  if (parts.length === 1) return parts[0];
  const layout: Layout = shape.length === 4 && parts.every(isChannelsFirst) ? 'channelsFirst' : 'rowMajor';
  const values = parts.map((tensor) => (layout === 'rowMajor' ? rowMajor(graph, tensor) : anyForm(tensor).value));
  const output = { type: dtype, shape: orderIn(layout, shape) };
  return place(dtype, shape, graph.node('Concat', values, output, { axis: int(axisIn(layout, axis)) }), layout);
}

/** Float values joined; `shape` is the result's. */
export function concatenated(graph: Graph, values: readonly Value[], axis: number, shape: readonly number[]): Value {
  if (values.length === 1) return values[0];
  return graph.node('Concat', values, { type: 'float32', shape }, { axis: int(axis) });
}

const concat: Kernel = (call) => {
  const { list } = call;
  const [axis] = tf.util.parseAxisParam(attributesOf<tf.ConcatAttrs>(call).axis, [...list[0].shape]);
  return concatenate(call.graph, list, axis);
};

const pack: Kernel = (call) => {
  const { graph, list } = call;
  const rank = list[0].shape.length + 1;
  const axis = (attributesOf<tf.PackAttrs>(call).axis + rank) % rank;
  const shape = [...list[0].shape.slice(0, axis), 1, ...list[0].shape.slice(axis)];
  return concatenate(
    graph,
    list.map((x) => reshaped(graph, x, shape)),
    axis,
  );
};

function split(graph: Graph, x: Traced, sizes: readonly number[], axis: number): Traced[] {
  const { value, layout } = anyForm(x);
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const end = x.shape.map((length, i) => (i === axis ? start + size : length));
    start += size;
    const shape = x.shape.map((length, i) => (i === axis ? size : length));
    return place(x.dtype, shape, slice(graph, value, orderIn(layout, begin), orderIn(layout, end)), layout);
  });
}

const unpack: Kernel = (call) => {
  const x = call.input('value');
  const rank = x.shape.length;
  const axis = (attributesOf<tf.UnpackAttrs>(call).axis + rank) % rank;
  const shape = x.shape.filter((_, i) => i !== axis);
  const ones = Array.from({ length: x.shape[axis] }, () => 1);
  return split(call.graph, x, ones, axis).map((part) => reshaped(call.graph, part, shape));
};

const splitV: Kernel = (call) => {
  const x = call.input('x');
  const { numOrSizeSplits, axis } = attributesOf<tf.SplitVAttrs>(call);
  const [at] = tf.util.parseAxisParam(axis, [...x.shape]);
  const sizes = tf.backend_util.prepareSplitSize({ shape: [...x.shape] } as tf.Tensor, numOrSizeSplits, at);
  return split(call.graph, x, sizes, at);
};

const transposeKernel: Kernel = (call) => {
  const x = call.input('x');
  const { perm } = attributesOf<tf.TransposeAttrs>(call);
  const { value, layout } = anyForm(x);
  const moved = transpose(
    call.graph,
    value,
    perm.map((axis) => axisIn(layout, axis)),
  );
  return traced(
    x.dtype,
    perm.map((axis) => x.shape[axis]),
    moved,
  );
};

const reverseKernel: Kernel = (call) => {
  const x = call.input('x');
  const axes = tf.util.parseAxisParam(attributesOf<tf.ReverseAttrs>(call).dims, [...x.shape]);
  const { value, layout } = anyForm(x);
  return place(
    x.dtype,
    x.shape,
    reverse(
      call.graph,
      value,
      axes.map((axis) => axisIn(layout, axis)),
    ),
    layout,
  );
};

const depthToSpace: Kernel = (call) => {
  const x = call.input('x');
  const { blockSize: b, dataFormat } = attributesOf<tf.DepthToSpaceAttrs>(call);
  if (dataFormat !== 'NHWC') throw unsupported(call, 'NHWC', dataFormat);
  const [n, h, w, c] = x.shape;
  const depth = c / (b * b);
  const blocks = reshape(call.graph, rowMajor(call.graph, x), [n, h, w, b, b, depth]);
  const shape = [n, h * b, w * b, depth];
  return traced(x.dtype, shape, reshape(call.graph, transpose(call.graph, blocks, [0, 1, 3, 2, 4, 5]), shape));
};

const spaceToBatch: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { blockShape, paddings } = attributesOf<tf.SpaceToBatchNDAttrs>(call);
  const full = x.shape.map((_, i): [number, number] => {
    const padding = paddings[i - 1];
    return padding === undefined ? [0, 0] : [padding[0], padding[1]];
  });
  const padded = pad(graph, rowMajor(graph, x), full);
  const rest = padded.shape.slice(1 + blockShape.length);
  const spread = [padded.shape[0], ...blockShape.flatMap((b, i) => [padded.shape[i + 1] / b, b]), ...rest];
  const count = blockShape.length;
  const blockAxes = blockShape.map((_, i) => 2 + 2 * i);
  const gridAxes = blockShape.map((_, i) => 1 + 2 * i);
  const restAxes = rest.map((_, i) => 1 + 2 * count + i);
  const moved = transpose(graph, reshape(graph, padded, spread), [...blockAxes, 0, ...gridAxes, ...restAxes]);
  const shape = [sizeOf(blockShape) * padded.shape[0], ...blockShape.map((b, i) => padded.shape[i + 1] / b), ...rest];
  return traced(x.dtype, shape, reshape(graph, moved, shape));
};

const batchToSpace: Kernel = (call) => {
  const { graph } = call;
  const x = call.input('x');
  const { blockShape, crops } = attributesOf<tf.BatchToSpaceNDAttrs>(call);
  const count = blockShape.length;
  const batch = x.shape[0] / sizeOf(blockShape);
  const grid = x.shape.slice(1, 1 + count);
  const rest = x.shape.slice(1 + count);
  const spread = reshape(graph, rowMajor(graph, x), [...blockShape, batch, ...grid, ...rest]);
  const order = [count, ...blockShape.flatMap((_, i) => [count + 1 + i, i]), ...rest.map((_, i) => 2 * count + 1 + i)];
  const merged = [batch, ...grid.map((length, i) => length * blockShape[i]), ...rest];
  const joined = reshape(graph, transpose(graph, spread, order), merged);
  const begin = merged.map((_, i) => crops[i - 1]?.[0] ?? 0);
  const end = merged.map((length, i) => length - (crops[i - 1]?.[1] ?? 0));
  const shape = merged.map((_, i) => end[i] - begin[i]);
  return traced(x.dtype, shape, slice(graph, joined, begin, end));
};

export const shaping: KernelTable = {
  Reshape: (call) => {
    const x = call.input('x');
    const shape = tf.util.inferFromImplicitShape(attributesOf<tf.ReshapeAttrs>(call).shape, sizeOf(x.shape));
    return reshaped(call.graph, x, shape);
  },
  ExpandDims: (call) => {
    const x = call.input('input');
    const rank = x.shape.length + 1;
    const at = (attributesOf<tf.ExpandDimsAttrs>(call).dim + rank) % rank;
    return reshaped(call.graph, x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
  },
  Transpose: transposeKernel,
  Reverse: reverseKernel,
  Slice: sliceKernel,
  StridedSlice: stridedSlice,
  PadV2: padKernel,
  MirrorPad: mirrorPad,
  Tile: tile,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
