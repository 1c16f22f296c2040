/**
 * Dataset examples: what a factor looks like, shown by what made it most active. With spatial awareness one picture
 * holds the best example of every position; without it, the best patches stand side by side. After Understanding RL
 * Vision (Hilton et al. 2020); below the first layer, gradient-made pictures of these networks are clouds of colour.
 */
import { InputError, sizeOf } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { encodeWith } from '../dictionary.ts';
import type { Dictionary } from '../dictionary.ts';
import type { FrameSet } from '../frames/collect.ts';
import type { OpenLayer } from '../layer/openLayer.ts';
import { blankPicture } from '../report/picture.ts';
import type { Picture } from '../report/picture.ts';
import { forEachBlock } from './rows.ts';

/** How active every factor is in every frame, [frames, height, width, factor]. */
export interface FactorActivity {
  readonly height: number;
  readonly width: number;
  readonly factors: number;
  readonly frames: number;
  readonly activity: Float32Array;
}

export async function factorActivity(
  open: OpenLayer,
  observations: Uint8Array,
  dictionary: Dictionary,
  options: { readonly cancellation?: Cancellation; readonly progress?: (done: number) => void } = {},
): Promise<FactorActivity> {
  const { layer, shape, positions, policy } = open;
  if (dictionary.layer !== layer || dictionary.channels !== open.channels || shape.length !== 3) {
    throw new InputError(`factorActivity: expected a dictionary of ${layer}, got one of ${dictionary.layer}`);
  }
  const { factors } = dictionary;
  const size = sizeOf(policy.network.observationShape);
  const frames = observations.length / size;
  const activity = new Float32Array(frames * positions * factors);
  await forEachBlock(
    open,
    observations,
    ({ activations }, first) => activity.set(encodeWith(dictionary, activations), first * positions * factors),
    options,
  );
  return { height: shape[0], width: shape[1], factors, frames, activity };
}

/** Least opacity of a filled position, the share of positions shown opaque, and the largest factor that does it. */
const leastOpacity = 15 / 255;
const opaqueShare = 0.1;
const largestScale = 10;

/** Opacities 0-1, stretched so that the strongest tenth is opaque. */
function rescaleOpacity(opacities: Float32Array): Float32Array {
  const sorted = Float32Array.from(opacities).sort();
  const bright = sorted[Math.floor((1 - opaqueShare) * (sorted.length - 1))];
  const scale = bright > 0 ? Math.min(largestScale, 1 / bright) : largestScale;
  return opacities.map((opacity) => (opacity > 0 ? Math.min(1, Math.max(leastOpacity, opacity * scale)) : 0));
}

export interface SpatialExample {
  /** Each position shows its pixels of the frame that made the factor most active there; alpha is how active. */
  readonly picture: Picture;
  /** The frame behind each position, [height, width]; -1 where the factor is never active. */
  readonly frames: Int32Array;
}

/**
 * One picture over all positions. No frame fills more than ceil(positions / (frames x .1)) of them, so that one
 * striking frame cannot fill the picture.
 */
export function spatialExample(
  { activity, frames, height, width, factors }: FactorActivity,
  factor: number,
  { observations, shape }: Pick<FrameSet, 'observations' | 'shape'>,
): SpatialExample {
  const positions = height * width;
  const most = Math.ceil(positions / (frames * 0.1));
  const at = (frame: number, position: number): number => activity[(frame * positions + position) * factors + factor];
  const used = new Int32Array(frames);
  const best = new Int32Array(positions).fill(-1);
  const strength = new Float32Array(positions);
  const peak = Float32Array.from({ length: positions }, (_, position) => {
    let largest = 0;
    for (let frame = 0; frame < frames; frame++) largest = Math.max(largest, at(frame, position));
    return largest;
  });
  // The strongest positions choose first.
  const order = Array.from({ length: positions }, (_, i) => i).sort((a, b) => peak[b] - peak[a] || a - b);
  for (const position of order) {
    for (let frame = 0; frame < frames; frame++) {
      const value = at(frame, position);
      if (used[frame] >= most || value <= strength[position]) continue;
      best[position] = frame;
      strength[position] = value;
    }
    if (best[position] >= 0) used[best[position]]++;
  }
  const largest = strength.reduce((a, b) => Math.max(a, b), 0);
  const opacity = rescaleOpacity(strength.map((value) => (largest > 0 ? value / largest : 0)));
  const [rows, columns, channels] = shape;
  const picture = blankPicture(columns, rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const position = Math.floor((y * height) / rows) * width + Math.floor((x * width) / columns);
      const frame = best[position];
      if (frame < 0) continue;
      const from = ((frame * rows + y) * columns + x) * channels;
      const to = (y * columns + x) * 4;
      for (let c = 0; c < 3; c++) picture.rgba[to + c] = observations[from + (channels === 1 ? 0 : c)];
      picture.rgba[to + 3] = Math.round(255 * opacity[position]);
    }
  }
  return { picture, frames: best };
}

export interface PatchExample {
  readonly picture: Picture;
  readonly frame: number;
  /** Row and column of the layer's position. */
  readonly row: number;
  readonly column: number;
  readonly activity: number;
}

/** Pixels beyond the observation: a grey checkerboard. */
const checker = [150, 180] as const;
const checkerSide = 4;

/** The pixels around a layer's position. */
export function patchAround(
  { observations, shape }: Pick<FrameSet, 'observations' | 'shape'>,
  frame: number,
  place: { readonly row: number; readonly column: number; readonly height: number; readonly width: number },
  side: number,
): Picture {
  const [rows, columns, channels] = shape;
  const top = Math.round(((place.row + 0.5) * rows) / place.height - side / 2);
  const left = Math.round(((place.column + 0.5) * columns) / place.width - side / 2);
  const picture = blankPicture(side, side);
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const y = top + v;
      const x = left + u;
      const inside = y >= 0 && x >= 0 && y < rows && x < columns;
      const grey = checker[(Math.floor(u / checkerSide) + Math.floor(v / checkerSide)) % 2];
      const to = (v * side + u) * 4;
      for (let c = 0; c < 3; c++) {
        const from = ((frame * rows + y) * columns + x) * channels + (channels === 1 ? 0 : c);
        picture.rgba[to + c] = inside ? observations[from] : grey;
      }
      picture.rgba[to + 3] = 255;
    }
  }
  return picture;
}

/**
 * The `count` frames in which a factor is most active, one patch each around its best position, strongest first.
 * @param side of a patch, pixels
 */
export function patchExamples(
  found: FactorActivity,
  factor: number,
  set: Pick<FrameSet, 'observations' | 'shape'>,
  count = 16,
  side = 20,
): PatchExample[] {
  const { activity, frames, height, width, factors } = found;
  const positions = height * width;
  const bests = Array.from({ length: frames }, (_, frame) => {
    let position = 0;
    let value = -1;
    for (let p = 0; p < positions; p++) {
      const here = activity[(frame * positions + p) * factors + factor];
      if (here > value) [position, value] = [p, here];
    }
    return { frame, position, value };
  });
  return bests
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value || a.frame - b.frame)
    .slice(0, count)
    .map(({ frame, position, value }) => {
      const row = Math.floor(position / width);
      const column = position % width;
      return {
        picture: patchAround(set, frame, { row, column, height, width }, side),
        frame,
        row,
        column,
        activity: value,
      };
    });
}
