/**
 * Dictionaries: a layer's channels gathered into a few factors by non-negative matrix factorisation, fitted on many
 * frames once and then used to read every frame.
 */
import { createStream, InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { encode, factorise } from '@saccade/attribution';
import type { PolicyCuts } from './cuts.ts';

export interface Dictionary {
  readonly layer: string;
  readonly factors: number;
  readonly channels: number;
  /** [factors, channels], non-negative. */
  readonly directions: Float32Array;
  /** The factor's colour in legends and pictures, 0xRRGGBB, [factors]. */
  readonly colours: readonly number[];
  /** 1 - squared error / squared activations, on the rows it was fitted on. */
  readonly explained: number;
}

export interface DictionaryOptions {
  readonly layer: string;
  readonly factors: number;
  /** Rows (positions) that the fit looks at; more are sampled down to it. 200,000 by default. */
  readonly maximumRows?: number;
  /** Seeds that sample. */
  readonly seed?: number;
  readonly progress?: (done: number) => void;
}

/** Evenly spaced hues; for eight factors, the colours of Understanding RL Vision. */
export function factorColours(count: number): number[] {
  if (count === 8) return [0xff0000, 0xffe400, 0xa1ff00, 0x00ff4e, 0x00ffff, 0x004eff, 0xa100ff, 0xff00e4];
  return Array.from({ length: count }, (_, i) => {
    const hue = (6 * i) / count;
    const channel = (shift: number): number => {
      const place = (hue + shift) % 6;
      return Math.round(255 * Math.min(1, Math.max(0, Math.abs(place - 3) - 1)));
    };
    return (channel(0) << 16) | (channel(4) << 8) | channel(2);
  });
}

/** A sample without replacement of `count` rows, in their order. */
function sampleRows(matrix: Float32Array, columns: number, count: number, seed: number): Float32Array {
  const rows = matrix.length / columns;
  if (rows <= count) return matrix;
  const stream = createStream(seed, 'dictionary');
  const sample = new Float32Array(count * columns);
  let taken = 0;
  for (let row = 0; row < rows && taken < count; row++) {
    if (stream.next() * (rows - row) >= count - taken) continue;
    sample.set(matrix.subarray(row * columns, (row + 1) * columns), taken * columns);
    taken++;
  }
  return sample;
}

export interface Dictionaries {
  fit(observations: Uint8Array, options: DictionaryOptions, cancellation?: Cancellation): Promise<Dictionary>;
  /** The bank's dictionary, fitted on first use; of this observation alone where there is no bank. */
  forLayer(
    observation: Uint8Array | Float32Array,
    layer: string,
    factors: number,
    cancellation?: Cancellation,
  ): Promise<Dictionary>;
}

export function createDictionaries(cuts: PolicyCuts, bank: Uint8Array | undefined): Dictionaries {
  const fitted = new Map<string, Dictionary>();

  async function fit(
    observations: Uint8Array | Float32Array,
    { layer, factors, maximumRows = 200_000, seed = 0, progress }: DictionaryOptions,
    cancellation?: Cancellation,
  ): Promise<Dictionary> {
    const { shape, activations } = await cuts.activations(observations, layer, cancellation);
    if (shape.length !== 3) {
      throw new InputError(`dictionary: expected a layer [height, width, channel], got ${layer} [${shape.join(', ')}]`);
    }
    const channels = shape[2];
    const rows = sampleRows(positivePart(activations), channels, maximumRows, seed);
    const { directions, error } = factorise(rows, channels, factors, { cancellation, progress });
    let squared = 0;
    for (const value of rows) squared += value * value;
    const explained = 1 - (error * error) / squared;
    return { layer, factors, channels, directions, colours: factorColours(factors), explained };
  }

  return {
    fit,
    async forLayer(observation, layer, factors, cancellation) {
      if (!bank) return fit(observation, { layer, factors }, cancellation);
      const key = `${layer}/${factors}`;
      const known = fitted.get(key) ?? (await fit(bank, { layer, factors }, cancellation));
      fitted.set(key, known);
      return known;
    },
  };
}

/** Sums of residual networks go below zero: what is below, the next ReLU does not see, nor do factors. */
function positivePart(activations: Float32Array): Float32Array {
  return activations.some((value) => value < 0) ? activations.map((value) => Math.max(0, value)) : activations;
}

/** How active each factor is at each row: activations [rows, channels] -> [rows, factors]. */
export function encodeWith({ directions, channels }: Dictionary, activations: Float32Array): Float32Array {
  return encode(positivePart(activations), directions, channels);
}
