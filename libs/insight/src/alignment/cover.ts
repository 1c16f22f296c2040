/** Where the simulator's classes are on a layer's grid. */
import { MaskClass } from '@saccade/envs';

/** Classes that factors are scored against; the agent and its velocity are always at one place and left out. */
export const alignedClasses = ['ground', 'lava', 'crate', 'coin', 'saw', 'enemy'] as const;
export type AlignedClass = (typeof alignedClasses)[number];

/** Share of a position's pixels from which on it counts as showing a class. */
export const coverThreshold = 0.25;

/**
 * 1 where at least `threshold` of a position's pixels show the class: [classes, frames, height, width].
 * @param masks `MaskClass` codes, [frames, rows, columns]
 */
export function classPresence(
  masks: Uint8Array,
  [rows, columns]: readonly number[],
  height: number,
  width: number,
  threshold = coverThreshold,
): Uint8Array {
  const pixels = rows * columns;
  const frames = masks.length / pixels;
  const positions = height * width;
  const present = new Uint8Array(alignedClasses.length * frames * positions);
  const index = new Int32Array(256).fill(-1);
  alignedClasses.forEach((name, k) => (index[MaskClass[name]] = k));
  const counts = new Int32Array(alignedClasses.length);
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < height; row++) {
      const top = Math.floor((row * rows) / height);
      const bottom = Math.max(top + 1, Math.ceil(((row + 1) * rows) / height));
      for (let column = 0; column < width; column++) {
        const left = Math.floor((column * columns) / width);
        const right = Math.max(left + 1, Math.ceil(((column + 1) * columns) / width));
        counts.fill(0);
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const k = index[masks[frame * pixels + y * columns + x]];
            if (k >= 0) counts[k]++;
          }
        }
        const area = (bottom - top) * (right - left);
        const position = row * width + column;
        for (let k = 0; k < counts.length; k++) {
          if (counts[k] >= threshold * area) present[(k * frames + frame) * positions + position] = 1;
        }
      }
    }
  }
  return present;
}
