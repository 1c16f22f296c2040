/** Gaussian mixtures of colours: what a region looks like, as a density. */
import { InputError } from '@saccade/core';

/** log density of a colour [3]. */
export type ColourDensity = (red: number, green: number, blue: number) => number;

interface Gaussian {
  weight: number;
  mean: number[];
  /** Inverse covariance, [3, 3], and the log of the normaliser. */
  inverse: number[];
  logNormaliser: number;
}

/** Added to variances: flat art has regions of a single colour. Colours are bytes. */
const regulariser = 4;

function invert(m: readonly number[]): { inverse: number[]; determinant: number } {
  const [a, b, c, d, e, f, g, h, i] = m;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const inverse = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((value) => value / determinant);
  return { inverse, determinant };
}

function fitGaussian(colours: Float64Array, shares: Float64Array, stride: number, k: number): Gaussian | undefined {
  const count = colours.length / 3;
  let weight = 0;
  const mean = [0, 0, 0];
  for (let n = 0; n < count; n++) {
    const share = shares[n * stride + k];
    weight += share;
    for (let c = 0; c < 3; c++) mean[c] += share * colours[n * 3 + c];
  }
  if (weight < 1e-9) return undefined;
  for (let c = 0; c < 3; c++) mean[c] /= weight;
  const covariance = new Array<number>(9).fill(0);
  for (let n = 0; n < count; n++) {
    const share = shares[n * stride + k] / weight;
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        covariance[i * 3 + j] += share * (colours[n * 3 + i] - mean[i]) * (colours[n * 3 + j] - mean[j]);
      }
    }
  }
  for (let i = 0; i < 3; i++) covariance[i * 4] += regulariser;
  const { inverse, determinant } = invert(covariance);
  const logNormaliser = -0.5 * (3 * Math.log(2 * Math.PI) + Math.log(determinant));
  return { weight: weight / count, mean, inverse, logNormaliser };
}

function logDensity({ weight, mean, inverse, logNormaliser }: Gaussian, colour: readonly number[]): number {
  const d = colour.map((value, i) => value - mean[i]);
  let squared = 0;
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) squared += d[i] * inverse[i * 3 + j] * d[j];
  return Math.log(weight) + logNormaliser - 0.5 * squared;
}

function logSum(values: readonly number[]): number {
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/**
 * Expectation and maximisation from components dealt out by brightness, so that nothing is random.
 * @param colours RGB bytes, [colours, 3]
 */
export function fitMixture(colours: Float64Array, components = 5, iterations = 20): ColourDensity {
  const count = colours.length / 3;
  if (count === 0) throw new InputError('fitMixture: expected at least one colour, got none');
  const stride = Math.min(components, count);
  const brightness = (n: number): number => colours[n * 3] + colours[n * 3 + 1] + colours[n * 3 + 2];
  const order = Array.from({ length: count }, (_, n) => n).sort((a, b) => brightness(a) - brightness(b) || a - b);
  const shares = new Float64Array(count * stride);
  order.forEach((n, rank) => (shares[n * stride + Math.floor((rank * stride) / count)] = 1));
  let gaussians: Gaussian[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const fitted = Array.from({ length: stride }, (_, k) => fitGaussian(colours, shares, stride, k));
    gaussians = fitted.filter((gaussian) => gaussian !== undefined);
    for (let n = 0; n < count; n++) {
      const colour = [colours[n * 3], colours[n * 3 + 1], colours[n * 3 + 2]];
      const logs = fitted.map((gaussian) => (gaussian ? logDensity(gaussian, colour) : -Infinity));
      const all = logSum(logs);
      for (let k = 0; k < stride; k++) shares[n * stride + k] = Math.exp(logs[k] - all);
    }
  }
  return (...colour) => logSum(gaussians.map((gaussian) => logDensity(gaussian, colour)));
}
