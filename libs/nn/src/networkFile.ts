/**
 * A network's nodes as JSON inside a policy file. Our own architectures are rebuilt from their name; what was imported
 * has no builder, so its file carries the nodes, and they are checked like anything that comes from outside.
 */
import { InputError, sizeOf } from '@saccade/core';
import { nodeShapes, observationNode } from './network.ts';
import type { Network, ParameterSpec } from './network.ts';
import type { NetworkNode, NodeOperation } from './node.ts';

/** What the file holds beside the header's architecture, observation shape and actions. */
export type NetworkFile = Pick<Network, 'nodes' | 'parameters' | 'layers' | 'logits' | 'value'>;

export function networkFile({ nodes, parameters, layers, logits, value }: Network): NetworkFile {
  return { nodes, parameters, layers, logits, value };
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value !== '';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const list =
  (is: Check, length?: number): Check =>
  (value) =>
    Array.isArray(value) && (length === undefined || value.length === length) && value.every(is);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((is) => is(value));
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([key, is]) => is((value as Record<string, unknown>)[key]));

const pair = either(whole, list(whole, 2));
const padding = either((value) => value === 'same' || value === 'valid', list(list(whole, 2), 4));
const twoParameters = { parameters: list(text, 2) };
const pool = { attributes: record({ size: pair, stride: pair, padding }) };
const kind =
  (...kinds: readonly string[]): Check =>
  (value) =>
    kinds.includes(value as string);
const elementwise = either(
  record({ kind: kind('tanh', 'sigmoid') }),
  record({ kind: kind('leakyRelu'), slope: number }),
  record({ kind: kind('clip'), low: number, high: number }),
  record({ kind: kind('power'), exponent: number }),
);

const operations: Readonly<Record<NodeOperation['op'], Readonly<Record<string, Check>>>> = {
  convolution: { ...twoParameters, attributes: record({ stride: pair, padding }) },
  dense: twoParameters,
  affine: twoParameters,
  relu: {},
  softmax: {},
  add: {},
  multiply: {},
  flatten: {},
  identity: {},
  elementwise: { function: elementwise },
  maxPool: pool,
  averagePool: pool,
  l2Pool: pool,
  mean: { axes: list(whole), keepAxes: flag },
  scale: { factor: number },
  reshape: { shape: list(whole) },
  transpose: { permutation: list(whole) },
  concatenate: { axis: whole },
  slice: { axis: whole, start: whole, size: whole },
  pad: { paddings: list(list(whole, 2)), value: number },
};

const isNode: Check = (value) => {
  if (!record({ name: text, inputs: list(text), op: text })(value)) return false;
  const { op, inputs } = value as NetworkNode;
  if (!Object.hasOwn(operations, op)) return false;
  const arity = op === 'add' || op === 'multiply' ? inputs.length === 2 : inputs.length >= 1;
  return arity && record(operations[op])(value);
};

/**
 * @param name what to call the file in errors
 * @throws InputError when the nodes are malformed, do not follow their inputs, or do not fit together
 */
export function networkFrom(
  given: unknown,
  { architecture, observationShape, actions }: Pick<Network, 'architecture' | 'observationShape' | 'actions'>,
  name: string,
): Network {
  const fail = (problem: string): never => {
    throw new InputError(`${name}: expected the nodes of a network, ${problem}`);
  };
  const fields = { nodes: list(isNode), layers: list(text), logits: text, value: text, parameters: record({}) };
  if (!record(fields)(given)) fail('got something malformed');
  const { nodes, parameters, layers, logits, value } = given as NetworkFile;
  const specs = Object.entries(parameters);
  if (!specs.every(([, spec]) => record({ shape: list(whole), gain: number })(spec))) fail('got a malformed parameter');
  const known = new Set([observationNode]);
  for (const node of nodes) {
    const missing = node.inputs.find((input) => !known.has(input));
    if (missing !== undefined) fail(`got ${node.name} before its input ${missing}`);
    if (known.has(node.name)) fail(`got two called ${node.name}`);
    const parameter = 'parameters' in node && node.parameters.find((key) => !Object.hasOwn(parameters, key));
    if (parameter) fail(`got ${node.name} without its parameter ${parameter}`);
    known.add(node.name);
  }
  const absent = [...layers, logits, value].find((node) => !known.has(node));
  if (absent !== undefined) fail(`got none called ${absent}`);
  const network = { architecture, observationShape, actions, nodes, parameters, layers, logits, value };
  const shapes = nodeShapes({ ...network, layerShapes: {} });
  if (sizeOf(shapes[logits]) !== actions || sizeOf(shapes[value]) !== 1)
    fail('got other logits or values than it says');
  return {
    ...network,
    parameters: Object.fromEntries(specs) as Readonly<Record<string, ParameterSpec>>,
    layerShapes: Object.fromEntries(layers.map((layer) => [layer, shapes[layer]])),
  };
}
