/**
 * Pictures as sums of waves, large waves strong and small ones weak, as in natural pictures: optimised in these
 * numbers rather than in pixels, pictures do not dissolve into noise. The waves are Hartley's (cosine plus sine), a
 * real form of Fourier's, whose orthonormal transform is symmetric and its own inverse, so also its own transpose.
 */

/** [length, length]: cos + sin of 2 pi k n / length, over sqrt(length). */
function hartley(length: number): Float64Array {
  const matrix = new Float64Array(length * length);
  for (let k = 0; k < length; k++) {
    for (let n = 0; n < length; n++) {
      const angle = (2 * Math.PI * ((k * n) % length)) / length;
      matrix[k * length + n] = (Math.cos(angle) + Math.sin(angle)) / Math.sqrt(length);
    }
  }
  return matrix;
}

export interface Spectrum {
  /** Amplitudes -> picture, both [height, width, channel]; linear. */
  toPicture(amplitudes: Float32Array): Float32Array;
  /** The transpose: a gradient at the picture, brought to the amplitudes. */
  pullBack(gradient: Float32Array): Float32Array;
}

/** Of all amplitudes; lucid's choice. */
const gain = 1 / 4;

/** Amplitudes are divided by their frequency, at least one wave a picture (Olah et al. 2017, preconditioning). */
export function createSpectrum(height: number, width: number, channels: number): Spectrum {
  const rows = hartley(height);
  const columns = hartley(width);
  const strengths = new Float64Array(height * width);
  const slowest = 1 / Math.max(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const frequency = Math.hypot(Math.min(y, height - y) / height, Math.min(x, width - x) / width);
      strengths[y * width + x] = gain / Math.max(frequency, slowest);
    }
  }
  const transform = (values: Float32Array | Float64Array): Float64Array => {
    const half = new Float64Array(values.length);
    const line = width * channels;
    for (let k = 0; k < height; k++) {
      for (let y = 0; y < height; y++) {
        const factor = rows[k * height + y];
        for (let i = 0; i < line; i++) half[k * line + i] += factor * values[y * line + i];
      }
    }
    const result = new Float64Array(values.length);
    for (let y = 0; y < height; y++) {
      for (let k = 0; k < width; k++) {
        for (let x = 0; x < width; x++) {
          const factor = columns[k * width + x];
          for (let c = 0; c < channels; c++) {
            result[y * line + k * channels + c] += factor * half[y * line + x * channels + c];
          }
        }
      }
    }
    return result;
  };
  return {
    toPicture: (amplitudes) =>
      Float32Array.from(transform(amplitudes.map((value, i) => value * strengths[Math.floor(i / channels)]))),
    pullBack: (gradient) =>
      Float32Array.from(transform(gradient), (value, i) => value * strengths[Math.floor(i / channels)]),
  };
}
