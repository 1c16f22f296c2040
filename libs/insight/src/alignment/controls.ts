/** What a policy's factors are compared with: factors of the pixels themselves, and of networks that learned nothing. */
import { createStream } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { encode, factoriseSteps } from '@saccade/attribution';
import { initialiseParameters } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import type { FactorActivity } from '../dictionary/examples.ts';
import { blockFrames, sampleIndices } from '../dictionary/rows.ts';
import type { FrameSet } from '../frames/collect.ts';
import { inSteps, pause } from '../pause.ts';
import type { ReportProgress } from '../pause.ts';

/** Positions that dictionaries of controls are fitted on: more would not move their scores, and these rows are dense. */
export const controlRows = 20_000;

type Frames = Pick<FrameSet, 'observations' | 'shape' | 'count'>;

/** The same network with fresh weights. */
export function untrainedLike(policy: Policy, seed: number): Policy {
  const parameters = initialiseParameters(policy.network, createStream(seed, 'untrained'));
  return { ...policy, parameters, training: { ...policy.training, untrained: seed } };
}

/** The pixels of each position of a grid as one row: [frames, height, width, pixels of a position]. */
export function pixelRows(
  { observations, shape, count }: Frames,
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

/** Frames in blocks: the pixels of thousands of frames as floats are hundreds of megabytes. */
function* blocksOf({ observations, shape, count }: Frames): Generator<Frames & { readonly first: number }> {
  const size = observations.length / count;
  for (let first = 0; first < count; first += blockFrames) {
    const end = Math.min(count, first + blockFrames);
    yield { observations: observations.subarray(first * size, end * size), shape, count: end - first, first };
  }
}

/** Rows drawn from all positions of all frames, [rows, columns]. */
function sampledPixelRows(
  set: Frames,
  { height, width }: Pick<FactorActivity, 'height' | 'width'>,
  maximumRows: number,
  seed: number,
): { rows: Float32Array; columns: number } {
  const positions = height * width;
  const chosen = sampleIndices(set.count * positions, maximumRows, seed);
  let sample = new Float32Array();
  let columns = 0;
  let at = 0;
  for (const block of blocksOf(set)) {
    const { rows, columns: wide } = pixelRows(block, height, width);
    if (at === 0 && sample.length === 0) [sample, columns] = [new Float32Array(chosen.length * wide), wide];
    for (; at < chosen.length && chosen[at] < (block.first + block.count) * positions; at++) {
      const row = chosen[at] - block.first * positions;
      sample.set(rows.subarray(row * columns, (row + 1) * columns), at * columns);
    }
  }
  return { rows: sample, columns };
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
    maximumRows = controlRows,
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
  const { rows, columns } = sampledPixelRows(fitted, { height, width }, maximumRows, seed);
  const used = Math.min(factors, columns);
  const within = (from: number) => (share: number) => progress?.(from + share / 2);
  const { directions } = await inSteps(factoriseSteps(rows, columns, used), {
    progress: within(0),
    cancellation,
    what: 'factors of pixels',
  });
  const activity = new Float32Array(scored.count * height * width * used);
  for (const block of blocksOf(scored)) {
    const { rows: pixels } = pixelRows(block, height, width);
    activity.set(encode(pixels, directions, columns, { cancellation }), block.first * height * width * used);
    await pause((block.first + block.count) / scored.count, within(0.5), cancellation, 'factors of pixels');
  }
  return { activity, frames: scored.count, height, width, factors: used };
}
