/** Where factorisation starts: the singular vectors' positive halves, which need no random numbers. */
import { eigenSymmetric, gramMatrix } from './symmetric.ts';

/** Smaller entries start at zero, as in scikit-learn. */
const smallest = 1e-6;

/**
 * NNDSVD (Boutsidis & Gallopoulos 2008): each factor is the positive or the negative half of a singular pair,
 * whichever is larger.
 * @param matrix [rows, columns], non-negative
 * @returns W [rows, factors] and H [factors, columns]
 */
export function nonNegativeStart(
  matrix: Float32Array,
  columns: number,
  factors: number,
): { weights: Float64Array; directions: Float64Array } {
  const rows = matrix.length / columns;
  const { values, vectors } = eigenSymmetric(gramMatrix(matrix, columns), columns);
  const weights = new Float64Array(rows * factors);
  const directions = new Float64Array(factors * columns);
  const left = new Float64Array(rows);
  for (let f = 0; f < factors; f++) {
    const singular = Math.sqrt(Math.max(values[f], 0));
    if (singular === 0) continue;
    const right = vectors.subarray(f * columns, (f + 1) * columns);
    let leftPositive = 0;
    let leftNegative = 0;
    let rightPositive = 0;
    let rightNegative = 0;
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let c = 0, x = row * columns; c < columns; c++) sum += matrix[x + c] * right[c];
      const value = sum / singular;
      left[row] = value;
      if (value > 0) leftPositive += value * value;
      else leftNegative += value * value;
    }
    for (const value of right) {
      if (value > 0) rightPositive += value * value;
      else rightNegative += value * value;
    }
    // The first pair of a non-negative matrix has one sign throughout, up to rounding.
    const positive = f === 0 || leftPositive * rightPositive > leftNegative * rightNegative;
    const sign = positive ? 1 : -1;
    const leftNorm = Math.sqrt(f === 0 ? 1 : positive ? leftPositive : leftNegative);
    const rightNorm = Math.sqrt(f === 0 ? 1 : positive ? rightPositive : rightNegative);
    if (leftNorm === 0 || rightNorm === 0) continue;
    const scale = Math.sqrt(singular * leftNorm * rightNorm);
    for (let row = 0; row < rows; row++) {
      const value = f === 0 ? Math.abs(left[row]) : Math.max(0, sign * left[row]);
      const start = (scale * value) / leftNorm;
      weights[row * factors + f] = start < smallest ? 0 : start;
    }
    for (let c = 0; c < columns; c++) {
      const value = f === 0 ? Math.abs(right[c]) : Math.max(0, sign * right[c]);
      const start = (scale * value) / rightNorm;
      directions[f * columns + c] = start < smallest ? 0 : start;
    }
  }
  return { weights, directions };
}
