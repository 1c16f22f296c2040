/** Occlusion: a square slid over the layer, and what its cover costs the target. */
import { throwIfAborted } from '@saccade/core';
import { defineMethod, evaluationOf, expectSpatial } from '../method.ts';
import type { AttributionRequest } from '../method.ts';
import { scoreOf } from '../targets.ts';

export interface OcclusionSweep {
  /** Top left corner and size of each square, clipped at the edges. */
  readonly squares: readonly { top: number; left: number; height: number; width: number }[];
  /** Of the model with each square covered, [squares, outputs]. */
  readonly outputs: Float32Array;
}

/** Outputs under every position of a square: maps of a target, of probabilities and of the top action start here. */
export async function occlude(request: AttributionRequest, window: number, stride: number): Promise<OcclusionSweep> {
  const { activation, attributor, baselines, cancellation, progress } = request;
  const [height, width, channels] = expectSpatial('Occlusion', attributor.model.shape);
  const { size, largestBatch } = attributor;
  const cover = baselines?.[0] ?? new Float32Array(size);
  const squares: OcclusionSweep['squares'][number][] = [];
  for (let top = 0; top < height; top += stride) {
    for (let left = 0; left < width; left += stride) {
      squares.push({
        top,
        left,
        height: Math.min(window, height - top),
        width: Math.min(window, width - left),
      });
      if (left + window >= width) break;
    }
    if (top + window >= height) break;
  }
  const outputs = new Float32Array(squares.length * attributor.model.outputs);
  for (let start = 0; start < squares.length; start += largestBatch) {
    throwIfAborted(cancellation, 'Occlusion');
    const part = squares.slice(start, start + largestBatch);
    const points = new Float32Array(part.length * size);
    part.forEach((square, k) => {
      points.set(activation, k * size);
      for (let y = square.top; y < square.top + square.height; y++) {
        const from = (y * width + square.left) * channels;
        points.set(cover.subarray(from, from + square.width * channels), k * size + from);
      }
    });
    outputs.set(await attributor.outputs(points, evaluationOf(request)), start * attributor.model.outputs);
    progress?.((start + part.length) / squares.length);
  }
  return { squares, outputs };
}

/** Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901, section 4.2. */
export const occlusion = defineMethod({
  title: 'Occlusion',
  description: 'What the target loses when a square is covered, averaged over the squares that cover each position.',
  options: {
    window: { kind: 'integer', default: 8, minimum: 1, maximum: 256, description: 'Side of the square, positions.' },
    stride: { kind: 'integer', default: 4, minimum: 1, maximum: 256, description: 'Positions between squares.' },
    baseline: {
      kind: 'text',
      default: 'grey',
      description: 'What covers: grey, black, rest, mean, blurred, or what the caller offers.',
    },
  },
  signed: true,
  family: 'perturbation',
  async attribute(request, { window, stride }) {
    const { activation, attributor, target } = request;
    const [height, width] = expectSpatial('Occlusion', attributor.model.shape);
    const { outputs: row } = attributor.model;
    const score = (await attributor.scores(activation, target, evaluationOf(request)))[0];
    const { squares, outputs } = await occlude(request, window, stride);
    const sums = new Float64Array(height * width);
    const covers = new Float64Array(height * width);
    squares.forEach((square, k) => {
      const loss = score - scoreOf(target, outputs.subarray(k * row, (k + 1) * row));
      for (let y = square.top; y < square.top + square.height; y++) {
        for (let x = square.left; x < square.left + square.width; x++) {
          sums[y * width + x] += loss;
          covers[y * width + x]++;
        }
      }
    });
    const map = Float32Array.from(sums, (sum, i) => (covers[i] === 0 ? 0 : sum / covers[i]));
    return { map, shape: [height, width], signed: true, score };
  },
});

/**
 * Which action is the likeliest when a square is covered: the first square that covers a position decides, -1 where
 * none does. Zeiler & Fergus 2014, figure 7.
 * @returns [height, width]
 */
export function topActionMap(
  { squares, outputs }: OcclusionSweep,
  { outputs: row, logits }: { readonly outputs: number; readonly logits: number },
  height: number,
  width: number,
): Int32Array {
  const map = new Int32Array(height * width).fill(-1);
  squares.forEach((square, k) => {
    let best = 0;
    for (let i = 1; i < logits; i++) if (outputs[k * row + i] > outputs[k * row + best]) best = i;
    for (let y = square.top; y < square.top + square.height; y++) {
      for (let x = square.left; x < square.left + square.width; x++) {
        if (map[y * width + x] === -1) map[y * width + x] = best;
      }
    }
  });
  return map;
}
