/** Tests of paired outcomes, exact, and their correction for many at once. */
import { InputError } from '@saccade/core';

/** ln n! by summation, exact to rounding for the counts met here. */
function logFactorials(n: number): Float64Array {
  const table = new Float64Array(n + 1);
  for (let i = 2; i <= n; i++) table[i] = table[i - 1] + Math.log(i);
  return table;
}

/** P(X <= k) of a fair coin thrown n times. */
function halfTail(k: number, n: number): number {
  const table = logFactorials(n);
  let sum = 0;
  for (let i = 0; i <= k; i++) sum += Math.exp(table[n] - table[i] - table[n - i] - n * Math.LN2);
  return sum;
}

/**
 * McNemar's exact test: are discordant pairs as often one way as the other? Two-sided, from the binomial distribution
 * (McNemar 1947).
 * @param onlyFirst pairs in which only the first arm had the outcome
 * @param onlySecond pairs in which only the second arm had it
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond]) {
    if (!Number.isInteger(count) || count < 0) throw new InputError(`mcnemarExact: expected counts, got ${count}`);
  }
  return Math.min(1, 2 * halfTail(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond));
}

/** Holm's step-down correction (Holm 1979): adjusted p values, in the order given. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = largest;
  });
  return adjusted;
}
