/**
 * A network is data: a list of named nodes, each an op of the table over earlier nodes. Naming every node is what
 * lets attribution start at any layer and lets an imported ONNX graph be a network like our own.
 */
import type * as tf from '@tensorflow/tfjs';
import { InputError, internalError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { Tensors } from './compile.ts';
import { runNode } from './node.ts';
import type { NetworkNode } from './node.ts';
import type { Ops } from './ops.ts';
import { outputShape } from './shapes.ts';

export interface ParameterSpec {
  readonly shape: Shape;
  /** Gain of the orthogonal initialisation; 0 for biases, which start at zero. */
  readonly gain: number;
}

export interface Network {
  /** Which builder of `architectures` made it, or `onnx` for a graph made elsewhere. */
  readonly architecture: string;
  /** [height, width, channel] of one observation, values 0-255; an imported graph may take [feature]. */
  readonly observationShape: Shape;
  /** How many logits. */
  readonly actions: number;
  /** In an order in which each node follows its inputs. */
  readonly nodes: readonly NetworkNode[];
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  /**
   * Names of the nodes people attribute to, from `input` (the observation scaled as the policy takes it: to 0-1 in our
   * own) to the last dense layer.
   */
  readonly layers: readonly string[];
  /** Activation shape of each layer, without the batch axis. */
  readonly layerShapes: Readonly<Record<string, Shape>>;
  /** Names of the nodes that end in logits [batch, actions] and in the value [batch, 1]. */
  readonly logits: string;
  readonly value: string;
}

export interface NetworkOutputs {
  /** Before softmax, [batch, actions]. */
  readonly logits: tf.Tensor2D;
  /** The critic's estimate, [batch]. */
  readonly value: tf.Tensor1D;
}

export const observationNode = 'observation';

/** Shape of a node's activation without the batch axis, given those of its inputs by name. */
export function shapeIn(
  node: NetworkNode,
  shapes: Readonly<Record<string, Shape>>,
  parameters: Readonly<Record<string, ParameterSpec>>,
): Shape {
  const named = 'parameters' in node ? node.parameters.map((name) => parameters[name].shape) : [];
  return outputShape(
    node,
    node.inputs.map((name) => shapes[name]),
    named,
  );
}

/** Shape of every node's activation, without the batch axis, the observation's included. */
export function nodeShapes(network: Network): Record<string, Shape> {
  const shapes: Record<string, Shape> = { [observationNode]: network.observationShape };
  for (const node of network.nodes) shapes[node.name] = shapeIn(node, shapes, network.parameters);
  return shapes;
}

/** Evaluates the nodes that `wanted` need, given the values in `known`. */
function evaluate(network: Network, parameters: Tensors, known: Tensors, wanted: readonly string[], ops: Ops): Tensors {
  const needed = new Set(wanted.filter((name) => !(name in known)));
  for (let i = network.nodes.length - 1; i >= 0; i--) {
    const node = network.nodes[i];
    if (!needed.has(node.name)) continue;
    for (const input of node.inputs) if (!(input in known)) needed.add(input);
  }
  const values: Tensors = { ...known };
  const at = (name: string): tf.Tensor => {
    const value = values[name];
    if (!value) throw internalError(`node ${name} is used before it is computed`);
    return value;
  };
  for (const node of network.nodes) {
    if (needed.has(node.name)) values[node.name] = runNode(node, parameters, at, ops);
  }
  return values;
}

function outputsOf(network: Network, values: Tensors): NetworkOutputs {
  const value = values[network.value];
  return { logits: values[network.logits] as tf.Tensor2D, value: value.reshape([value.shape[0]]) };
}

/**
 * The whole network.
 * @param parameters one tensor for each entry of `network.parameters`
 * @param observation [batch, height, width, channel], values 0-255
 */
export function forward(network: Network, parameters: Tensors, observation: tf.Tensor, ops: Ops): NetworkOutputs {
  return outputsOf(
    network,
    evaluate(network, parameters, { [observationNode]: observation }, [network.logits, network.value], ops),
  );
}

/** What crosses the cut at a layer: the layer's activation and, on residual networks, whatever bypasses it. */
export interface LayerState {
  /** [batch, ...shape] */
  readonly activation: tf.Tensor;
  /** By node name; empty where every path runs through the layer. */
  readonly bypass: Tensors;
}

export interface Split {
  readonly layer: string;
  /** Of the activation, without the batch axis. */
  readonly shape: Shape;
  /** Nodes whose values bypass the layer, with their shapes unknown to it; empty on plain networks. */
  readonly bypass: readonly string[];
  /** observation [batch, height, width, channel], 0-255 -> the layer. */
  toLayer(parameters: Tensors, observation: tf.Tensor, ops: Ops): LayerState;
  /** The layer -> logits and value. Differentiable in the activation, the bypass held fixed. */
  fromLayer(parameters: Tensors, state: LayerState, ops: Ops): NetworkOutputs;
}

/** Throws an InputError that lists the layers when `layer` is not one of them. */
export function expectLayer(network: Network, layer: string): void {
  if (!network.layers.includes(layer)) {
    throw new InputError(`layer: expected one of ${network.layers.join(', ')}, got ${layer}`);
  }
}

/**
 * Cuts a network at a layer into `fromLayer(toLayer(observation)) = forward(observation)`. Every attribution method
 * works from this pair; `input` is the split after scaling to 0-1.
 */
export function splitAt(network: Network, layer: string): Split {
  expectLayer(network, layer);
  const after = new Set([layer]);
  for (const node of network.nodes) if (node.inputs.some((input) => after.has(input))) after.add(node.name);
  const needed = new Set([network.logits, network.value]);
  const bypass = new Set<string>();
  for (let i = network.nodes.length - 1; i >= 0; i--) {
    const node = network.nodes[i];
    if (!needed.has(node.name) || node.name === layer || !after.has(node.name)) continue;
    for (const input of node.inputs) {
      if (after.has(input)) needed.add(input);
      else bypass.add(input);
    }
  }
  for (const output of [network.logits, network.value]) if (!after.has(output)) bypass.add(output);
  const outside = [...bypass];
  return {
    layer,
    shape: network.layerShapes[layer],
    bypass: outside,
    toLayer(parameters, observation, ops) {
      const values = evaluate(network, parameters, { [observationNode]: observation }, [layer, ...outside], ops);
      return { activation: values[layer], bypass: Object.fromEntries(outside.map((name) => [name, values[name]])) };
    },
    fromLayer(parameters, { activation, bypass: beside }, ops) {
      const known = { ...beside, [layer]: activation };
      return outputsOf(network, evaluate(network, parameters, known, [network.logits, network.value], ops));
    },
  };
}
