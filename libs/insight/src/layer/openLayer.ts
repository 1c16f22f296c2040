/**
 * A policy opened at one layer for many frames at a time: what the layer holds, and what the outputs would be if it
 * held something else. Every analysis that changes activations and looks at the consequences works on this pair.
 */
import * as tf from '@tensorflow/tfjs';
import { expectLength, sizeOf, throwIfAborted } from '@saccade/core';
import type { Cancellation, Shape } from '@saccade/core';
import { createAttributor } from '@saccade/attribution';
import type { Attributor, Context } from '@saccade/attribution';
import { plainOps, splitAt } from '@saccade/nn';
import type { Compile, Policy } from '@saccade/nn';

/** What crosses the cut, for several observations. */
export interface LayerStates {
  readonly count: number;
  /** [count, ...shape]. */
  readonly activations: Float32Array;
  /** What bypasses the layer on residual networks, [count, ...] each; empty elsewhere. */
  readonly context: Context;
}

export interface OpenLayer {
  readonly policy: Policy;
  readonly layer: string;
  /** Of one activation: [height, width, channel], or [features]. */
  readonly shape: Shape;
  /** Length of one activation. */
  readonly size: number;
  readonly channels: number;
  /** Channels vectors in one activation: height x width, or 1. */
  readonly positions: number;
  /** The rest of the network, layer -> outputs, with its gradients. */
  readonly attributor: Attributor;
  /** @param observations values 0-255, [count, height, width, channel] */
  encode(observations: Uint8Array, cancellation?: Cancellation): Promise<LayerStates>;
  /** Logits, then the value, [count, actions + 1], with `activations` in place of the states' own where given. */
  outputs(states: LayerStates, activations?: Float32Array, cancellation?: Cancellation): Promise<Float32Array>;
  dispose(): void;
}

const batch = 32;
/** Batches handed to the engine together: it may have several threads. */
const batchesAtOnce = 4;

/** Compiles both halves. @throws InputError that lists the layers when `layer` is none of them */
export async function openLayer(policy: Policy, layer: string, compile: Compile): Promise<OpenLayer> {
  const { network, parameters } = policy;
  const split = splitAt(network, layer);
  const observationSize = sizeOf(network.observationShape);
  const encoder = await compile(
    (inputs, constants) => {
      const { activation, bypass } = split.toLayer(constants, inputs['observation'], plainOps);
      // An output must be a tensor of its own, also where the layer is the input itself.
      return { activation: tf.mul(activation, 1), ...bypass };
    },
    {
      inputs: { observation: { shape: [batch, ...network.observationShape], dtype: 'uint8' } },
      constants: parameters,
    },
  );
  const shapes: Record<string, Shape> = {};
  if (split.bypass.length > 0) {
    const probe = await encoder({ observation: new Uint8Array(batch * observationSize) });
    for (const name of split.bypass) shapes[name] = probe[name].shape.slice(1);
  }
  const attributor = createAttributor(
    {
      shape: split.shape,
      outputs: network.actions + 1,
      logits: network.actions,
      constants: parameters,
      context: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' }])),
      score(activation, ops, constants, bypass) {
        const { logits, value } = split.fromLayer(constants, { activation, bypass }, ops);
        return tf.concat([logits, tf.reshape(value, [-1, 1]) as tf.Tensor2D], 1);
      },
    },
    compile,
  );
  const size = sizeOf(split.shape);
  const channels = split.shape[split.shape.length - 1];

  return {
    policy,
    layer,
    shape: split.shape,
    size,
    channels,
    positions: size / channels,
    attributor,
    async encode(observations, cancellation) {
      const count = Math.floor(observations.length / observationSize);
      expectLength(`layer ${layer}`, 'observations', [count, ...network.observationShape], observations.length);
      const activations = new Float32Array(count * size);
      const context = Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(count * sizeOf(shape))]),
      );
      const encodeBatch = async (start: number): Promise<void> => {
        const used = Math.min(batch, count - start);
        const observation = new Uint8Array(batch * observationSize);
        observation.set(observations.subarray(start * observationSize, (start + used) * observationSize));
        const found = await encoder({ observation });
        activations.set((found['activation'].data as Float32Array).subarray(0, used * size), start * size);
        for (const [name, shape] of Object.entries(shapes)) {
          const width = sizeOf(shape);
          context[name].set((found[name].data as Float32Array).subarray(0, used * width), start * width);
        }
      };
      const starts = Array.from({ length: Math.ceil(count / batch) }, (_, i) => i * batch);
      for (let i = 0; i < starts.length; i += batchesAtOnce) {
        throwIfAborted(cancellation, 'encoding frames');
        await Promise.all(starts.slice(i, i + batchesAtOnce).map(encodeBatch));
      }
      return { count, activations, context };
    },
    outputs: ({ activations: own, context }, activations = own, cancellation) =>
      attributor.outputs(activations, { context, cancellation }),
    dispose() {
      encoder.dispose();
      attributor.dispose();
    },
  };
}

/** The states of frames `start` to `end`; borrows. */
export function sliceStates({ count, activations, context }: LayerStates, start: number, end: number): LayerStates {
  const part = (values: Float32Array): Float32Array => {
    const width = values.length / count;
    return values.subarray(start * width, end * width);
  };
  return {
    count: end - start,
    activations: part(activations),
    context: Object.fromEntries(Object.entries(context).map(([name, values]) => [name, part(values)])),
  };
}
