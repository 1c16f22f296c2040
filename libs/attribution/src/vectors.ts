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

/** ||now - before|| / ||now||; 0 where both are zero. */
export function relativeChange(now: ArrayLike<number>, before: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < now.length; i++) sum += (now[i] - before[i]) ** 2;
  return sum === 0 ? 0 : Math.sqrt(sum) / norm(now);
}
