/**
 * Ways of saying a layer's channels in K numbers: the dictionary, and the controls that it must beat or equal. All
 * non-negative ones share one encoder and decoder, so that they differ in their directions alone.
 */
import { createStream, InputError, normal } from '@saccade/core';
import { decode, encode, principalComponents, principalReconstruction } from '@saccade/attribution';
import type { Dictionary } from '../dictionary.ts';

export interface Codec {
  readonly name: string;
  /** What its directions are, in words. */
  readonly description: string;
  /** rows [rows, channels] -> what is left of them after K numbers, [rows, channels]. */
  reconstruct(rows: Float32Array): Float32Array;
}

function nonNegative(name: string, description: string, directions: Float32Array, channels: number): Codec {
  return {
    name,
    description,
    reconstruct: (rows) =>
      decode(
        encode(
          rows.map((value) => Math.max(value, 0)),
          directions,
          channels,
        ),
        directions,
        channels,
      ),
  };
}

/** The K channels with the largest sum of squares over `rows`, each a direction of its own. */
export function largestChannels(rows: Float32Array, channels: number, count: number): number[] {
  const energy = new Float64Array(channels);
  for (let at = 0; at < rows.length; at++) energy[at % channels] += rows[at] ** 2;
  return Array.from(energy, (_, channel) => channel)
    .sort((a, b) => energy[b] - energy[a] || a - b)
    .slice(0, count);
}

/** |N(0, 1)| in every channel. */
export function randomDirections(channels: number, count: number, seed: number): Float32Array {
  const stream = createStream(seed, 'random directions');
  return Float32Array.from({ length: count * channels }, () => Math.abs(normal(stream)));
}

/**
 * The dictionary and its controls at equal K: single channels, principal components (signed, with a mean), random
 * directions.
 * @param rows what the controls are fitted on, [rows, channels]: those of the dictionary
 */
export function codecsFor(dictionary: Dictionary, rows: Float32Array, seed = 0): readonly Codec[] {
  const { factors, channels, directions } = dictionary;
  if (rows.length % channels !== 0) {
    throw new InputError(`codecs: expected rows of ${channels} channels, got ${rows.length} values`);
  }
  const oneHot = new Float32Array(factors * channels);
  largestChannels(rows, channels, factors).forEach((channel, k) => (oneHot[k * channels + channel] = 1));
  const principal = principalComponents(rows, channels, factors);
  return [
    nonNegative('factors', 'non-negative factors', directions, channels),
    nonNegative('channels', `the ${factors} channels with the largest sum of squares`, oneHot, channels),
    {
      name: 'principal components',
      description: 'signed, around the mean',
      reconstruct: (values) => principalReconstruction(values, principal),
    },
    nonNegative(
      'random directions',
      'non-negative, drawn at random',
      randomDirections(channels, factors, seed),
      channels,
    ),
  ];
}
