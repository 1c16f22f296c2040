/**
 * From layer to layer: what at one layer made another one do what it did. Gradients times activations, which is exact
 * where the network between is linear along the activation, as ReLU networks without biases are.
 */
import * as tf from '@tensorflow/tfjs';
import { InputError, sizeOf } from '@saccade/core';
import { createAttributor } from '@saccade/attribution';
import type { Attributor, Context, Target } from '@saccade/attribution';
import { expectLayer, splitAt } from '@saccade/nn';
import type { Compile, Network, Policy } from '@saccade/nn';
import { encodeWith } from '../dictionary.ts';
import type { Dictionary } from '../dictionary.ts';
import { openLayer } from '../layer/openLayer.ts';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';

/** The network up to `to`, its units in place of logits. */
function endingAt(network: Network, to: string): Network {
  const end = network.nodes.findIndex(({ name }) => name === to);
  const units = sizeOf(network.layerShapes[to]);
  return {
    ...network,
    actions: units,
    nodes: [
      ...network.nodes.slice(0, end + 1),
      { name: 'between/units', op: 'flatten', inputs: [to] },
      { name: 'between/first', op: 'slice', inputs: ['between/units'], axis: 1, start: 0, size: 1 },
    ],
    logits: 'between/units',
    value: 'between/first',
  };
}

export interface Passage {
  readonly from: OpenLayer;
  readonly to: string;
  /**
   * Gradient of a weighted sum of `to`'s units with respect to `from`'s activation, [...shape of from].
   * @param states one frame at `from`
   * @param weights [...shape of to]
   */
  pullBack(states: LayerStates, weights: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** @throws InputError unless `to` lies behind `from` */
export async function openPassage(policy: Policy, from: string, to: string, compile: Compile): Promise<Passage> {
  const { network, parameters } = policy;
  for (const layer of [from, to]) expectLayer(network, layer);
  if (network.layers.indexOf(to) <= network.layers.indexOf(from)) {
    throw new InputError(`openPassage: expected a layer behind ${from}, got ${to}`);
  }
  const open = await openLayer(policy, from, compile);
  const split = splitAt(endingAt(network, to), from);
  const units = sizeOf(network.layerShapes[to]);
  const own = open.attributor.model.context ?? {};
  const absent = split.bypass.filter((name) => !Object.hasOwn(own, name));
  if (absent.length > 0)
    throw new InputError(`openPassage: expected a way from ${from} to ${to}, got one past it (${absent.join(', ')})`);
  const context = Object.fromEntries(split.bypass.map((name) => [name, own[name]]));
  const attributor: Attributor = createAttributor(
    {
      shape: split.shape,
      outputs: units,
      logits: units,
      constants: parameters,
      context,
      score: (activation, ops, constants, bypass) =>
        tf.mul(split.fromLayer(constants, { activation, bypass }, ops).logits, 1) as tf.Tensor2D,
    },
    compile,
    { batchSizes: [1] },
  );
  return {
    from: open,
    to,
    async pullBack({ activations, context: all }, weights) {
      const beside: Context = Object.fromEntries(Object.keys(context).map((name) => [name, all[name]]));
      const { gradients } = await attributor.pullBack(activations, weights, { context: beside });
      return gradients;
    },
    dispose() {
      open.dispose();
      attributor.dispose();
    },
  };
}

/**
 * Where at the earlier layer the activity of one cell of the later one comes from: the gradient of the cell's length
 * times the earlier activation, summed over channels, [height, width] of the earlier layer (lucid's spatial attribution).
 * @param states the frame at the earlier layer
 * @param later the frame's activation at the later layer
 */
export async function cellSource(
  passage: Passage,
  states: LayerStates,
  later: Float32Array,
  laterShape: readonly number[],
  row: number,
  column: number,
): Promise<Float64Array> {
  const [, width, channels] = laterShape;
  const at = (row * width + column) * channels;
  const weights = new Float32Array(later.length);
  let squared = 0;
  for (let c = 0; c < channels; c++) squared += later[at + c] ** 2;
  if (squared > 0) for (let c = 0; c < channels; c++) weights[at + c] = later[at + c] / Math.sqrt(squared);
  const gradient = await passage.pullBack(states, weights);
  const { positions, channels: own } = passage.from;
  const map = new Float64Array(positions);
  for (let i = 0; i < gradient.length; i++) map[Math.floor(i / own)] += gradient[i] * states.activations[i];
  return map;
}

/** Each group's part of an activation: weight x direction, [factors][positions, channels]. */
function groupParts(activation: Float32Array, dictionary: Dictionary): Float32Array[] {
  const { factors, channels, directions } = dictionary;
  const weights = encodeWith(dictionary, activation);
  return Array.from({ length: factors }, (_, f) =>
    Float32Array.from(
      activation,
      (_value, at) => weights[Math.floor(at / channels) * factors + f] * directions[f * channels + (at % channels)],
    ),
  );
}

export interface GroupEdge {
  readonly from: { readonly layer: string; readonly factor: number };
  /** The target where the layer is null. */
  readonly to: { readonly layer: string | null; readonly factor: number };
  /** What the earlier group gives the later one's strength (or the target), in its units. */
  readonly weight: number;
}

/**
 * Groups linked across layers to an output: for each pair of successive dictionaries, and from the last one to the
 * target, gradient times each group's part of the activation.
 * @param observation one frame, bytes
 * @param dictionaries of layers in the network's order
 */
export async function groupGraph(
  policy: Policy,
  compile: Compile,
  observation: Uint8Array,
  dictionaries: readonly Dictionary[],
  target: Target,
): Promise<GroupEdge[]> {
  const edges: GroupEdge[] = [];
  for (const [i, dictionary] of dictionaries.entries()) {
    const following = dictionaries[i + 1];
    const passage = following && (await openPassage(policy, dictionary.layer, following.layer, compile));
    const open = passage?.from ?? (await openLayer(policy, dictionary.layer, compile));
    const states = await open.encode(observation);
    const parts = groupParts(states.activations, dictionary);
    const link = (gradient: Float32Array, to: GroupEdge['to']): void => {
      parts.forEach((part, factor) => {
        let weight = 0;
        for (let at = 0; at < part.length; at++) weight += part[at] * gradient[at];
        edges.push({ from: { layer: dictionary.layer, factor }, to, weight });
      });
    };
    if (passage && following) {
      const later = await openLayer(policy, following.layer, compile);
      const { activations } = await later.encode(observation);
      for (const [factor, part] of groupParts(activations, following).entries()) {
        let squared = 0;
        for (const value of part) squared += value * value;
        // A group's strength: the activation's length along what the group holds of it.
        const weights = squared > 0 ? part.map((value) => value / Math.sqrt(squared)) : part;
        link(await passage.pullBack(states, weights), { layer: following.layer, factor });
      }
      later.dispose();
      passage.dispose();
    } else {
      const { gradients } = await open.attributor.gradients(states.activations, target, { context: states.context });
      link(gradients, { layer: null, factor: 0 });
      open.dispose();
    }
  }
  return edges;
}
