/** Occlusion: a square slid over the layer, and what its cover costs the target. */
import { defineMethod, evaluationOf, expectSpatial } from '../method.ts';
import type { Attribution, AttributionRequest } from '../method.ts';
import { sweepGrid } from '../sweep.ts';
import { scoreOf } from '../targets.ts';

export interface OcclusionSweep {
  /** Top left corner and size of each square, clipped at the edges. */
  readonly squares: readonly { top: number; left: number; height: number; width: number }[];
  /** Of the model with each square covered, [squares, outputs]. */
  readonly outputs: Float32Array;
}

/** Where a square starts along a side of the layer; the last one reaches the end. */
function starts(length: number, window: number, stride: number): number[] {
  const count = Math.max(1, Math.min(Math.ceil(length / stride), Math.ceil((length - window) / stride) + 1));
  return Array.from({ length: count }, (_, i) => i * stride);
}

/**
 * Outputs under every position of a square: maps of a target, of probabilities and of the top action start here.
 * @param draft called with a coarse sweep, and the share done, 0-1
 */
export async function occlude(
  request: AttributionRequest,
  window: number,
  stride: number,
  draft?: (sweep: OcclusionSweep, done: number) => void,
): Promise<OcclusionSweep> {
  const { activation, attributor, baselines, cancellation, progress } = request;
  const [height, width, channels] = expectSpatial('Occlusion', attributor.model.shape);
  const { size, largestBatch } = attributor;
  const cover = baselines?.[0] ?? new Float32Array(size);
  const [tops, lefts] = [starts(height, window, stride), starts(width, window, stride)];
  const squares = tops.flatMap((top) =>
    lefts.map((left) => ({
      top,
      left,
      height: Math.min(window, height - top),
      width: Math.min(window, width - left),
    })),
  );
  const outputs = await sweepGrid({
    title: 'Occlusion',
    grid: { height: tops.length, width: lefts.length },
    row: attributor.model.outputs,
    largest: largestBatch,
    cancellation,
    progress,
    draft: draft && ((coarse, done) => draft({ squares, outputs: coarse }, done)),
    evaluate(places) {
      const points = new Float32Array(places.length * size);
      places.forEach((place, k) => {
        const square = squares[place];
        points.set(activation, k * size);
        for (let y = square.top; y < square.top + square.height; y++) {
          const from = (y * width + square.left) * channels;
          points.set(cover.subarray(from, from + square.width * channels), k * size + from);
        }
      });
      return attributor.outputs(points, evaluationOf(request));
    },
  });
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
    const mapOf = ({ squares, outputs }: OcclusionSweep): Attribution => {
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
    };
    const { draft } = request;
    return mapOf(await occlude(request, window, stride, draft && ((sweep, done) => draft(mapOf(sweep), done))));
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
