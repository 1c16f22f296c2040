/** Frames beside themselves without one object: the same instant, hidden and rendered again. */
import { InputError } from '@saccade/core';
import type { CoinRunEnvironment, ObjectKind } from '@saccade/envs';
import type { FrameSet } from '../frames/collect.ts';

export interface FramePairs {
  readonly count: number;
  /** With the object and without it, bytes, [pairs, height, width, channel] each. */
  readonly clean: Uint8Array;
  readonly corrupt: Uint8Array;
  /** Index of the frame in its set, and its level, [pairs]. */
  readonly frames: Int32Array;
  readonly levelSeeds: Uint32Array;
  /** 1 where the object shows, [pairs, height, width]. */
  readonly masks: Uint8Array;
}

/** Pixels of an object below which hiding it is not worth a run of the network: a quarter of a cell of 25. */
const fewestPixels = 6;

/**
 * One pair for each frame that shows an object of the kind, its largest; at most `most`.
 * @throws InputError when no frame shows one
 */
export function pairsWithout(environment: CoinRunEnvironment, set: FrameSet, kind: ObjectKind, most = 256): FramePairs {
  if (!set.masks) throw new InputError('pairsWithout: expected frames with masks, got frames without');
  const size = set.observations.length / set.count;
  const pixels = set.shape[0] * set.shape[1];
  const chosen: { frame: number; id: number }[] = [];
  for (let frame = 0; frame < set.count && chosen.length < most; frame++) {
    const ids = set.masks.ids.subarray(frame * pixels, (frame + 1) * pixels);
    const counts = new Map<number, number>();
    for (const id of ids) if (id > 0) counts.set(id, (counts.get(id) ?? 0) + 1);
    environment.setState(set.states[frame]);
    const seen = environment.scene.objects
      .filter((object) => object.kind === kind && (counts.get(object.id) ?? 0) >= fewestPixels)
      .sort((a, b) => (counts.get(b.id) ?? 0) - (counts.get(a.id) ?? 0));
    if (seen.length > 0) chosen.push({ frame, id: seen[0].id });
  }
  if (chosen.length === 0)
    throw new InputError(`pairsWithout: expected a frame that shows a ${kind}, got none of ${set.count}`);
  const clean = new Uint8Array(chosen.length * size);
  const corrupt = new Uint8Array(chosen.length * size);
  const masks = new Uint8Array(chosen.length * pixels);
  chosen.forEach(({ frame, id }, i) => {
    clean.set(set.observations.subarray(frame * size, (frame + 1) * size), i * size);
    environment.setState(set.states[frame]);
    environment.edit({ kind: 'show', id, visible: false });
    environment.observeInto(corrupt, i * size);
    const ids = set.masks?.ids.subarray(frame * pixels, (frame + 1) * pixels) ?? new Uint16Array(0);
    ids.forEach((value, p) => (masks[i * pixels + p] = value === id ? 1 : 0));
  });
  return {
    count: chosen.length,
    clean,
    corrupt,
    frames: Int32Array.from(chosen, ({ frame }) => frame),
    levelSeeds: Uint32Array.from(chosen, ({ frame }) => set.levelSeeds[frame]),
    masks,
  };
}
