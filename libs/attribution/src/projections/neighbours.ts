/**
 * t-SNE (van der Maaten & Hinton 2008), exact and deterministic: points that are near in many dimensions stay near in
 * two. Algorithm, constants and stopping rule are those of scikit-learn's exact method, so that embeddings can be
 * compared with it; cost and memory are quadratic in the number of points.
 */
import { expectLength, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { principalComponents } from './principal.ts';

export interface TsneOptions {
  /** Effective number of neighbours, below a third of the points; 30, or less where there are few points. */
  readonly perplexity?: number;
  /** 1000 by default, of which the first 250 with early exaggeration. */
  readonly iterations?: number;
  /** [points, 2]; principal components scaled to standard deviation 1e-4 by default. */
  readonly start?: Float64Array;
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1. */
  readonly progress?: (done: number) => void;
}

export interface Embedding {
  /** [points, 2]. */
  readonly coordinates: Float64Array;
  /** KL divergence of the embedding's neighbourhoods from the points', nats. */
  readonly divergence: number;
  readonly perplexity: number;
  readonly iterations: number;
}

const smallest = Number.EPSILON;
const exaggeration = 12;
const exploration = 250;
const checkEvery = 50;
/** The gradient's norm at which descent stops, and how long without progress. */
const leastGradient = 1e-7;
const patience = 300;
const leastGain = 0.01;
const bisections = 100;
const bisectionTolerance = 1e-5;

/** Squared Euclidean distances between the rows of `points` [points, columns] -> [points, points]. */
export function squaredDistances(points: ArrayLike<number>, columns: number): Float64Array {
  const rows = points.length / columns;
  expectLength('squaredDistances', 'points', [Math.floor(rows), columns], points.length);
  const distances = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      let sum = 0;
      for (let c = 0, a = i * columns, b = j * columns; c < columns; c++) sum += (points[a + c] - points[b + c]) ** 2;
      distances[i * rows + j] = distances[j * rows + i] = sum;
    }
  }
  return distances;
}

/**
 * Symmetric neighbourhood probabilities whose every row has the wanted perplexity, summing to 1.
 * @param distances squared, [points, points]
 */
export function jointProbabilities(distances: ArrayLike<number>, rows: number, perplexity: number): Float64Array {
  const wanted = Math.log(perplexity);
  const conditional = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    let low = -Infinity;
    let high = Infinity;
    let beta = 1;
    const at = i * rows;
    for (let step = 0; step < bisections; step++) {
      let total = 0;
      for (let j = 0; j < rows; j++) {
        const p = j === i ? 0 : Math.exp(-distances[at + j] * beta);
        conditional[at + j] = p;
        total += p;
      }
      if (total === 0) total = 1e-8;
      let expected = 0;
      for (let j = 0; j < rows; j++) {
        conditional[at + j] /= total;
        expected += distances[at + j] * conditional[at + j];
      }
      const excess = Math.log(total) + beta * expected - wanted;
      if (Math.abs(excess) <= bisectionTolerance) break;
      if (excess > 0) {
        low = beta;
        beta = high === Infinity ? beta * 2 : (beta + high) / 2;
      } else {
        high = beta;
        beta = low === -Infinity ? beta / 2 : (beta + low) / 2;
      }
    }
  }
  const joint = new Float64Array(rows * rows);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) total += joint[i * rows + j] = conditional[i * rows + j] + conditional[j * rows + i];
  }
  return joint.map((value) => Math.max(value / Math.max(total, smallest), smallest));
}

/** Gradient of the divergence into `gradient` [points, 2]; returns the divergence. */
function divergenceInto(
  gradient: Float64Array,
  positions: Float64Array,
  joint: Float64Array,
  scale: number,
  kernel: Float64Array,
): number {
  const rows = positions.length / 2;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      const dx = positions[2 * i] - positions[2 * j];
      const dy = positions[2 * i + 1] - positions[2 * j + 1];
      const value = 1 / (1 + dx * dx + dy * dy);
      kernel[i * rows + j] = value;
      total += 2 * value;
    }
  }
  gradient.fill(0);
  let divergence = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      const value = kernel[i * rows + j];
      const p = joint[i * rows + j] * scale;
      const q = Math.max(value / total, smallest);
      divergence += 2 * p * Math.log(Math.max(p, smallest) / q);
      const force = 4 * (p - q) * value;
      const dx = force * (positions[2 * i] - positions[2 * j]);
      const dy = force * (positions[2 * i + 1] - positions[2 * j + 1]);
      gradient[2 * i] += dx;
      gradient[2 * i + 1] += dy;
      gradient[2 * j] -= dx;
      gradient[2 * j + 1] -= dy;
    }
  }
  return divergence;
}

function defaultStart(points: ArrayLike<number>, columns: number): Float64Array {
  const { coordinates } = principalComponents(points, columns, Math.min(2, columns));
  const rows = points.length / columns;
  const width = coordinates.length / rows;
  let squared = 0;
  for (let i = 0; i < rows; i++) squared += coordinates[i * width] ** 2;
  const scale = squared === 0 ? 0 : 1e-4 / Math.sqrt(squared / rows);
  return Float64Array.from({ length: 2 * rows }, (_, at) =>
    width === 2 ? coordinates[at] * scale : at % 2 === 0 ? coordinates[at / 2] * scale : 0,
  );
}

/**
 * @param points [points, columns]
 * @throws InputError with fewer than four points, or a perplexity that the points cannot have
 */
export function tsne(points: ArrayLike<number>, columns: number, options: TsneOptions = {}): Embedding {
  const steps = tsneSteps(points, columns, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** `tsne`, some iterations at a time, for callers that have something else to do in between. Yields the share done. */
export function* tsneSteps(
  points: ArrayLike<number>,
  columns: number,
  options: TsneOptions = {},
): Generator<number, Embedding> {
  const rows = points.length / columns;
  expectLength('tsne', 'points', [Math.floor(rows), columns], points.length);
  if (rows < 4) throw new InputError(`tsne: expected at least 4 points, got ${rows}`);
  const { iterations = 1000, cancellation, progress } = options;
  const perplexity = options.perplexity ?? Math.min(30, (rows - 1) / 3);
  if (!(perplexity >= 1 && perplexity < rows)) {
    throw new InputError(`tsne: expected a perplexity from 1 to below the ${rows} points, got ${perplexity}`);
  }
  const positions = (options.start ?? defaultStart(points, columns)).slice();
  expectLength('tsne', 'start', [rows, 2], positions.length);
  const joint = jointProbabilities(squaredDistances(points, columns), rows, perplexity);
  const rate = Math.max(rows / exaggeration / 4, 50);
  const gains = new Float64Array(2 * rows).fill(1);
  const update = new Float64Array(2 * rows);
  const gradient = new Float64Array(2 * rows);
  const kernel = new Float64Array(rows * rows);
  let done = 0;
  let divergence = Infinity;

  function* descend(until: number, momentum: number, scale: number, patient: number): Generator<number, void> {
    update.fill(0);
    gains.fill(1);
    let best = Infinity;
    let bestAt = done;
    for (; done < until; done++) {
      divergence = divergenceInto(gradient, positions, joint, scale, kernel);
      let squared = 0;
      for (let i = 0; i < gradient.length; i++) {
        squared += gradient[i] ** 2;
        gains[i] = Math.max(update[i] * gradient[i] < 0 ? gains[i] + 0.2 : gains[i] * 0.8, leastGain);
        update[i] = momentum * update[i] - rate * gains[i] * gradient[i];
        positions[i] += update[i];
      }
      if ((done + 1) % checkEvery !== 0) continue;
      throwIfAborted(cancellation, 'tsne');
      progress?.((done + 1) / iterations);
      yield (done + 1) / iterations;
      if (divergence < best) {
        best = divergence;
        bestAt = done;
      } else if (done - bestAt > patient) break;
      if (Math.sqrt(squared) <= leastGradient) break;
    }
  }
  yield* descend(Math.min(exploration, iterations), 0.5, exaggeration, exploration);
  if (done < iterations) yield* descend(iterations, 0.8, 1, patience);
  divergence = divergenceInto(gradient, positions, joint, 1, kernel);
  return { coordinates: positions, divergence, perplexity, iterations: done };
}
