/** Eigenvectors of small symmetric matrices, by Jacobi's rotations: slow, simple, accurate and deterministic. */

export interface Eigen {
  /** Descending, [n]. */
  readonly values: Float64Array;
  /** Row i is the unit eigenvector of value i, its largest component positive, [n, n]. */
  readonly vectors: Float64Array;
}

/** @param matrix symmetric, [n, n]; not changed */
export function eigenSymmetric(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let scale = 0;
  for (const value of a) scale += value * value;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q] ** 2;
    if (off <= 1e-30 * scale) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q];
        if (apq === 0) continue;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const kp = a[k * n + p];
          const kq = a[k * n + q];
          a[k * n + p] = c * kp - s * kq;
          a[k * n + q] = s * kp + c * kq;
        }
        for (let k = 0; k < n; k++) {
          const pk = a[p * n + k];
          const qk = a[q * n + k];
          a[p * n + k] = c * pk - s * qk;
          a[q * n + k] = s * pk + c * qk;
          const vp = v[p * n + k];
          const vq = v[q * n + k];
          v[p * n + k] = c * vp - s * vq;
          v[q * n + k] = s * vp + c * vq;
        }
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const values = Float64Array.from(order, (i) => a[i * n + i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const vector = v.subarray(from * n, (from + 1) * n);
    let largest = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
    for (let k = 0; k < n; k++) vectors[to * n + k] = largest < 0 ? -vector[k] : vector[k];
  });
  return { values, vectors };
}

/** X^T X of X [rows, columns] -> [columns, columns]. */
export function gramMatrix(matrix: Float32Array, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  for (let x = 0; x < matrix.length; x += columns) {
    for (let i = 0; i < columns; i++) {
      const value = matrix[x + i];
      if (value === 0) continue;
      for (let j = i; j < columns; j++) gram[i * columns + j] += value * matrix[x + j];
    }
  }
  for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) gram[i * columns + j] = gram[j * columns + i];
  return gram;
}
