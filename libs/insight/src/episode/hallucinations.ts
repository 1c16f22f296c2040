/**
 * Hallucinations: a factor fires where nothing of its class is in sight of that position, and the value believes it.
 * Candidates come from the masks, the effect from taking the factor away right there.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { MaskClass } from '@saccade/envs';
import { alignedClasses } from '../alignment/cover.ts';
import type { AlignedClass } from '../alignment/cover.ts';
import { encodeWith } from '../dictionary.ts';
import type { Dictionary } from '../dictionary.ts';
import { blockFrames } from '../dictionary/rows.ts';
import { receptiveField } from '../layer/receptiveField.ts';
import type { OpenLayer } from '../layer/openLayer.ts';

/** A factor that stands for a class, and how active it must be to claim that it sees one. */
export interface Detector {
  readonly factor: number;
  readonly class: AlignedClass;
  readonly threshold: number;
}

/**
 * Detectors for the factors that a class is aligned with: the threshold is the median activity at positions that show
 * the class.
 * @param classOf the class of each factor, or undefined, [factors]
 * @param activity [frames, positions, factors]
 * @param presence from `classPresence`, of the same frames on the same grid
 */
export function detectorsFrom(
  classOf: readonly (AlignedClass | undefined)[],
  activity: ArrayLike<number>,
  presence: Uint8Array,
): Detector[] {
  const factors = classOf.length;
  const cells = activity.length / factors;
  return classOf.flatMap((name, factor) => {
    if (name === undefined) return [];
    const k = alignedClasses.indexOf(name);
    const seen: number[] = [];
    for (let at = 0; at < cells; at++) if (presence[k * cells + at]) seen.push(activity[at * factors + factor]);
    if (seen.length === 0) return [];
    seen.sort((a, b) => a - b);
    const threshold = seen[Math.floor(seen.length / 2)];
    return threshold > 0 ? [{ factor, class: name, threshold }] : [];
  });
}

export interface Hallucination {
  readonly frame: number;
  readonly factor: number;
  readonly class: AlignedClass;
  /** Positions where it fires without cause, row-major. */
  readonly positions: readonly number[];
  /** Strongest activity among them. */
  readonly activity: number;
  /** V - V without the factor there: what the hallucination adds to the value. */
  readonly effect: number;
}

export interface HallucinationSearch {
  /** Largest effect first. */
  readonly found: readonly Hallucination[];
  /** Frames x detectors that fired without cause, of which `found` moved the value enough. */
  readonly candidates: number;
  /** found / candidates. */
  readonly precision: number;
}

/**
 * @param observations [frames, height, width, channel]
 * @param classes `MaskClass` codes of the same frames
 * @param threshold least |effect|, in the value's units
 */
export async function findHallucinations(
  open: OpenLayer,
  dictionary: Dictionary,
  detectors: readonly Detector[],
  observations: Uint8Array,
  classes: Uint8Array,
  threshold = 0.1,
  { cancellation, progress }: { readonly cancellation?: Cancellation; readonly progress?: (done: number) => void } = {},
): Promise<HallucinationSearch> {
  const { network } = open.policy;
  const [rows, columns, depth] = network.observationShape;
  const frames = classes.length / (rows * columns);
  if (observations.length !== frames * rows * columns * depth) {
    throw new InputError(`findHallucinations: expected masks of the same frames, got ${frames} frames of masks`);
  }
  const [height, width] = open.shape;
  const field = receptiveField(network, open.layer);
  const { factors, channels, directions } = dictionary;
  const found: Hallucination[] = [];
  let candidates = 0;

  /** Does the receptive field of a position hold a pixel of the class? */
  const sees = (frame: number, position: number, code: number): boolean => {
    const at = (index: number, length: number): [number, number] => {
      const middle = field.centre + index * field.stride;
      return [
        Math.max(0, Math.ceil(middle - (field.size - 1) / 2)),
        Math.min(length - 1, Math.floor(middle + (field.size - 1) / 2)),
      ];
    };
    const [top, bottom] = at(Math.floor(position / width), rows);
    const [left, right] = at(position % width, columns);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) if (classes[(frame * rows + y) * columns + x] === code) return true;
    }
    return false;
  };

  for (let first = 0; first < frames; first += blockFrames) {
    throwIfAborted(cancellation, 'looking for hallucinations');
    const count = Math.min(blockFrames, frames - first);
    const size = rows * columns * depth;
    const states = await open.encode(observations.subarray(first * size, (first + count) * size), cancellation);
    const activity = encodeWith(dictionary, states.activations);
    const claims: Omit<Hallucination, 'effect'>[] = [];
    for (let i = 0; i < count; i++) {
      for (const { factor, class: name, threshold: least } of detectors) {
        const positions: number[] = [];
        let strongest = 0;
        for (let p = 0; p < height * width; p++) {
          const value = activity[(i * height * width + p) * factors + factor];
          if (value < least || sees(first + i, p, MaskClass[name])) continue;
          positions.push(p);
          strongest = Math.max(strongest, value);
        }
        if (positions.length > 0)
          claims.push({ frame: first + i, factor, class: name, positions, activity: strongest });
      }
    }
    candidates += claims.length;
    if (claims.length > 0) {
      const whole = await open.outputs(states);
      const outputs = network.actions + 1;
      const points = new Float32Array(claims.length * open.size);
      claims.forEach(({ frame, factor, positions }, k) => {
        const i = frame - first;
        points.set(states.activations.subarray(i * open.size, (i + 1) * open.size), k * open.size);
        for (const p of positions) {
          const weight = activity[(i * height * width + p) * factors + factor];
          for (let c = 0; c < channels; c++) {
            const at = k * open.size + p * channels + c;
            // Not below zero, unless it was there before (sums of residual networks).
            points[at] = Math.max(Math.min(points[at], 0), points[at] - weight * directions[factor * channels + c]);
          }
        }
      });
      const context = Object.fromEntries(
        Object.entries(states.context).map(([name, values]) => {
          const each = values.length / count;
          const picked = new Float32Array(claims.length * each);
          claims.forEach(({ frame }, k) =>
            picked.set(values.subarray((frame - first) * each, (frame - first + 1) * each), k * each),
          );
          return [name, picked];
        }),
      );
      const without = await open.outputs({ count: claims.length, activations: points, context });
      claims.forEach((claim, k) => {
        const effect =
          whole[(claim.frame - first) * outputs + network.actions] - without[k * outputs + network.actions];
        if (Math.abs(effect) >= threshold) found.push({ ...claim, effect });
      });
    }
    progress?.(Math.min(1, (first + count) / frames));
  }
  found.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect) || a.frame - b.frame);
  return { found, candidates, precision: candidates === 0 ? Number.NaN : found.length / candidates };
}
