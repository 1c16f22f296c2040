/**
 * The shape of every activation, from the nodes alone: layers are shown with theirs, imported graphs are checked and
 * exported ones laid out before anything is computed. Shapes are of one observation, without the batch axis; axes of
 * nodes count it, so a node's axis i is shape[i - 1].
 */
import { InputError, sameShape, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { NetworkNode } from './node.ts';
import type { Padding, Pair } from './ops.ts';

/** One direction of a sliding window, cells. */
export interface WindowAxis {
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly outLength: number;
}

export function pairOf(pair: Pair): readonly [number, number] {
  return typeof pair === 'number' ? [pair, pair] : pair;
}

/** Where windows over `length` cells lie: axis 0 is vertical, 1 horizontal. `same` is TensorFlow's: the odd cell last. */
export function windowAxis(axis: 0 | 1, length: number, size: number, stride: number, padding: Padding): WindowAxis {
  if (padding === 'same') {
    const outLength = Math.ceil(length / stride);
    const added = Math.max(0, (outLength - 1) * stride + size - length);
    const before = Math.floor(added / 2);
    return { size, stride, before, after: added - before, outLength };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : padding[axis + 1];
  return { size, stride, before, after, outLength: Math.floor((length + before + after - size) / stride) + 1 };
}

/** Vertical and horizontal windows of a convolution or pool. */
export function windowsOf(
  [height, width]: Shape,
  size: Pair,
  stride: Pair,
  padding: Padding,
): readonly [WindowAxis, WindowAxis] {
  const [[tall, wide], [down, right]] = [pairOf(size), pairOf(stride)];
  return [windowAxis(0, height, tall, down, padding), windowAxis(1, width, wide, right, padding)];
}

function text(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function broadcast(node: NetworkNode, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, i: number): number => shape[i - (rank - shape.length)] ?? 1;
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [at(a, i), at(b, i)];
    if (x !== y && x !== 1 && y !== 1) {
      throw new InputError(`node ${node.name}: expected shapes that fit, got ${text(a)} and ${text(b)}`);
    }
    return Math.max(x, y);
  });
}

function expectRank(node: NetworkNode, shape: Shape, axes: readonly string[]): void {
  if (shape.length !== axes.length) {
    throw new InputError(`node ${node.name}: expected an input [${axes.join(', ')}], got ${text(shape)}`);
  }
}

function windowed(node: NetworkNode, input: Shape, size: Pair, stride: Pair, padding: Padding): [number, number] {
  const [vertical, horizontal] = windowsOf(input, size, stride, padding);
  if (vertical.outLength < 1 || horizontal.outLength < 1) {
    throw new InputError(
      `node ${node.name}: expected an input of at least the window ${vertical.size}x${horizontal.size}, got ${text(input)}`,
    );
  }
  return [vertical.outLength, horizontal.outLength];
}

/**
 * Shape of what `node` computes.
 * @param inputs shapes of its inputs
 * @param parameters shapes of the parameters that it names
 * @throws InputError naming the node when they do not fit
 */
export function outputShape(node: NetworkNode, inputs: readonly Shape[], parameters: readonly Shape[]): Shape {
  const [input] = inputs;
  switch (node.op) {
    case 'convolution': {
      expectRank(node, input, ['height', 'width', 'channel']);
      const [height, width, channels, outputs] = parameters[0];
      if (channels !== input[2]) {
        throw new InputError(`node ${node.name}: expected ${channels} channels, got ${text(input)}`);
      }
      const { stride, padding } = node.attributes;
      return [...windowed(node, input, [height, width], stride, padding), outputs];
    }
    case 'dense': {
      expectRank(node, input, ['feature']);
      const [features, outputs] = parameters[0];
      if (features !== input[0]) {
        throw new InputError(`node ${node.name}: expected ${features} features, got ${input[0]}`);
      }
      return [outputs];
    }
    case 'affine':
      return broadcast(node, broadcast(node, input, parameters[0]), parameters[1]);
    case 'maxPool':
    case 'averagePool':
    case 'l2Pool': {
      expectRank(node, input, ['height', 'width', 'channel']);
      const { size, stride, padding } = node.attributes;
      return [...windowed(node, input, size, stride, padding), input[2]];
    }
    case 'add':
    case 'multiply':
      if (input.length !== inputs[1].length) {
        throw new InputError(
          `node ${node.name}: expected inputs of one rank, got ${text(input)} and ${text(inputs[1])}`,
        );
      }
      return broadcast(node, input, inputs[1]);
    case 'flatten':
      return [sizeOf(input)];
    case 'reshape':
      if (sizeOf(node.shape) !== sizeOf(input)) {
        throw new InputError(`node ${node.name}: expected ${sizeOf(node.shape)} values, got ${text(input)}`);
      }
      return node.shape;
    case 'transpose':
      return node.permutation.slice(1).map((axis) => input[axis - 1]);
    case 'mean':
      return node.keepAxes
        ? input.map((length, i) => (node.axes.includes(i + 1) ? 1 : length))
        : input.filter((_, i) => !node.axes.includes(i + 1));
    case 'slice':
      if (node.start < 0 || node.start + node.size > input[node.axis - 1]) {
        throw new InputError(
          `node ${node.name}: expected at least ${node.start + node.size} values on axis ${node.axis}, got ${text(input)}`,
        );
      }
      return input.map((length, i) => (i === node.axis - 1 ? node.size : length));
    case 'concatenate': {
      const others = (shape: Shape): Shape => shape.filter((_, i) => i !== node.axis - 1);
      if (inputs.some((shape) => shape.length !== input.length || !sameShape(others(shape), others(input)))) {
        throw new InputError(`node ${node.name}: expected shapes that fit, got ${inputs.map(text).join(', ')}`);
      }
      const joined = inputs.reduce((sum, shape) => sum + shape[node.axis - 1], 0);
      return input.map((length, i) => (i === node.axis - 1 ? joined : length));
    }
    case 'pad':
      return input.map((length, i) => length + node.paddings[i + 1][0] + node.paddings[i + 1][1]);
    case 'relu':
    case 'softmax':
    case 'elementwise':
    case 'scale':
    case 'identity':
      return input;
    default:
      return node satisfies never;
  }
}
