/** Fresh parameters: orthogonal kernels, zero biases (Saxe et al. 2014), as PPO's published results use them. */
import { normal, sizeOf } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { HostTensor } from './compile.ts';
import type { Network } from './network.ts';

/** Rows [rows, columns] made orthonormal in place (Gram and Schmidt, twice for accuracy). Needs rows <= columns. */
function orthonormalise(matrix: Float64Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    const row = matrix.subarray(r * columns, (r + 1) * columns);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < r; other++) {
        const base = matrix.subarray(other * columns, (other + 1) * columns);
        let dot = 0;
        for (let i = 0; i < columns; i++) dot += row[i] * base[i];
        for (let i = 0; i < columns; i++) row[i] -= dot * base[i];
      }
    }
    let norm = 0;
    for (let i = 0; i < columns; i++) norm += row[i] * row[i];
    const scale = 1 / Math.sqrt(norm);
    for (let i = 0; i < columns; i++) row[i] *= scale;
  }
}

/** A kernel [..., inputs, outputs] whose flattened [n, outputs] matrix has orthogonal rows or columns, times `gain`. */
function orthogonal(shape: readonly number[], gain: number, stream: RandomStream): Float32Array {
  const outputs = shape[shape.length - 1];
  const inputs = sizeOf(shape) / outputs;
  const [rows, columns] = inputs < outputs ? [inputs, outputs] : [outputs, inputs];
  const matrix = Float64Array.from({ length: rows * columns }, () => normal(stream));
  orthonormalise(matrix, rows, columns);
  const kernel = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      kernel[i * outputs + o] = gain * (inputs < outputs ? matrix[i * columns + o] : matrix[o * columns + i]);
    }
  }
  return kernel;
}

/** One tensor for each of the network's parameters, in the order of its table. */
export function initialiseParameters(network: Network, stream: RandomStream): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape, gain }]) => {
      const data = gain === 0 ? new Float32Array(sizeOf(shape)) : orthogonal(shape, gain, stream);
      return [name, { shape, dtype: 'float32', data } satisfies HostTensor];
    }),
  );
}
