/** Dictionaries of large sets of frames, and how much of one is left when chance falls otherwise. */
import { createStream, InputError, normal, sizeOf } from '@saccade/core';
import type { Cancellation, RandomStream } from '@saccade/core';
import { factoriseSteps } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
import { factorColours } from '../dictionary.ts';
import type { Dictionary } from '../dictionary.ts';
import type { OpenLayer } from '../layer/openLayer.ts';
import { inSteps, pause } from '../pause.ts';
import { matchDirections } from '../statistics/matching.ts';
import { sampleRows } from './rows.ts';

export interface FitRequest {
  readonly factors: number;
  /** Positions that the fit looks at, drawn from all frames: 200,000 by default. */
  readonly maximumRows?: number;
  readonly seed?: number;
  /** Fits signed attributions of this target instead of activations. */
  readonly attributionsOf?: Target;
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1. */
  readonly progress?: (done: number) => void;
}

export interface FittedDictionary extends Dictionary {
  /** What it was fitted on, [rows, channels], each row one position of one frame. */
  readonly rows: Float32Array;
  /** Frobenius norm of rows - reconstruction. */
  readonly error: number;
  readonly iterations: number;
}

/** Frames below which a dictionary says more of the frames than of the policy. */
const fewestFrames = 16;

/** Share of the work that reading the frames is; the rest is the factorisation. */
const readingShare = 0.3;

/**
 * @param observations values 0-255, [frames, height, width, channel]
 * @throws InputError with too few frames, more factors than channels, or a layer that is never active
 */
export async function fitDictionary(
  open: OpenLayer,
  observations: Uint8Array,
  { factors, maximumRows, seed = 0, attributionsOf, cancellation, progress }: FitRequest,
): Promise<FittedDictionary> {
  const size = sizeOf(open.policy.network.observationShape);
  const frames = observations.length / size;
  if (frames < fewestFrames) throw new InputError(`dictionary: expected ${fewestFrames} frames or more, got ${frames}`);
  if (!Number.isInteger(factors) || factors < 1 || factors > open.channels) {
    throw new InputError(
      `dictionary: expected 1 to ${open.channels} factors (channels of ${open.layer}), got ${factors}`,
    );
  }
  const rows = await sampleRows(open, observations, {
    maximumRows,
    seed,
    attributionsOf,
    cancellation,
    progress: (done) => progress?.(readingShare * done),
  });
  const { directions, error, iterations } = await inSteps(factoriseSteps(rows, open.channels, factors), {
    progress: (done) => progress?.(readingShare + (1 - readingShare) * done),
    cancellation,
    what: 'dictionary',
  });
  let squared = 0;
  for (const value of rows) squared += value * value;
  return {
    layer: open.layer,
    factors,
    channels: open.channels,
    directions,
    colours: factorColours(factors),
    explained: 1 - (error * error) / squared,
    rows,
    error,
    iterations,
  };
}

export interface Stability {
  /** Mean cosine of each factor with its partner, over the refits, [factors]. */
  readonly factors: Float64Array;
  /** Mean over factors, one a refit. */
  readonly refits: readonly number[];
}

export interface StabilityRequest {
  /** Refits of each kind; 10 by default. */
  readonly repeats?: number;
  /** Rows that each refit looks at; 20,000 by default. */
  readonly rows?: number;
  readonly seed?: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

function summarise(matchings: readonly { readonly cosines: Float64Array; readonly meanCosine: number }[]): Stability {
  const factors = matchings[0].cosines.map(
    (_, i) => matchings.reduce((sum, { cosines }) => sum + cosines[i], 0) / matchings.length,
  );
  return { factors, refits: matchings.map(({ meanCosine }) => meanCosine) };
}

/** scikit-learn's random start: |N(0, 1)| sqrt(mean / factors). */
function randomStart(
  rows: Float32Array,
  columns: number,
  factors: number,
  stream: RandomStream,
): { weights: Float64Array; directions: Float64Array } {
  let sum = 0;
  for (const value of rows) sum += value;
  const scale = Math.sqrt(sum / rows.length / factors);
  const draw = (length: number): Float64Array => Float64Array.from({ length }, () => Math.abs(normal(stream)) * scale);
  return { weights: draw((rows.length / columns) * factors), directions: draw(factors * columns) };
}

/**
 * Whether the factors are the layer's or chance's: refits from random starts on the same rows, and refits of rows of
 * frames drawn anew with replacement, each matched to `dictionary` so that the cosines are largest (Hungarian).
 * @param rowsOf rows of the frames with these indices, [rows, channels]
 */
export async function dictionaryStability(
  dictionary: FittedDictionary,
  rowsOf: (frames: Int32Array) => Promise<Float32Array>,
  frames: number,
  { repeats = 10, rows: most = 20_000, seed = 0, cancellation, progress }: StabilityRequest = {},
): Promise<{ readonly starts: Stability; readonly resamples: Stability }> {
  const { channels, factors, directions, rows } = dictionary;
  const stream = createStream(seed, 'stability');
  const thin = (values: Float32Array): Float32Array => {
    const count = values.length / channels;
    if (count <= most) return values;
    const kept = new Float32Array(most * channels);
    for (let i = 0; i < most; i++) {
      const row = Math.floor((i * count) / most);
      kept.set(values.subarray(row * channels, (row + 1) * channels), i * channels);
    }
    return kept;
  };
  const sample = thin(rows);
  const starts = [];
  const resamples = [];
  const refit = async (from: Float32Array, done: number, start?: ReturnType<typeof randomStart>) => {
    const steps = factoriseSteps(from, channels, factors, { start });
    const within = (share: number): void => progress?.((done + share) / (2 * repeats));
    const found = await inSteps(steps, { progress: within, cancellation, what: 'dictionary' });
    await pause((done + 1) / (2 * repeats), progress, cancellation, 'dictionary');
    return matchDirections(directions, found.directions, channels);
  };
  for (let i = 0; i < repeats; i++) {
    starts.push(await refit(sample, i, randomStart(sample, channels, factors, stream)));
  }
  for (let i = 0; i < repeats; i++) {
    const drawn = Int32Array.from({ length: frames }, () => stream.integer(frames));
    resamples.push(await refit(thin(await rowsOf(drawn)), repeats + i));
  }
  return { starts: summarise(starts), resamples: summarise(resamples) };
}
