/** What makes a feature fire: the frames that it answers strongest, and each answer brought back to pixels. */
import { expectLength, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Attributor } from '../attributor.ts';

export interface TopPatch {
  /** Index of the frame. */
  readonly frame: number;
  /** Where in the layer. */
  readonly y: number;
  readonly x: number;
  readonly activation: number;
  /** What excited it there: the deconvnet's projection, at the inputs' shape. */
  readonly projection: Float32Array;
}

export interface TopPatchOptions {
  /** 9 by default. */
  readonly count?: number;
  readonly cancellation?: Cancellation;
}

/**
 * The strongest answers of one channel, one a frame, strongest first, each projected through the deconvnet from that
 * unit alone. Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901, figure 2.
 * @param units inputs -> the layer, flattened
 * @param layerShape [height, width, channel]
 * @param frames as the inputs are, [frames, ...input shape]
 */
export async function topPatches(
  units: Attributor,
  layerShape: readonly number[],
  frames: Float32Array,
  channel: number,
  { count = 9, cancellation }: TopPatchOptions = {},
): Promise<TopPatch[]> {
  const [height, width, channels] = layerShape;
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels) {
    throw new InputError(`topPatches: expected a channel from 0 to ${channels - 1}, got ${channel}`);
  }
  expectLength('topPatches', 'layer', [units.model.outputs], height * width * channels);
  const { size, largestBatch } = units;
  const best: Omit<TopPatch, 'projection'>[] = [];
  for (let start = 0; start * size < frames.length; start += largestBatch) {
    throwIfAborted(cancellation, 'topPatches');
    const block = frames.subarray(start * size, (start + largestBatch) * size);
    const outputs = await units.outputs(block, { cancellation });
    for (let row = 0; row < block.length / size; row++) {
      let [at, highest] = [0, -Infinity];
      for (let p = 0; p < height * width; p++) {
        const value = outputs[row * units.model.outputs + p * channels + channel];
        if (value > highest) [at, highest] = [p, value];
      }
      best.push({ frame: start + row, y: Math.floor(at / width), x: at % width, activation: highest });
    }
  }
  const strongest = best.sort((a, b) => b.activation - a.activation || a.frame - b.frame).slice(0, count);
  const points = new Float32Array(strongest.length * size);
  const weights = new Float32Array(strongest.length * units.model.outputs);
  strongest.forEach(({ frame, y, x, activation }, i) => {
    points.set(frames.subarray(frame * size, (frame + 1) * size), i * size);
    weights[i * units.model.outputs + (y * width + x) * channels + channel] = activation;
  });
  const { gradients } = await units.pullBack(points, weights, { ops: 'deconvnet', cancellation });
  return strongest.map((patch, i) => ({ ...patch, projection: gradients.slice(i * size, (i + 1) * size) }));
}

/**
 * How one feature came to be: at each checkpoint, its strongest answer over the frames and what excited it.
 * Zeiler & Fergus 2014, figure 4.
 * @param checkpoints the same layer of the same network at several times, oldest first
 */
export async function featureEvolution(
  checkpoints: readonly Attributor[],
  layerShape: readonly number[],
  frames: Float32Array,
  channel: number,
  cancellation?: Cancellation,
): Promise<TopPatch[]> {
  const strongest: TopPatch[] = [];
  for (const units of checkpoints) {
    const [patch] = await topPatches(units, layerShape, frames, channel, { count: 1, cancellation });
    strongest.push(patch);
  }
  return strongest;
}
