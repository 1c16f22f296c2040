/** Small measures on plain vectors that several methods and metrics share. */

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** Elementwise mean of rows of one length, at least one. */
export function meanOf(rows: readonly Float64Array[]): Float64Array {
  if (rows.length === 1) return rows[0];
  return rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
}

/** ||now - before|| / ||now||; 0 where both are zero. */
export function relativeChange(now: ArrayLike<number>, before: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < now.length; i++) sum += (now[i] - before[i]) ** 2;
  return sum === 0 ? 0 : Math.sqrt(sum) / norm(now);
}

/** Pearson's correlation; NaN where one of the two does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [total(a) / a.length, total(b) / b.length];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa === 0 || bb === 0 ? Number.NaN : ab / Math.sqrt(aa * bb);
}
