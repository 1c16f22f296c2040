/**
 * Does a map point at what was used? Metrics against a mask of ground truth. Signed maps enter by their positive part;
 * ties count by their share, so that a constant map scores what a random one does on average.
 */
import { expectLength } from '@saccade/core';

function positivePart(values: Float32Array, mask: Uint8Array): Float32Array {
  expectLength('mask metric', 'mask', [values.length], mask.length);
  return values.map((value) => Math.max(0, value));
}

/** Is the largest value inside the mask? 1 or 0, or the share of equal largest values that are. Zhang et al. 2016. */
export function pointingGame(values: Float32Array, mask: Uint8Array): number {
  const map = positivePart(values, mask);
  let highest = 0;
  for (const value of map) highest = Math.max(highest, value);
  let equal = 0;
  let inside = 0;
  map.forEach((value, i) => {
    if (value !== highest) return;
    equal++;
    if (mask[i]) inside++;
  });
  return inside / equal;
}

/** Share of the positive mass that lies in the mask (Arras et al. 2022); the mask's share of the area for no mass. */
export function massAccuracy(values: Float32Array, mask: Uint8Array): number {
  const map = positivePart(values, mask);
  let all = 0;
  let inside = 0;
  let area = 0;
  map.forEach((value, i) => {
    all += value;
    if (!mask[i]) return;
    inside += value;
    area++;
  });
  return all === 0 ? area / map.length : inside / all;
}

/** Share of the K largest values that lie in the mask, K being the mask's size (Arras et al. 2022). */
export function rankAccuracy(values: Float32Array, mask: Uint8Array): number {
  const map = positivePart(values, mask);
  const size = mask.reduce((sum, inside) => sum + (inside ? 1 : 0), 0);
  if (size === 0) return 0;
  const threshold = Float32Array.from(map).sort()[map.length - size];
  let above = 0;
  let aboveInside = 0;
  let equal = 0;
  let equalInside = 0;
  map.forEach((value, i) => {
    if (value > threshold) {
      above++;
      if (mask[i]) aboveInside++;
    } else if (value === threshold) {
      equal++;
      if (mask[i]) equalInside++;
    }
  });
  return (aboveInside + ((size - above) * equalInside) / equal) / size;
}
