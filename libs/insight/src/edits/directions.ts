/** Control directions: random ones that carry exactly as much of a layer's variance as the direction under test. */
import { InputError, normal } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { principalComponents } from '@saccade/attribution';

/** Covariance of rows [rows, channels] -> [channels, channels]. */
export function covarianceOf(rows: ArrayLike<number>, channels: number): Float64Array {
  const count = rows.length / channels;
  const mean = new Float64Array(channels);
  for (let at = 0; at < rows.length; at++) mean[at % channels] += rows[at] / count;
  const covariance = new Float64Array(channels * channels);
  for (let row = 0; row < rows.length; row += channels) {
    for (let i = 0; i < channels; i++) {
      const a = rows[row + i] - mean[i];
      for (let j = i; j < channels; j++) covariance[i * channels + j] += (a * (rows[row + j] - mean[j])) / count;
    }
  }
  for (let i = 0; i < channels; i++)
    for (let j = 0; j < i; j++) covariance[i * channels + j] = covariance[j * channels + i];
  return covariance;
}

/** Variance of the rows along a direction of any length. */
export function varianceAlong(direction: ArrayLike<number>, covariance: Float64Array): number {
  const n = direction.length;
  let sum = 0;
  let squared = 0;
  for (let i = 0; i < n; i++) {
    squared += direction[i] ** 2;
    for (let j = 0; j < n; j++) sum += direction[i] * covariance[i * n + j] * direction[j];
  }
  return squared === 0 ? 0 : sum / squared;
}

/**
 * Random directions along which the rows vary exactly as much as along `direction`: a random one turned towards the
 * direction of most (or of least) variance until it matches.
 * @param rows [rows, channels]
 * @returns [count, channels], unit length
 */
export function matchedDirections(
  direction: ArrayLike<number>,
  rows: ArrayLike<number>,
  count: number,
  stream: RandomStream,
): Float32Array[] {
  const channels = direction.length;
  if (rows.length % channels !== 0 || rows.length < 2 * channels) {
    throw new InputError(`matchedDirections: expected rows of ${channels} channels, got ${rows.length} values`);
  }
  const covariance = covarianceOf(rows, channels);
  const target = varianceAlong(direction, covariance);
  const { components } = principalComponents(rows, channels, channels);
  const most = components.subarray(0, channels);
  const least = components.subarray((channels - 1) * channels);
  return Array.from({ length: count }, () => {
    const start = unit(Float64Array.from({ length: channels }, () => normal(stream)));
    const towards = varianceAlong(start, covariance) < target ? most : least;
    const sign = dot(start, towards) < 0 ? -1 : 1;
    const mixed = (t: number): Float64Array => unit(start.map((value, i) => (1 - t) * value + t * sign * towards[i]));
    const below = (t: number): boolean => varianceAlong(mixed(t), covariance) < target;
    const rising = towards === most;
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (below(middle) === rising) low = middle;
      else high = middle;
    }
    return Float32Array.from(mixed((low + high) / 2));
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}
