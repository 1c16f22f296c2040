/** Does the target fall as what a map ranks highest is taken away, and rise as it is put back? */
import { expectLength, throwIfAborted } from '@saccade/core';
import { evaluationOf, expectSpatial } from '../method.ts';
import type { AttributionRequest } from '../method.ts';

export interface RemovalCurve {
  /** Share of positions removed (or revealed), 0-1, ascending. */
  readonly shares: Float64Array;
  /** The target there. */
  readonly scores: Float64Array;
  /** Area under the curve by trapezoids, in the target's units. */
  readonly area: number;
}

export interface RemovalOptions {
  /** Points of the curve beyond the first. 32 by default. */
  readonly steps?: number;
  /** What takes the place of what is removed, [...shape]: zeros, or a blurred copy. Zeros by default. */
  readonly fill?: Float32Array;
}

/** Positions from the largest value to the smallest; equal ones in reading order. */
export function positionsByValue(values: Float32Array): Int32Array {
  return Int32Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

async function curve(
  request: AttributionRequest,
  order: Int32Array,
  from: Float32Array,
  to: Float32Array,
  steps: number,
): Promise<RemovalCurve> {
  const { attributor, target, cancellation } = request;
  const [height, width, channels] = expectSpatial('removal', attributor.model.shape);
  expectLength('removal', 'order', [height, width], order.length);
  const { size, largestBatch } = attributor;
  const shares = Float64Array.from({ length: steps + 1 }, (_, step) => step / steps);
  const scores = new Float64Array(steps + 1);
  const current = from.slice();
  let moved = 0;
  for (let start = 0; start <= steps; start += largestBatch) {
    throwIfAborted(cancellation, 'removal');
    const count = Math.min(largestBatch, steps + 1 - start);
    const points = new Float32Array(count * size);
    for (let k = 0; k < count; k++) {
      const until = Math.round(shares[start + k] * order.length);
      for (; moved < until; moved++) {
        const at = order[moved] * channels;
        current.set(to.subarray(at, at + channels), at);
      }
      points.set(current, k * size);
    }
    scores.set(await attributor.scores(points, target, evaluationOf(request)), start);
  }
  let area = 0;
  for (let i = 1; i <= steps; i++) area += (scores[i] + scores[i - 1]) / (2 * steps);
  return { shares, scores, area };
}

/** Takes positions away, the highest first: the lower the area the better. Petsiuk et al. 2018 (RISE). */
export function deletion(
  request: AttributionRequest,
  values: Float32Array,
  { steps = 32, fill = new Float32Array(request.activation.length) }: RemovalOptions = {},
): Promise<RemovalCurve> {
  return curve(request, positionsByValue(values), request.activation, fill, steps);
}

/** Puts positions back, the highest first: the higher the area the better. */
export function insertion(
  request: AttributionRequest,
  values: Float32Array,
  { steps = 32, fill = new Float32Array(request.activation.length) }: RemovalOptions = {},
): Promise<RemovalCurve> {
  return curve(request, positionsByValue(values), fill, request.activation, steps);
}
