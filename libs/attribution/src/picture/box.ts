/** Weak localisation: from a map to the box of what it points at. */
import { expectLength } from '@saccade/core';
import { connectedComponents } from './morphology.ts';
import type { Size } from './resize.ts';

/** Cells, [top, bottom) x [left, right). */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The component with most cells; the first of equals; all zero where the mask is. */
export function largestComponent(mask: ArrayLike<number>, size: Size): Uint8Array {
  const { labels, areas } = connectedComponents(mask, size);
  let largest = 0;
  for (let label = 1; label < areas.length; label++) if (areas[label] > areas[largest]) largest = label;
  return Uint8Array.from(labels, (label) => (label !== 0 && label === largest ? 1 : 0));
}

/** The smallest box around a mask; undefined around nothing. */
export function boundingBox(mask: ArrayLike<number>, { height, width }: Size): Box | undefined {
  expectLength('boundingBox', 'mask', [height, width], mask.length);
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!mask[y * width + x]) continue;
      top = Math.min(top, y);
      left = Math.min(left, x);
      bottom = Math.max(bottom, y + 1);
      right = Math.max(right, x + 1);
    }
  }
  return bottom === 0 ? undefined : { top, left, bottom, right };
}

/**
 * The box of the largest component above a share of the map's maximum; undefined where nothing is positive.
 * Selvaraju et al. 2017 (Grad-CAM), section 4.1, use 0.15.
 */
export function localise(values: Float32Array, size: Size, share = 0.15): Box | undefined {
  let highest = 0;
  for (const value of values) highest = Math.max(highest, value);
  if (highest === 0) return undefined;
  const mask = Uint8Array.from(values, (value) => (value >= share * highest ? 1 : 0));
  return boundingBox(largestComponent(mask, size), size);
}

/** Shared area over joint area, 0-1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const area = ({ top, left, bottom, right }: Box): number => Math.max(0, bottom - top) * Math.max(0, right - left);
  const shared = area({
    top: Math.max(a.top, b.top),
    left: Math.max(a.left, b.left),
    bottom: Math.min(a.bottom, b.bottom),
    right: Math.min(a.right, b.right),
  });
  return shared === 0 ? 0 : shared / (area(a) + area(b) - shared);
}
