/**
 * Baselines by name. A baseline is a picture ("what if the agent had seen this instead") brought to the layer, except
 * that hidden layers compare with silence unless told otherwise.
 */
import { InputError } from '@saccade/core';
import type { RandomStream, Shape } from '@saccade/core';
import { gaussianBlur } from '@saccade/attribution';

/** Observations to compare with, by name, values 0-255: `rest`, `mean`, `custom`, a frame without one object ... */
export type References = Readonly<Record<string, Uint8Array | Float32Array>>;

/** How many random pictures are averaged over (Sundararajan et al. 2017's repository uses ten). */
const randomPictures = 10;
/** Of the blurred baseline, pixels. */
const blurSigma = 5;

/** The names that exist without any reference. */
export const builtInBaselines = ['default', 'black', 'grey', 'blurred', 'random'] as const;

/**
 * The pictures that stand for a baseline's name, values 0-255.
 * @returns none for the default of a hidden layer: a silent activation
 * @throws InputError that lists the names when there is no such baseline
 */
export function baselinePictures(
  name: string,
  observation: Uint8Array | Float32Array,
  shape: Shape,
  hidden: boolean,
  references: References,
  random: RandomStream | undefined,
): readonly Float32Array[] {
  if (Object.hasOwn(references, name)) return [Float32Array.from(references[name])];
  switch (name) {
    case 'default':
      if (hidden) return [];
      return [references['rest'] ? Float32Array.from(references['rest']) : new Float32Array(observation.length)];
    case 'black':
      return [new Float32Array(observation.length)];
    case 'grey':
      return [new Float32Array(observation.length).fill(127)];
    case 'blurred':
      return [gaussianBlur(Float32Array.from(observation), shape, blurSigma)];
    case 'random': {
      if (!random) throw new InputError('baseline random: expected a random stream, got none');
      return Array.from({ length: randomPictures }, () => Float32Array.from(observation, () => random.integer(256)));
    }
    default:
      throw new InputError(
        `baseline: expected one of ${[...builtInBaselines, ...Object.keys(references)].join(', ')}, got ${name}`,
      );
  }
}
