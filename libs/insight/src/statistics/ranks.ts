/** What depends on order alone: ranks, the area under the ROC curve, rank correlation. */
import { InputError } from '@saccade/core';
import { correlation } from '@saccade/attribution';

/** Ranks from 1, ties sharing their mean rank. */
export function midranks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half (Mann & Whitney
 * 1947). NaN where one of the two is missing.
 */
export function auroc(scores: ArrayLike<number>, positive: ArrayLike<number | boolean>): number {
  const ranks = midranks(scores);
  let sum = 0;
  let positives = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (!positive[i]) continue;
    sum += ranks[i];
    positives++;
  }
  const pairs = positives * (ranks.length - positives);
  return pairs === 0 ? Number.NaN : (sum - (positives * (positives + 1)) / 2) / pairs;
}

/** Pearson's correlation; NaN where one of the two does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new InputError(`pearson: expected ${a.length} values, got ${b.length}`);
  return correlation(a, b);
}

/** Spearman's rank correlation. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(midranks(a), midranks(b));
}

/** Least-squares slope of y on x. */
export function slope(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < x.length; i++) {
    meanX += x[i] / x.length;
    meanY += y[i] / x.length;
  }
  let xy = 0;
  let xx = 0;
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - meanX) * (y[i] - meanY);
    xx += (x[i] - meanX) ** 2;
  }
  return xx === 0 ? Number.NaN : xy / xx;
}
