/**
 * What to call a factor. A name is what people remember of it, so that it has to be earned twice: the factor detects
 * the class wherever it is (AUROC), and what it is most active on shows the class. A factor of the agent's velocity
 * boxes can do the first alone, since they change when a saw comes.
 */
import { InputError } from '@saccade/core';
import type { FactorActivity } from '../dictionary/examples.ts';
import type { AlignmentScores } from './score.ts';

/** How many of a factor’s strongest places are looked at, one a frame: as many as people are shown. */
const strongest = 16;

/** Share of them that have to show the class, or be next to it: units see farther than their position. */
export const enoughShown = 0.5;

/**
 * Of each factor's strongest places, one a frame, the share that show each class there or at one of the eight places
 * around: [factors, classes], 0-1; 0 for factors that are never active.
 * @param presence from `classPresence`, [classes, frames, height, width]
 */
export function strongestShow(
  { activity, frames, height, width, factors }: FactorActivity,
  presence: Uint8Array,
  classes: number,
): Float64Array {
  const positions = height * width;
  if (presence.length !== classes * frames * positions) {
    throw new InputError(
      `strongestShow: expected the presence of ${classes} classes in ${frames} frames of ${height}x${width}, got ${presence.length} values`,
    );
  }
  const shares = new Float64Array(factors * classes);
  for (let f = 0; f < factors; f++) {
    const places: { frame: number; position: number; value: number }[] = [];
    for (let frame = 0; frame < frames; frame++) {
      let [value, best] = [0, -1];
      for (let position = 0; position < positions; position++) {
        const here = activity[(frame * positions + position) * factors + f];
        if (here > value) [value, best] = [here, position];
      }
      if (best >= 0) places.push({ frame, position: best, value });
    }
    const kept = places.sort((a, b) => b.value - a.value || a.frame - b.frame).slice(0, strongest);
    for (const { frame, position } of kept) {
      const [row, column] = [Math.floor(position / width), position % width];
      for (let k = 0; k < classes; k++) {
        const shown = around(row, column, height, width).some(
          (place) => presence[(k * frames + frame) * positions + place] === 1,
        );
        if (shown) shares[f * classes + k] += 1 / kept.length;
      }
    }
  }
  return shares;
}

function around(row: number, column: number, height: number, width: number): number[] {
  const places: number[] = [];
  for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) places.push(y * width + x);
  }
  return places;
}

/**
 * `saw`, `coin 2`: the class that a factor detects best; else `factor 3`. It takes at least half of the way from the
 * null's `limit` to detecting the class always, and at least half of the factor's strongest places showing it.
 * @param shown from `strongestShow`, of the same frames
 */
export function nameFactors(
  { auroc, factors, classes }: AlignmentScores,
  limit: number,
  shown: ArrayLike<number>,
): string[] {
  const names: string[] = [];
  for (let f = 0; f < factors; f++) {
    let best = -1;
    classes.forEach((_, k) => {
      const at = f * classes.length + k;
      if (shown[at] < enoughShown || !(auroc[at] > (limit + 1) / 2)) return;
      if (best < 0 || auroc[at] > auroc[f * classes.length + best]) best = k;
    });
    const name = best < 0 ? `factor ${f}` : classes[best];
    const before = names.filter((other) => other === name || other.startsWith(`${name} `)).length;
    names.push(best >= 0 && before > 0 ? `${name} ${before + 1}` : name);
  }
  return names;
}
