/**
 * Pointwise operators over traced tensors: broadcasting, the order of axes they run in, and the few identities that
 * gradients are full of (times one, plus zero, times a mask).
 */
import { sameShape, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { OnnxAttribute } from '@saccade/nn';
import type { ElementType, Graph, Value } from './graph.ts';
import { product, withBias } from './identities.ts';
import { anyForm, cast, channelsFirst, isChannelsFirst, orderIn, reshape, rowMajor, transpose } from './traced.ts';
import { dtypeOf } from './traced.ts';
import type { Layout, Traced, TracedDtype } from './traced.ts';

export function broadcastShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const lengths = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

export interface Aligned {
  readonly values: readonly Value[];
  readonly layout: Layout;
  /** Of the result, logical. */
  readonly shape: Shape;
}

/** The operands in one order of axes, each broadcastable to the result as ONNX broadcasts. */
export function align(graph: Graph, operands: readonly Traced[]): Aligned {
  const shape = broadcastShape(operands.map((operand) => operand.shape));
  const layout: Layout =
    shape.length === 4 && operands.some((operand) => operand.shape.length === 4 && isChannelsFirst(operand))
      ? 'channelsFirst'
      : 'rowMajor';
  const full = operands.map((operand) => inLayout(graph, operand, layout));
  const slim = full.map((value) => slimmed(graph, value));
  const wanted = orderIn(layout, shape);
  const values = sameShape(broadcastShape(slim.map((value) => value.shape)), wanted) ? slim : full;
  return { values, layout, shape };
}

function inLayout(graph: Graph, operand: Traced, layout: Layout): Value {
  if (operand.shape.length === 4 && sizeOf(operand.shape) > 1) {
    return layout === 'channelsFirst' ? channelsFirst(graph, operand) : rowMajor(graph, operand);
  }
  const value = rowMajor(graph, operand);
  if (layout === 'rowMajor' || value.splat !== undefined) return value;
  // [c] and the like broadcast along the last axes; the same axes with channels first.
  const padded = [...Array.from({ length: 4 - operand.shape.length }, () => 1), ...operand.shape];
  return transpose(graph, reshape(graph, value, padded), [0, 3, 1, 2]);
}

/** What is left of a value that only repeats itself, if another operand gives the result its shape. */
function slimmed(graph: Graph, value: Value): Value {
  if (value.splat !== undefined) return graph.splat(value.type, [], value.splat);
  return value.node?.op === 'Expand' ? (value.node.inputs[0] as Value) : value;
}

/** One pointwise ONNX operator; its operands must have the types that it wants. */
export function pointwise(
  graph: Graph,
  op: string,
  operands: readonly Traced[],
  type?: ElementType,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): Traced {
  const { values, layout, shape } = align(graph, operands);
  const result = type ?? values[values.length - 1].type;
  const value = graph.node(op, values, { type: result, shape: orderIn(layout, shape) }, attributes);
  return place(dtypeOf(result), shape, value, layout);
}

export function place(dtype: TracedDtype, shape: Shape, value: Value, layout: Layout): Traced {
  return layout === 'rowMajor' ? { dtype, shape, rowMajor: value } : { dtype, shape, channelsFirst: value };
}

/** One operator over a single tensor, in whichever order that has. */
export function unary(
  graph: Graph,
  op: string,
  x: Traced,
  type: TracedDtype = x.dtype,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): Traced {
  const { value, layout } = anyForm(x);
  return place(type, x.shape, graph.node(op, [value], { type, shape: value.shape }, attributes), layout);
}

export function castTo(graph: Graph, x: Traced, dtype: TracedDtype): Traced {
  if (x.dtype === dtype) return x;
  const { value, layout } = anyForm(x);
  return place(dtype, x.shape, cast(graph, value, dtype), layout);
}

export function number(graph: Graph, value: number, dtype: TracedDtype = 'float32'): Traced {
  return { dtype, shape: [], rowMajor: graph.scalar(value, dtype) };
}

function splatOf(x: Traced): number | undefined {
  return x.rowMajor?.splat ?? x.channelsFirst?.splat;
}

/** `x` itself where the result has its shape, otherwise repeated to it. */
function expanded(graph: Graph, x: Traced, shape: Shape): Traced {
  if (sameShape(x.shape, shape)) return x;
  return broadcastTo(graph, x, shape);
}

/** Repeats `x` along its axes of length one, and along new leading ones, to `shape`. */
export function broadcastTo(graph: Graph, x: Traced, shape: Shape): Traced {
  if (sameShape(x.shape, shape)) return x;
  const splat = splatOf(x);
  if (splat !== undefined) return place(x.dtype, shape, graph.splat(x.dtype, shape, splat), 'rowMajor');
  const layout: Layout = x.shape.length === 4 && isChannelsFirst(x) ? 'channelsFirst' : 'rowMajor';
  const value = layout === 'channelsFirst' ? channelsFirst(graph, x) : rowMajor(graph, x);
  const target = orderIn(layout, shape);
  const padded = reshape(graph, value, [
    ...Array.from({ length: target.length - value.shape.length }, () => 1),
    ...value.shape,
  ]);
  const repeated = graph.node('Expand', [padded, graph.int64s(target)], { type: value.type, shape: target });
  return place(x.dtype, shape, repeated, layout);
}

export function add(graph: Graph, a: Traced, b: Traced): Traced {
  const shape = broadcastShape([a.shape, b.shape]);
  if (splatOf(a) === 0) return expanded(graph, b, shape);
  if (splatOf(b) === 0) return expanded(graph, a, shape);
  const { values, layout } = align(graph, [a, b]);
  const biased = withBias(graph, values[0], values[1]) ?? withBias(graph, values[1], values[0]);
  if (biased !== undefined) return place('float32', shape, biased, layout);
  return pointwise(graph, 'Add', [a, b]);
}

export function subtract(graph: Graph, a: Traced, b: Traced): Traced {
  if (splatOf(b) === 0) return expanded(graph, a, broadcastShape([a.shape, b.shape]));
  return pointwise(graph, 'Sub', [a, b]);
}

export function multiply(graph: Graph, a: Traced, b: Traced): Traced {
  const shape = broadcastShape([a.shape, b.shape]);
  if (splatOf(a) === 1) return expanded(graph, b, shape);
  if (splatOf(b) === 1) return expanded(graph, a, shape);
  const { values, layout } = align(graph, [a, b]);
  const output = { type: a.dtype, shape: orderIn(layout, shape) };
  return place(a.dtype, shape, product(graph, values[0], values[1], output), layout);
}

export function divide(graph: Graph, a: Traced, b: Traced): Traced {
  if (splatOf(b) === 1) return expanded(graph, a, broadcastShape([a.shape, b.shape]));
  return pointwise(graph, 'Div', [a, b]);
}

/** `a` where the condition holds, else `b`; all three broadcast. */
export function where(graph: Graph, condition: Traced, a: Traced, b: Traced): Traced {
  return pointwise(graph, 'Where', [condition, a, b]);
}

export function compare(graph: Graph, op: string, a: Traced, b: Traced): Traced {
  return pointwise(graph, op, [a, b], 'bool');
}
