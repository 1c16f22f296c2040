/**
 * Do a map's sums foretell what perturbations do? The perturbations and their effects do not depend on the map, so
 * they are sampled once a frame and every map is scored on the same ones.
 */
import { InputError, normal, shuffle, throwIfAborted } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { evaluationOf, expectSpatial } from '../method.ts';
import type { AttributionRequest } from '../method.ts';
import { correlation, norm } from '../vectors.ts';

export interface PerturbationSample {
  /** What was taken away at each position, [samples, height x width]: 0 or 1 for subsets, any number for noise. */
  readonly perturbations: Float32Array;
  /** score - score of the perturbed activation, [samples]. */
  readonly drops: Float64Array;
}

async function sample(
  request: AttributionRequest,
  perturbations: Float32Array,
  perturb: (point: Float32Array, row: Float32Array) => void,
): Promise<PerturbationSample> {
  const { activation, attributor, target, cancellation } = request;
  const { size, largestBatch } = attributor;
  const [height, width] = attributor.model.shape;
  const positions = height * width;
  const samples = perturbations.length / positions;
  const [score] = await attributor.scores(activation, target, evaluationOf(request));
  const drops = new Float64Array(samples);
  for (let start = 0; start < samples; start += largestBatch) {
    throwIfAborted(cancellation, 'perturbations');
    const count = Math.min(largestBatch, samples - start);
    const points = new Float32Array(count * size);
    for (let k = 0; k < count; k++) {
      const point = points.subarray(k * size, (k + 1) * size);
      point.set(activation);
      perturb(point, perturbations.subarray((start + k) * positions, (start + k + 1) * positions));
    }
    const scores = await attributor.scores(points, target, evaluationOf(request));
    scores.forEach((value, k) => (drops[start + k] = score - value));
  }
  return { perturbations, drops };
}

/** Random subsets of positions, replaced by `fill` (zeros by default). `share` of all positions each. */
export function sampleSubsets(
  request: AttributionRequest,
  random: RandomStream,
  { samples = 100, share = 0.1, fill = new Float32Array(request.activation.length) } = {},
): Promise<PerturbationSample> {
  const [height, width, channels] = expectSpatial('sampleSubsets', request.attributor.model.shape);
  const positions = height * width;
  const size = Math.max(1, Math.round(share * positions));
  const perturbations = new Float32Array(samples * positions);
  const order = Int32Array.from({ length: positions }, (_, i) => i);
  for (let row = 0; row < samples; row++) {
    shuffle(order, random);
    for (let i = 0; i < size; i++) perturbations[row * positions + order[i]] = 1;
  }
  return sample(request, perturbations, (point, row) => {
    row.forEach((removed, p) => {
      if (removed) point.set(fill.subarray(p * channels, (p + 1) * channels), p * channels);
    });
  });
}

/** Gaussian noise that all channels of a position share, subtracted. `deviation` in the activation's units. */
export function sampleNoise(
  request: AttributionRequest,
  random: RandomStream,
  { samples = 100, deviation = 0.1 } = {},
): Promise<PerturbationSample> {
  const [height, width, channels] = expectSpatial('sampleNoise', request.attributor.model.shape);
  const perturbations = Float32Array.from({ length: samples * height * width }, () => deviation * normal(random));
  return sample(request, perturbations, (point, row) => {
    for (let i = 0; i < point.length; i++) point[i] -= row[Math.floor(i / channels)];
  });
}

function sums(values: Float32Array, { perturbations, drops }: PerturbationSample): Float64Array {
  if (perturbations.length !== drops.length * values.length) {
    throw new InputError(
      `perturbation metric: expected a map of ${perturbations.length / drops.length} positions, got ${values.length}`,
    );
  }
  return drops.map((_, row) => {
    let sum = 0;
    for (let i = 0, at = row * values.length; i < values.length; i++, at++) sum += perturbations[at] * values[i];
    return sum;
  });
}

/**
 * Pearson's correlation over subsets of the map's sum with the target's drop: 0 for a map that knows nothing; NaN
 * where one of the two does not vary. Ancona et al. 2018, https://arxiv.org/abs/1711.06104.
 */
export function sensitivityN(values: Float32Array, subsets: PerturbationSample): number {
  return correlation(sums(values, subsets), subsets.drops);
}

export interface Infidelity {
  /** Mean squared error of scale x (noise . map) as a forecast of the drop, in the target's units squared. */
  readonly error: number;
  /** The same relative to forecasting no drop: 0 perfect, 1 useless. */
  readonly relative: number;
  /** The best scale of this map. */
  readonly scale: number;
}

/** E[(scale I . map - (f(x) - f(x - I)))^2], the scale optimal. Yeh et al. 2019, https://arxiv.org/abs/1901.09392. */
export function infidelity(values: Float32Array, noise: PerturbationSample): Infidelity {
  const forecasts = sums(values, noise);
  let forecastDrop = 0;
  let forecastSquared = 0;
  let dropSquared = 0;
  forecasts.forEach((forecast, i) => {
    forecastDrop += forecast * noise.drops[i];
    forecastSquared += forecast * forecast;
    dropSquared += noise.drops[i] ** 2;
  });
  const scale = forecastSquared === 0 ? 0 : forecastDrop / forecastSquared;
  const squared = Math.max(0, dropSquared - scale * forecastDrop);
  return { error: squared / noise.drops.length, relative: dropSquared === 0 ? 0 : squared / dropSquared, scale };
}

/**
 * The largest relative change of a map under small uniform noise. Yeh et al. 2019.
 * @param explain the map of an activation
 * @param radius of the noise, in the activation's units
 */
export async function maxSensitivity(
  activation: Float32Array,
  explain: (activation: Float32Array) => Promise<Float32Array>,
  random: RandomStream,
  { samples = 10, radius = 0.02 } = {},
): Promise<number> {
  const original = await explain(activation);
  const size = norm(original);
  let largest = 0;
  for (let i = 0; i < samples; i++) {
    const map = await explain(activation.map((value) => value + radius * (2 * random.next() - 1)));
    const change = norm(map.map((value, at) => value - original[at]));
    largest = Math.max(largest, size === 0 ? (change === 0 ? 0 : Infinity) : change / size);
  }
  return largest;
}
