/** Choosing actions from logits, on the host, from a stream that is handed in. */
import type { RandomStream } from '@saccade/core';

/** Softmax of one row into `out`, computed in float64. */
export function softmaxInto(out: Float64Array, logits: Float32Array, start: number, count: number): void {
  let largest = -Infinity;
  for (let i = 0; i < count; i++) largest = Math.max(largest, logits[start + i]);
  let total = 0;
  for (let i = 0; i < count; i++) total += out[i] = Math.exp(logits[start + i] - largest);
  for (let i = 0; i < count; i++) out[i] /= total;
}

/** Softmax of `logits` [actions]. */
export function probabilitiesOf(logits: Float32Array): Float64Array {
  const probabilities = new Float64Array(logits.length);
  softmaxInto(probabilities, logits, 0, logits.length);
  return probabilities;
}

/** An index drawn with the given probabilities, which sum to 1. */
export function sampleIndex(probabilities: ArrayLike<number>, stream: RandomStream): number {
  let rest = stream.next();
  for (let i = 0; i < probabilities.length - 1; i++) {
    rest -= probabilities[i];
    if (rest < 0) return i;
  }
  return probabilities.length - 1;
}

export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
