/**
 * The rows that a dictionary is fitted on: channel vectors of a layer at positions drawn from many frames. Frames pass
 * through in blocks, so that a large layer of thousands of frames never stands in memory as a whole.
 */
import { createStream, InputError, throwIfAborted, sizeOf } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { quadrature } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';

/** Frames of a block: 64 activations of 64x64x16 floats are 17 MB. */
export const blockFrames = 64;

/**
 * Calls `visit` with the states of successive blocks of frames.
 * @param observations values 0-255, [frames, height, width, channel]
 */
export async function forEachBlock(
  open: OpenLayer,
  observations: Uint8Array,
  visit: (states: LayerStates, first: number) => Promise<void> | void,
  { cancellation, progress }: { readonly cancellation?: Cancellation; readonly progress?: (done: number) => void } = {},
): Promise<void> {
  const size = sizeOf(open.policy.network.observationShape);
  const frames = observations.length / size;
  for (let first = 0; first < frames; first += blockFrames) {
    throwIfAborted(cancellation, 'reading frames');
    const part = observations.subarray(first * size, Math.min(frames, first + blockFrames) * size);
    await visit(await open.encode(part, cancellation), first);
    progress?.(Math.min(1, (first + blockFrames) / frames));
  }
}

/** `count` of `total` indices without replacement, ascending; all of them where there are no more. */
export function sampleIndices(total: number, count: number, seed: number): Int32Array {
  if (total <= count) return Int32Array.from({ length: total }, (_, i) => i);
  const stream = createStream(seed, 'row sample');
  const chosen = new Int32Array(count);
  let taken = 0;
  for (let i = 0; i < total && taken < count; i++) {
    if (stream.next() * (total - i) < count - taken) chosen[taken++] = i;
  }
  return chosen;
}

/** Quadrature points of the attributions that a dictionary is fitted on. */
const steps = 8;

/**
 * Integrated gradients of a target from a silent layer, for each of several states: [count, ...shape].
 * Gauss-Legendre with a fixed number of points: for dictionaries, whose fit averages over thousands of frames.
 */
export async function attributeStates(open: OpenLayer, states: LayerStates, target: Target): Promise<Float32Array> {
  const { nodes, weights } = quadrature('gauss-legendre', steps);
  const { activations, context } = states;
  const average = new Float32Array(activations.length);
  for (let k = 0; k < nodes.length; k++) {
    const points = activations.map((value) => value * nodes[k]);
    const { gradients } = await open.attributor.gradients(points, target, { context });
    for (let i = 0; i < average.length; i++) average[i] += weights[k] * gradients[i];
  }
  return average.map((value, i) => value * activations[i]);
}

export interface RowsRequest {
  /** At most this many rows are drawn; 200,000 by default. */
  readonly maximumRows?: number;
  readonly seed?: number;
  /** Attributions of this target instead of activations: each row gives its positive and its negative part. */
  readonly attributionsOf?: Target;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

/**
 * Non-negative rows [rows, channels] of a layer over `observations`.
 * @throws InputError when the layer has no positions to gather, or when nothing in it is ever active
 */
export async function sampleRows(
  open: OpenLayer,
  observations: Uint8Array,
  request: RowsRequest = {},
): Promise<Float32Array> {
  const { maximumRows = 200_000, seed = 0, attributionsOf, cancellation, progress } = request;
  const { channels, positions, layer, shape, policy } = open;
  if (shape.length !== 3) {
    throw new InputError(`dictionary: expected a layer [height, width, channel], got ${layer} [${shape.join(', ')}]`);
  }
  const size = sizeOf(policy.network.observationShape);
  const frames = observations.length / size;
  const halves = attributionsOf ? 2 : 1;
  const chosen = sampleIndices(frames * positions, Math.ceil(maximumRows / halves), seed);
  const rows = new Float32Array(chosen.length * halves * channels);
  let at = 0;
  await forEachBlock(
    open,
    observations,
    async (states, first) => {
      const values = attributionsOf ? await attributeStates(open, states, attributionsOf) : states.activations;
      const end = (first + states.count) * positions;
      for (; at < chosen.length && chosen[at] < end; at++) {
        const from = (chosen[at] - first * positions) * channels;
        for (let c = 0; c < channels; c++) {
          const value = values[from + c];
          // Sums of residual networks go below zero; the next ReLU does not see that, nor do factors.
          rows[at * channels + c] = Math.max(value, 0);
          if (attributionsOf) rows[(chosen.length + at) * channels + c] = Math.max(-value, 0);
        }
      }
    },
    { cancellation, progress },
  );
  if (rows.every((value) => value === 0)) {
    throw new InputError(`dictionary: expected some activity in ${layer}, got zeros in all ${frames} frames`);
  }
  return rows;
}
