/** What a policy's factors are compared with: factors of the pixels themselves, and of networks that learned nothing. */
import { createStream } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { encode, factoriseSteps } from '@saccade/attribution';
import { initialiseParameters } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import type { FactorActivity } from '../dictionary/examples.ts';
import { sampleIndices } from '../dictionary/rows.ts';
import type { FrameSet } from '../frames/collect.ts';
import { inSteps } from '../pause.ts';
import type { ReportProgress } from '../pause.ts';

/** The same network with fresh weights. */
export function untrainedLike(policy: Policy, seed: number): Policy {
  const parameters = initialiseParameters(policy.network, createStream(seed, 'untrained'));
  return { ...policy, parameters, training: { ...policy.training, untrained: seed } };
}

/** The pixels of each position of a grid as one row: [frames, height, width, pixels of a position]. */
export function pixelRows(
  { observations, shape, count }: FrameSet,
  height: number,
  width: number,
): { rows: Float32Array; columns: number } {
  const [imageHeight, imageWidth, channels] = shape;
  const tall = Math.ceil(imageHeight / height);
  const wide = Math.ceil(imageWidth / width);
  const columns = tall * wide * channels;
  const rows = new Float32Array(count * height * width * columns);
  let at = 0;
  for (let frame = 0; frame < count; frame++) {
    for (let row = 0; row < height; row++) {
      const top = Math.min(imageHeight - tall, Math.floor((row * imageHeight) / height));
      for (let column = 0; column < width; column++) {
        const left = Math.min(imageWidth - wide, Math.floor((column * imageWidth) / width));
        for (let y = top; y < top + tall; y++) {
          const from = ((frame * imageHeight + y) * imageWidth + left) * channels;
          for (let i = 0; i < wide * channels; i++) rows[at++] = observations[from + i] / 255;
        }
      }
    }
  }
  return { rows, columns };
}

/**
 * Activity of factors of raw pixels on a layer's grid: fitted on one set of frames, read on another.
 * @param maximumRows that the fit looks at
 */
export async function pixelFactorActivity(
  fitted: FrameSet,
  scored: FrameSet,
  { height, width, factors }: Pick<FactorActivity, 'height' | 'width' | 'factors'>,
  {
    maximumRows = 50_000,
    seed = 0,
    cancellation,
    progress,
  }: {
    readonly maximumRows?: number;
    readonly seed?: number;
    readonly cancellation?: Cancellation;
    readonly progress?: ReportProgress;
  } = {},
): Promise<FactorActivity> {
  const { rows, columns } = pixelRows(fitted, height, width);
  const chosen = sampleIndices(rows.length / columns, maximumRows, seed);
  const sample = new Float32Array(chosen.length * columns);
  chosen.forEach((row, i) => sample.set(rows.subarray(row * columns, (row + 1) * columns), i * columns));
  const steps = factoriseSteps(sample, columns, Math.min(factors, columns));
  const { directions } = await inSteps(steps, { progress, cancellation, what: 'factors of pixels' });
  const activity = encode(pixelRows(scored, height, width).rows, directions, columns, { cancellation });
  return { activity, frames: scored.count, height, width, factors: Math.min(factors, columns) };
}
