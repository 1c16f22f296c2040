/** How a layer's features move when the frame is shifted, enlarged or turned. */
import { throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Attributor } from '../attributor.ts';
import { affineMap } from '../picture/affine.ts';
import type { Transformation } from '../picture/affine.ts';
import { norm } from '../vectors.ts';

export interface InvariancePoint {
  readonly transformation: Transformation;
  /** ||features of the transformed frame - features|| / ||features||. */
  readonly distance: number;
}

/**
 * Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901, figure 5.
 * @param units inputs [height, width, channel] -> features
 * @param frame one input
 */
export async function invarianceCurve(
  units: Attributor,
  frame: Float32Array,
  transformations: readonly Transformation[],
  cancellation?: Cancellation,
): Promise<InvariancePoint[]> {
  const { size } = units;
  const { shape, outputs: width } = units.model;
  const points = new Float32Array((transformations.length + 1) * size);
  points.set(frame);
  transformations.forEach((transformation, i) => {
    throwIfAborted(cancellation, 'invarianceCurve');
    points.set(affineMap(shape, transformation).apply(frame), (i + 1) * size);
  });
  const features = await units.outputs(points, { cancellation });
  const original = features.subarray(0, width);
  const length = norm(original);
  return transformations.map((transformation, i) => {
    const moved = features.subarray((i + 1) * width, (i + 2) * width);
    const distance = norm(moved.map((value, f) => value - original[f]));
    return { transformation, distance: length === 0 ? 0 : distance / length };
  });
}
