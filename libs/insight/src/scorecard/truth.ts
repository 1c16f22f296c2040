/** The simulator's truth of a frame: take one object away, render again, and see how far the target moves. */
import { expectLength } from '@saccade/core';
import type { Target } from '@saccade/attribution';
import type { Explainer } from '../explainer.ts';
import type { FrameObjects } from '../frameObjects.ts';
import { pearson, midranks, spearman } from '../statistics/ranks.ts';

/** An object is used if its removal moves the target by more than this share of the target's spread. */
export const usedThreshold = 0.05;
/** Objects that a frame must show for its ranks to say anything: without and with the area held constant. */
const fewestObjects = { signed: 3, unsigned: 4 };

export interface ObjectTruth {
  /** score - score without the object, in the target's units, [objects]. */
  readonly changes: Float64Array;
  /** 1 where a used object is seen, [height, width]; absent where none is used. */
  readonly used?: Uint8Array;
}

/** @param spread standard deviation of the target over a bank of frames, in its units */
export async function objectTruth(
  explainer: Explainer,
  frame: FrameObjects,
  target: Target,
  spread: number,
): Promise<ObjectTruth> {
  const { objects, observation } = frame;
  const size = observation.length;
  const pictures = new Uint8Array((objects.length + 1) * size);
  pictures.set(observation);
  objects.forEach((_, i) => pictures.set(frame.without([i]), (i + 1) * size));
  const input = explainer.layers[0];
  const { attributor, context } = await explainer.cutAt(observation, input);
  const { activations } = await explainer.activations(pictures, input);
  const scores = await attributor.scores(activations, target, { context });
  const changes = Float64Array.from(objects, (_, i) => scores[0] - scores[i + 1]);
  const used = new Uint8Array(frame.height * frame.width);
  let any = false;
  objects.forEach(({ mask }, i) => {
    if (Math.abs(changes[i]) <= usedThreshold * spread) return;
    any = true;
    mask.forEach((seen, p) => {
      if (seen) used[p] = 1;
    });
  });
  return { changes, used: any ? used : undefined };
}

/** Rank correlation of a and b with c held constant; NaN where c explains one of them. */
export function partialSpearman(a: ArrayLike<number>, b: ArrayLike<number>, c: ArrayLike<number>): number {
  const [ra, rb, rc] = [midranks(a), midranks(b), midranks(c)];
  const [ab, ac, bc] = [pearson(ra, rb), pearson(ra, rc), pearson(rb, rc)];
  // An area that never varies explains nothing.
  if (Number.isNaN(ac) && Number.isNaN(bc)) return ab;
  const left = (1 - ac * ac) * (1 - bc * bc);
  return left < 1e-9 ? Number.NaN : (ab - ac * bc) / Math.sqrt(left);
}

/**
 * Does a map rank the objects as removing them does? Signed: the sum over each object against the signed change.
 * Unsigned: the mean per pixel against the absolute change, the area held constant, since sums follow the area alone.
 * NaN on frames with too few objects.
 * @param map [height, width]
 */
export function objectFaithfulness(
  map: Float32Array,
  signed: boolean,
  frame: FrameObjects,
  changes: Float64Array,
): number {
  const { objects } = frame;
  expectLength('objectFaithfulness', 'changes', [objects.length], changes.length);
  if (objects.length < fewestObjects[signed ? 'signed' : 'unsigned']) return Number.NaN;
  const sums = objects.map(({ mask }) => mask.reduce((sum, seen, p) => (seen ? sum + map[p] : sum), 0));
  if (signed) return spearman(sums, changes);
  const areas = objects.map(({ area }) => area);
  return partialSpearman(
    sums.map((sum, i) => sum / areas[i]),
    changes.map(Math.abs),
    areas,
  );
}
