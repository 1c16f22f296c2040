/** Shuffling frames without tearing levels apart: frames of one level resemble each other, and so do their labels. */
import { InputError, shuffle } from '@saccade/core';
import type { RandomStream } from '@saccade/core';

/**
 * For every frame another one whose label it takes, whole levels changing places with whole levels.
 * @param levels the level of each frame
 * @returns draws one order after another, [frames] each
 */
export function levelPermutations(levels: ArrayLike<number>, stream: RandomStream): () => Int32Array {
  const byLevel = new Map<number, number[]>();
  for (let frame = 0; frame < levels.length; frame++) {
    const frames = byLevel.get(levels[frame]) ?? [];
    frames.push(frame);
    byLevel.set(levels[frame], frames);
  }
  const groups = [...byLevel.values()];
  if (groups.length < 2) {
    throw new InputError(`levelPermutations: expected frames of two levels or more, got ${groups.length}`);
  }
  const natural = groups.flat();
  const places = groups.map((_, at) => at);
  return () => {
    shuffle(places, stream);
    const moved = places.flatMap((at) => groups[at]);
    const order = new Int32Array(levels.length);
    natural.forEach((frame, at) => (order[frame] = moved[at]));
    return order;
  };
}
