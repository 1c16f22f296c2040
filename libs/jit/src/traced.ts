/**
 * What stands for a tensor while a function is traced. TensorFlow.js images are [batch, height, width, channel]; ONNX
 * convolutions want [batch, channel, height, width]. A traced tensor knows its value in either order and makes the
 * other when somebody asks, so that a chain of convolutions, pools and pointwise operations never changes order inside.
 */
import { internalError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { dataOf, int, ints } from './graph.ts';
import type { ElementType, Graph, Value } from './graph.ts';

export type TracedDtype = 'float32' | 'int32' | 'bool';
export type Layout = 'rowMajor' | 'channelsFirst';

/** A tensor of logical `shape`; `channelsFirst` exists for four axes only, and at least one of the two is set. */
export interface Traced {
  readonly dtype: TracedDtype;
  readonly shape: Shape;
  readonly rowMajor?: Value;
  readonly channelsFirst?: Value;
}

/** Where each logical axis of an image lies when channels come first. */
const AXIS_FROM_LOGICAL = [0, 2, 3, 1] as const;
const TO_CHANNELS_FIRST = [0, 3, 1, 2] as const;
const TO_ROW_MAJOR = [0, 2, 3, 1] as const;
const SCALAR_OPERATORS = new Set(['Add', 'Sub', 'Mul', 'Div']);

export function channelsFirstShape([b, h, w, c]: Shape): number[] {
  return [b, c, h, w];
}

export function traced(dtype: TracedDtype, shape: Shape, value: Value, layout: Layout = 'rowMajor'): Traced {
  if (sizeOf(value.shape) !== sizeOf(shape)) {
    throw internalError(`value [${value.shape.join(', ')}] for a tensor [${shape.join(', ')}]`);
  }
  return layout === 'rowMajor' ? { dtype, shape, rowMajor: value } : { dtype, shape, channelsFirst: value };
}

/** A traced tensor from a value in its own order, whose type is its own too. */
export function fromValue(value: Value): Traced {
  return { dtype: dtypeOf(value.type), shape: value.shape, rowMajor: value };
}

export function dtypeOf(type: ElementType): TracedDtype {
  if (type === 'float32' || type === 'int32' || type === 'bool') return type;
  throw internalError(`no tensor holds ${type}`);
}

export function rowMajor(graph: Graph, tensor: Traced): Value {
  if (tensor.rowMajor !== undefined) return tensor.rowMajor;
  if (tensor.channelsFirst === undefined) throw internalError('a traced tensor without a value');
  return transpose(graph, tensor.channelsFirst, TO_ROW_MAJOR);
}

export function channelsFirst(graph: Graph, tensor: Traced): Value {
  if (tensor.channelsFirst !== undefined) return tensor.channelsFirst;
  if (tensor.rowMajor === undefined || tensor.shape.length !== 4) {
    throw internalError(`channels first of [${tensor.shape.join(', ')}]`);
  }
  return moveChannels(graph, tensor.rowMajor);
}

/** Reorders before pointwise steps, where values may still be bytes and are shared with whoever reorders them too. */
function moveChannels(graph: Graph, value: Value): Value {
  const { node } = value;
  const output = { type: value.type, shape: channelsFirstShape(value.shape) };
  if (node?.op === 'Cast') {
    return graph.node('Cast', [moveChannels(graph, node.inputs[0] as Value)], output, node.attributes);
  }
  if (node !== undefined && SCALAR_OPERATORS.has(node.op)) {
    const [a, b] = node.inputs as [Value, Value];
    if (a === b) {
      const moved = moveChannels(graph, a);
      return graph.node(node.op, [moved, moved], output);
    }
    if (b.shape.length === 0) return graph.node(node.op, [moveChannels(graph, a), b], output);
    if (a.shape.length === 0) return graph.node(node.op, [a, moveChannels(graph, b)], output);
  }
  return mixedImages(graph, value) ?? transpose(graph, value, TO_CHANNELS_FIRST);
}

/**
 * Images [m, ...] that are a matrix product of [m, k] and fewer images, such as points on the line between two: the
 * product does not care in which order the axes of an image lie, so those that it is made of are reordered instead.
 */
function mixedImages(graph: Graph, value: Value): Value | undefined {
  const product = value.node?.op === 'Reshape' ? value.node.inputs[0]?.node : undefined;
  const [shares, images] = product?.inputs ?? [];
  if (product?.op !== 'MatMul' || shares?.shape.length !== 2 || images?.shape.length !== 2) return undefined;
  const [m, ...image] = value.shape;
  const [k, n] = images.shape;
  if (shares.shape[0] !== m || k >= m) return undefined;
  const moved = reshape(graph, moveChannels(graph, reshape(graph, images, [k, ...image])), [k, n]);
  const mixed = graph.node('MatMul', [shares, moved], { type: 'float32', shape: [m, n] });
  return reshape(graph, mixed, channelsFirstShape(value.shape));
}

/**
 * The matrix product of [m, k] and k images that were brought into row-major order, [k, n], where m is fewer: sums of
 * images, which are made of the images as they were and reordered after. Undefined where `images` are none.
 */
export function sumOfImages(graph: Graph, shares: Value, images: Value): Value | undefined {
  const ordered = images.node?.op === 'Reshape' ? images.node.inputs[0] : undefined;
  if (ordered?.node?.op !== 'Transpose' || ordered.shape.length !== 4) return undefined;
  if (shares.shape.length !== 2 || images.shape.length !== 2) return undefined;
  const [m] = shares.shape;
  const [k, n] = images.shape;
  const source = ordered.node.inputs[0];
  const { perm } = ordered.node.attributes;
  if (source?.shape[0] !== k || m >= k || perm.kind !== 'ints' || perm.value[0] !== 0) return undefined;
  const sums = graph.node('MatMul', [shares, reshape(graph, source, [k, n])], { type: 'float32', shape: [m, n] });
  const inOrder = transpose(graph, reshape(graph, sums, [m, ...source.shape.slice(1)]), perm.value);
  return reshape(graph, inOrder, [m, n]);
}

/** True when every stored form of the tensor has channels first. */
export function isChannelsFirst(tensor: Traced): boolean {
  return tensor.rowMajor === undefined;
}

/** The form that the tensor already has, where either will do. */
export function anyForm(tensor: Traced): { readonly value: Value; readonly layout: Layout } {
  if (tensor.rowMajor !== undefined) return { value: tensor.rowMajor, layout: 'rowMajor' };
  if (tensor.channelsFirst !== undefined) return { value: tensor.channelsFirst, layout: 'channelsFirst' };
  throw internalError('a traced tensor without a value');
}

/** Where logical `axis` lies in `layout`. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'rowMajor' ? axis : AXIS_FROM_LOGICAL[axis];
}

/** `perAxis`, given for the logical axes, in the order of `layout`. */
export function orderIn<T>(layout: Layout, perAxis: readonly T[]): T[] {
  return layout === 'rowMajor' ? [...perAxis] : TO_CHANNELS_FIRST.map((axis) => perAxis[axis]);
}

export function reshape(graph: Graph, value: Value, shape: Shape): Value {
  if (value.shape.length === shape.length && value.shape.every((axis, i) => axis === shape[i])) return value;
  if (value.splat !== undefined) return graph.splat(value.type, shape, value.splat);
  if (value.data !== undefined) return graph.constant(value.type, shape, value.data);
  // A reshape of a reshape is one reshape.
  const source = value.node?.op === 'Reshape' ? (value.node.inputs[0] as Value) : value;
  if (source !== value) return reshape(graph, source, shape);
  return graph.node('Reshape', [value, graph.int64s(shape)], { type: value.type, shape });
}

export function transpose(graph: Graph, value: Value, perm: readonly number[]): Value {
  if (perm.every((axis, i) => axis === i)) return value;
  const shape = perm.map((axis) => value.shape[axis]);
  if (value.splat !== undefined) return graph.splat(value.type, shape, value.splat);
  // Moving axes of length one moves nothing.
  const kept = perm.filter((axis) => value.shape[axis] !== 1);
  if (kept.every((axis, i) => i === 0 || axis > kept[i - 1])) return reshape(graph, value, shape);
  if (value.node?.op === 'Transpose') {
    const inner = value.node.attributes.perm;
    if (inner.kind === 'ints') {
      return transpose(
        graph,
        value.node.inputs[0] as Value,
        perm.map((axis) => inner.value[axis]),
      );
    }
  }
  return graph.node('Transpose', [value], { type: value.type, shape }, { perm: ints(perm) });
}

/** ONNX data type codes, for Cast. */
const CAST_CODES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

export function cast(graph: Graph, value: Value, type: ElementType): Value {
  if (value.type === type) return value;
  if (value.splat !== undefined && type !== 'uint8')
    return graph.splat(type, value.shape, castNumber(value.splat, type));
  if (value.data !== undefined && type === 'int64')
    return graph.constant('int64', value.shape, Int32Array.from(dataOf(value)));
  return graph.node('Cast', [value], { type, shape: value.shape }, { to: int(CAST_CODES[type]) });
}

function castNumber(value: number, type: ElementType): number {
  if (type === 'float32') return value;
  return type === 'bool' ? Number(value !== 0) : Math.trunc(value);
}
