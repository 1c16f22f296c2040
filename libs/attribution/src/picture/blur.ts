/** Gaussian blur of a picture: baselines and perturbations that remove detail and keep the mean. */
import { expectLength, InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';

/** Weights from the centre outward, cut at four sigmas; the whole kernel sums to 1. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.max(1, Math.round(4 * sigma));
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const sum = kernel.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0);
  return kernel.map((weight) => weight / sum);
}

/** Cells beyond an edge repeat it. */
function blurAxis(values: Float64Array, length: number, stride: number, starts: number[], kernel: Float64Array): void {
  const line = new Float64Array(length);
  for (const start of starts) {
    for (let i = 0; i < length; i++) {
      let sum = kernel[0] * values[start + i * stride];
      for (let k = 1; k < kernel.length; k++) {
        const before = Math.max(i - k, 0);
        const after = Math.min(i + k, length - 1);
        sum += kernel[k] * (values[start + before * stride] + values[start + after * stride]);
      }
      line[i] = sum;
    }
    for (let i = 0; i < length; i++) values[start + i * stride] = line[i];
  }
}

/**
 * Blurs each channel of [height, width, channel] (or [height, width]); edges repeat.
 * @param sigma standard deviation, positions
 */
export function gaussianBlur(values: Float32Array, shape: Shape, sigma: number): Float32Array {
  if (!(sigma > 0)) throw new InputError(`gaussianBlur: expected a sigma above 0, got ${sigma}`);
  expectLength('gaussianBlur', 'values', shape, values.length);
  const [height, width, channels = 1] = shape;
  const kernel = gaussianKernel(sigma);
  const blurred = Float64Array.from(values);
  const rowStarts: number[] = [];
  const columnStarts: number[] = [];
  for (let y = 0; y < height; y++) for (let c = 0; c < channels; c++) rowStarts.push(y * width * channels + c);
  for (let x = 0; x < width * channels; x++) columnStarts.push(x);
  blurAxis(blurred, width, channels, rowStarts, kernel);
  blurAxis(blurred, height, width * channels, columnStarts, kernel);
  return Float32Array.from(blurred);
}
