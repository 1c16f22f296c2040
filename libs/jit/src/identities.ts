/**
 * Algebra that saves passes over memory. Gradients arrive as TensorFlow.js wrote them: a product by 2 here, by 1/4
 * there, by a mask that another factor makes superfluous. Each rule gives the same numbers with fewer large tensors.
 */
import type { Graph, OutputType, Value } from './graph.ts';
import { reshape } from './traced.ts';

/** A product of two values, already aligned. */
export function product(graph: Graph, a: Value, b: Value, output: OutputType): Value {
  if (output.type === 'float32') {
    if (isMaskOf(b, a)) return a;
    if (isMaskOf(a, b)) return b;
    const scaled = rescaled(graph, a, b) ?? rescaled(graph, b, a);
    if (scaled !== undefined) return scaled;
    // p (y c) = (p c) y where c can be had for nothing in p.
    const moved = movedFactor(graph, a, b, output) ?? movedFactor(graph, b, a, output);
    if (moved !== undefined) return moved;
  }
  return graph.node('Mul', [a, b], output);
}

/** `mask` is 1 where y > 0 and else 0, y is a ReLU's output, and y is a factor of `value`: masking changes nothing. */
function isMaskOf(mask: Value, value: Value): boolean {
  if (mask.node?.op !== 'Cast') return false;
  const greater = mask.node.inputs[0]?.node;
  const [y, zero] = greater?.inputs ?? [];
  if (greater?.op !== 'Greater' || y?.node?.op !== 'Relu' || zero?.splat !== 0) return false;
  return mask.shape.length === value.shape.length && hasFactor(value, y);
}

function hasFactor(value: Value, factor: Value): boolean {
  if (value === factor) return true;
  if (value.node?.op !== 'Mul') return false;
  return value.node.inputs.some((input) => input !== undefined && hasFactor(input, factor));
}

/** value times scalar, where the scalar joins a factor that is there already. */
function rescaled(graph: Graph, value: Value, scalar: Value): Value | undefined {
  if (scalar.splat === undefined || scalar.shape.length > 0) return undefined;
  return scaledBy(graph, value, scalar.splat);
}

function scaledBy(graph: Graph, value: Value, factor: number): Value | undefined {
  const { node } = value;
  if (node === undefined) return undefined;
  const [first, second] = node.inputs;
  if (node.op === 'Mul' && first !== undefined && second?.splat !== undefined && second.shape.length === 0) {
    const joined = second.splat * factor;
    return joined === 1 ? first : graph.node('Mul', [first, graph.scalar(joined)], value);
  }
  if (node.op === 'Resize' && first !== undefined) {
    const inner = scaledBy(graph, first, factor);
    return inner === undefined
      ? undefined
      : graph.node('Resize', [inner, ...node.inputs.slice(1)], value, node.attributes);
  }
  return undefined;
}

function movedFactor(graph: Graph, p: Value, scaled: Value, output: OutputType): Value | undefined {
  if (scaled.node?.op !== 'Mul') return undefined;
  const [y, factor] = scaled.node.inputs;
  if (y === undefined || factor?.splat === undefined || factor.shape.length > 0) return undefined;
  const left = scaledBy(graph, p, factor.splat);
  return left === undefined ? undefined : product(graph, left, y, output);
}

/** A convolution and the addition of one number a channel, as one node. */
export function withBias(graph: Graph, convolution: Value, bias: Value): Value | undefined {
  const { node } = convolution;
  if (node?.op !== 'Conv' || node.inputs.length !== 2) return undefined;
  const channels = convolution.shape[1];
  const perChannel =
    bias.shape.length === 4 && bias.shape.every((length, axis) => length === (axis === 1 ? channels : 1));
  if (!perChannel) return undefined;
  return graph.node('Conv', [...node.inputs, reshape(graph, bias, [channels])], convolution, node.attributes);
}
