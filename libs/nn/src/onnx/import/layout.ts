/** How a graph wants its observation: shape and order of axes, from its declared input, its operators, or the user. */
import { InputError, sameShape, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../model.ts';
import type { OnnxDeclaration } from './declaration.ts';
import { toChannelsFirst } from './value.ts';

export interface ObservationInput {
  readonly info: OnnxValueInfo;
  /** [height, width, channel], or [feature]. */
  readonly observationShape: Shape;
  /** Of the graph's input without the batch axis, in the graph's order. */
  readonly dims: Shape;
  /** Whether the graph's order is [channel, height, width]. */
  readonly channelsFirst: boolean;
  /** The batch that the graph was exported for, where it was not left open. */
  readonly fixedBatch: number | undefined;
}

/** Operators that keep an image an image. */
const transparent = new Set(
  'Identity Dropout Cast Relu Tanh Sigmoid LeakyRelu Sqrt Pow Clip Softmax Add Sub Mul Div Pad BatchNormalization'.split(
    ' ',
  ),
);
const spatial = new Set(['Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'BatchNormalization']);

/** Which nodes use a value. */
export type Consumers = ReadonlyMap<string, readonly OnnxNode[]>;

export function consumersOf({ nodes }: OnnxGraph): Consumers {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}

/** The first nodes that `value` reaches which are not elementwise. */
function reached(value: string, consumers: Consumers, seen = new Set<string>()): OnnxNode[] {
  return (consumers.get(value) ?? []).flatMap((node) => {
    if (spatial.has(node.opType) || !transparent.has(node.opType)) return [node];
    const fresh = node.outputs.filter((output) => !seen.has(output));
    fresh.forEach((output) => seen.add(output));
    return fresh.flatMap((output) => reached(output, consumers, seen));
  });
}

/** Whether the graph treats `value` as an image [batch, channel, height, width]. */
export function feedsSpatial(value: string, consumers: Consumers): boolean {
  return reached(value, consumers).some(({ opType }) => spatial.has(opType));
}

type Order = 'nchw' | 'nhwc';

/** The order that the first operators show: convolutions and pools take channels first. */
function orderByUse(input: string, consumers: Consumers): Order | undefined {
  for (const { opType, attributes } of reached(input, consumers)) {
    if (spatial.has(opType)) return 'nchw';
    const { perm } = attributes;
    if (opType === 'Transpose' && perm?.kind === 'ints' && sameShape(perm.value, toChannelsFirst)) return 'nhwc';
  }
  return undefined;
}

/** The order in which few channels lie beside many pixels. */
function orderByLengths(dims: Shape): Order | undefined {
  const few = (length: number): boolean => length <= 4;
  if (few(dims[0]) === few(dims[2])) return undefined;
  return few(dims[0]) ? 'nchw' : 'nhwc';
}

const channelsFirstOf = ([height, width, channels]: Shape): Shape => [channels, height, width];

/** A video frame of 4K in colour has 25 million; a damaged length asks for more memory than there is. */
const mostNumbers = 2 ** 25;

/** @throws InputError when the input does not fit what was declared, or cannot be understood without a declaration */
export function observationInput(graph: OnnxGraph, declared: OnnxDeclaration, file: string): ObservationInput {
  const fail = (problem: string): never => {
    throw new InputError(`${file}: ${problem}`);
  };
  const weights = new Set(graph.initializers.map(({ name }) => name));
  const consumers = consumersOf(graph);
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name) && consumers.has(name));
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    fail(`expected one input, the observation, got ${names} (policies with a memory are not supported)`);
  }
  const [info] = inputs;
  const { observationShape: wanted } = declared;
  const declaredShape = info.shape ?? fail(`expected input ${info.name} to declare its shape, got none`);
  // Some exporters write lengths that are left open as 0 or -1.
  const [batch, ...open] = declaredShape.map((length) => (typeof length === 'number' && length < 1 ? '' : length));
  const written = `[${[batch, ...open].map((length) => (length === '' ? '?' : length)).join(', ')}]`;
  if (open.length === 0 || open.length > 3) {
    fail(`expected input ${info.name} [batch, feature] or an image with a batch axis, got ${written}`);
  }

  const image = wanted ? (wanted.length === 2 ? [...wanted, 1] : wanted) : undefined;
  const fits = (dims: Shape): boolean => open.every((length, i) => typeof length === 'string' || length === dims[i]);
  const fixed = open.every((length) => typeof length === 'number') ? (open as readonly number[]) : undefined;
  const fixedBatch = typeof batch === 'number' ? batch : undefined;
  const found = (observationShape: Shape, dims: Shape, channelsFirst = false): ObservationInput => {
    if (
      !fits(dims) ||
      sizeOf(dims) !== sizeOf(observationShape) ||
      (wanted && !sameShape(observationShape, image ?? []))
    ) {
      fail(
        `expected observations that fit input ${info.name} ${written}, got ${JSON.stringify(wanted ?? observationShape)}`,
      );
    }
    if (sizeOf(observationShape) > mostNumbers) {
      fail(`expected an observation of at most ${mostNumbers} numbers, got input ${info.name} ${written}`);
    }
    return { info, observationShape, dims, channelsFirst, fixedBatch };
  };
  if (open.length === 1) {
    const dims = wanted
      ? [sizeOf(wanted)]
      : (fixed ?? fail(`expected the observation's shape, got input ${info.name} ${written}`));
    return found(image ?? dims, dims);
  }
  if (open.length === 2) {
    const dims =
      image?.slice(0, 2) ?? fixed ?? fail(`expected the observation's shape, got input ${info.name} ${written}`);
    return found([...dims, 1], dims);
  }
  if (!image && !fixed) return fail(`expected the observation's shape, got input ${info.name} ${written}`);
  const orderByFit = (shape: Shape): Order | undefined => {
    if (fits(shape) === fits(channelsFirstOf(shape))) return undefined;
    return fits(shape) ? 'nhwc' : 'nchw';
  };
  const layout =
    declared.layout ??
    orderByUse(info.name, consumers) ??
    (image && orderByFit(image)) ??
    (fixed && orderByLengths(fixed)) ??
    fail(`expected the layout (nchw or nhwc) of input ${info.name} ${written}, got none that the graph shows`);
  if (layout === 'nhwc') {
    const dims = fixed ?? image ?? [];
    return found(dims, dims);
  }
  const dims = fixed ?? channelsFirstOf(image ?? []);
  return found([dims[1], dims[2], dims[0]], dims, true);
}
