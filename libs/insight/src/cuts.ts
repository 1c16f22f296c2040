/**
 * A policy cut at its layers, each half compiled once: observation to layer, and layer to outputs as the
 * differentiable model that attribution works on.
 */
import * as tf from '@tensorflow/tfjs';
import { expectLength, InputError, sizeOf, throwIfAborted } from '@saccade/core';
import type { Cancellation, Shape } from '@saccade/core';
import { createAttributor } from '@saccade/attribution';
import type { Attributor, Context, Cut } from '@saccade/attribution';
import { expectLayer, observationNode, plainOps, splitAt } from '@saccade/nn';
import type { Compile, CompiledFunction, HostTensors, Network, Policy, Split, TensorSpec } from '@saccade/nn';

/** Activations of a layer over several observations. */
export interface LayerActivations {
  /** Of one activation. */
  readonly shape: Shape;
  /** [observations, ...shape]. */
  readonly activations: Float32Array;
}

export interface EncodedLayer extends LayerActivations {
  readonly context: Context;
}

export interface PolicyCuts {
  /** @param observations values 0-255, [observations, height, width, channel] */
  activations(
    observations: Uint8Array | Float32Array,
    layer: string,
    cancellation?: Cancellation,
  ): Promise<LayerActivations>;
  /** One observation at a layer, with the model that goes on from there. */
  cutAt(observation: Uint8Array | Float32Array, layer: string): Promise<Cut>;
  /**
   * Several observations at a layer, with what bypasses it, one set an observation.
   * @param observations values 0-255, [observations, height, width, channel]
   */
  encode(observations: Uint8Array | Float32Array, layer: string, cancellation?: Cancellation): Promise<EncodedLayer>;
  /** The network from its input (0-1) to a layer, flattened: every unit an output. Owned by the cuts. */
  unitsAt(layer: string): Attributor;
  dispose(): void;
}

/** A ReLU may turn what is no number into zero, and nothing behind it would tell. Bytes are always numbers. */
function expectNumbers(observations: Uint8Array | Float32Array): void {
  if (observations instanceof Uint8Array) return;
  const at = observations.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new InputError(`explain: expected finite values in the observation, got ${observations[at]} at ${at}`);
}

/** Observations that one call of the engine turns into activations, where many are asked for. */
const encodingBatch = 32;

/** The parameters of those nodes that `wanted` needs once `known` are given: engines keep only what they use. */
function parametersBetween(
  network: Network,
  parameters: HostTensors,
  known: readonly string[],
  wanted: readonly string[],
): HostTensors {
  const given = new Set(known);
  const needed = new Set(wanted.filter((name) => !given.has(name)));
  const used = new Set<string>();
  for (let i = network.nodes.length - 1; i >= 0; i--) {
    const node = network.nodes[i];
    if (!needed.has(node.name)) continue;
    for (const input of node.inputs) if (!given.has(input)) needed.add(input);
    if ('parameters' in node) for (const name of node.parameters) used.add(name);
  }
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => used.has(name)));
}

/**
 * What an input of the network is multiplied by to be an observation again: 255 for our own networks.
 * @throws InputError for imported networks that prepare observations in another way than by a factor
 */
export function observationPerInput({ layers, nodes }: Network): number {
  if (layers[0] === observationNode) return 1;
  const node = nodes.find(({ name }) => name === layers[0]);
  if (node?.op === 'scale' && node.inputs[0] === observationNode) return 1 / node.factor;
  throw new InputError(
    `${layers[0]}: expected an input that is a multiple of the observation, got another preparation: this method needs it`,
  );
}

interface LayerCut {
  readonly split: Split;
  readonly encoders: Map<number, Promise<CompiledFunction>>;
  attributor?: Attributor;
  units?: Attributor;
}

export function createCuts({ network, parameters }: Policy, compile: Compile): PolicyCuts {
  const cuts = new Map<string, LayerCut>();
  const observationSize = sizeOf(network.observationShape);

  function cutFor(layer: string): LayerCut {
    let cut = cuts.get(layer);
    if (!cut) {
      expectLayer(network, layer);
      cut = { split: splitAt(network, layer), encoders: new Map() };
      cuts.set(layer, cut);
    }
    return cut;
  }

  function encoderFor({ split, encoders }: LayerCut, batch: number): Promise<CompiledFunction> {
    let encoder = encoders.get(batch);
    if (!encoder) {
      encoder = compile(
        (inputs, constants) => {
          const { activation, bypass } = split.toLayer(constants, inputs['observation'], plainOps);
          return {
            activation,
            ...Object.fromEntries(Object.entries(bypass).map(([name, value]) => [`bypass/${name}`, value])),
          };
        },
        {
          inputs: { observation: { shape: [batch, ...network.observationShape], dtype: 'float32' } },
          constants: parametersBetween(network, parameters, [observationNode], [split.layer, ...split.bypass]),
        },
      );
      encoders.set(batch, encoder);
    }
    return encoder;
  }

  function attributorFor(cut: LayerCut, context: Readonly<Record<string, TensorSpec>>): Attributor {
    const { split } = cut;
    cut.attributor ??= createAttributor(
      {
        shape: split.shape,
        outputs: network.actions + 1,
        logits: network.actions,
        constants: parametersBetween(
          network,
          parameters,
          [split.layer, ...split.bypass],
          [network.logits, network.value],
        ),
        context,
        score(activation, ops, constants, bypass) {
          const { logits, value } = split.fromLayer(constants, { activation, bypass }, ops);
          return tf.concat([logits, tf.reshape(value, [-1, 1]) as tf.Tensor2D], 1);
        },
      },
      compile,
    );
    return cut.attributor;
  }

  function unitsAt(layer: string): Attributor {
    const cut = cutFor(layer);
    const { split } = cut;
    cut.units ??= createAttributor(
      {
        shape: network.observationShape,
        outputs: sizeOf(split.shape),
        logits: 0,
        constants: parametersBetween(network, parameters, [observationNode], [layer]),
        score(inputs, ops, constants) {
          const observation = ops.scale(inputs, observationPerInput(network));
          return ops.flatten(split.toLayer(constants, observation, ops).activation) as tf.Tensor2D;
        },
      },
      compile,
    );
    return cut.units;
  }

  async function encode(
    observations: Uint8Array | Float32Array,
    layer: string,
    cancellation?: Cancellation,
  ): Promise<EncodedLayer> {
    const cut = cutFor(layer);
    const { shape } = cut.split;
    const count = observations.length / observationSize;
    expectLength('activations', 'observations', [Math.floor(count), ...network.observationShape], observations.length);
    expectNumbers(observations);
    const size = sizeOf(shape);
    const activations = new Float32Array(count * size);
    const context: Record<string, Float32Array> = {};
    for (let start = 0; start < count;) {
      throwIfAborted(cancellation, 'activations');
      const batch = count - start > 4 ? encodingBatch : 1;
      const used = Math.min(batch, count - start);
      const observation = new Float32Array(batch * observationSize);
      observation.set(observations.subarray(start * observationSize, (start + used) * observationSize));
      const run = await encoderFor(cut, batch);
      const { activation, ...bypass } = await run({ observation });
      activations.set((activation.data as Float32Array).subarray(0, used * size), start * size);
      for (const [key, tensor] of Object.entries(bypass)) {
        const width = sizeOf(tensor.shape) / batch;
        const all = (context[key.slice('bypass/'.length)] ??= new Float32Array(count * width));
        all.set((tensor.data as Float32Array).subarray(0, used * width), start * width);
      }
      start += used;
    }
    return { shape, activations, context };
  }

  return {
    async activations(observations, layer, cancellation) {
      const { shape, activations } = await encode(observations, layer, cancellation);
      return { shape, activations };
    },
    encode,
    unitsAt,

    async cutAt(observation, layer) {
      const cut = cutFor(layer);
      expectLength('explain', 'an observation', network.observationShape, observation.length);
      expectNumbers(observation);
      const encode = await encoderFor(cut, 1);
      const { activation, ...bypass } = await encode({ observation: Float32Array.from(observation) });
      const names = Object.keys(bypass).map((key) => [key, key.slice('bypass/'.length)] as const);
      const context = Object.fromEntries(names.map(([key, name]) => [name, bypass[key].data as Float32Array]));
      const specs = Object.fromEntries(
        names.map(([key, name]) => [name, { shape: bypass[key].shape.slice(1), dtype: 'float32' } as const]),
      );
      return { attributor: attributorFor(cut, specs), activation: activation.data as Float32Array, context };
    },

    dispose() {
      for (const { encoders, attributor, units } of cuts.values()) {
        units?.dispose();
        for (const encoder of encoders.values()) void encoder.then((fn) => fn.dispose()).catch(() => undefined);
        attributor?.dispose();
      }
      cuts.clear();
    },
  };
}
