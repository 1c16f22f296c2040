/** Pictures shifted, scaled and turned: for curves of invariance, and to keep optimised pictures from pixel tricks. */
import { expectLength } from '@saccade/core';
import type { Shape } from '@saccade/core';

export interface Transformation {
  /** Where the content goes, pixels, right and down. */
  readonly dx?: number;
  readonly dy?: number;
  /** Above 1 enlarges, about the centre. */
  readonly scale?: number;
  /** Clockwise on the screen, about the centre. */
  readonly degrees?: number;
}

interface Tap {
  /** Index of the pixel read, and of the one written. */
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** The four taps of every pixel's bilinear sample; what lies outside is left out. */
function taps([height, width]: Shape, { dx = 0, dy = 0, scale = 1, degrees = 0 }: Transformation): Tap[] {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [centreY, centreX] = [(height - 1) / 2, (width - 1) / 2];
  const made: Tap[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [v, u] = [y - centreY - dy, x - centreX - dx];
      const sourceY = centreY + cos * v - sin * u;
      const sourceX = centreX + sin * v + cos * u;
      const [top, left] = [Math.floor(sourceY), Math.floor(sourceX)];
      for (const [row, column] of [
        [top, left],
        [top, left + 1],
        [top + 1, left],
        [top + 1, left + 1],
      ]) {
        const weight = (1 - Math.abs(sourceY - row)) * (1 - Math.abs(sourceX - column));
        if (row < 0 || column < 0 || row >= height || column >= width || weight === 0) continue;
        made.push({ from: row * width + column, to: y * width + x, weight });
      }
    }
  }
  return made;
}

export interface AffineMap {
  /** The picture transformed; outside is `fill`. */
  apply(picture: Float32Array, fill?: number): Float32Array;
  /** The transpose: a gradient at the transformed picture, brought to the original. */
  pullBack(gradient: Float32Array): Float32Array;
}

/** @param shape [height, width, channel] */
export function affineMap(shape: Shape, transformation: Transformation): AffineMap {
  const all = taps(shape, transformation);
  const channels = shape[2];
  return {
    apply(picture, fill = 0) {
      expectLength('affineMap', 'picture', shape, picture.length);
      const result = new Float32Array(picture.length).fill(fill);
      for (const { from, to, weight } of all) {
        for (let c = 0; c < channels; c++) result[to * channels + c] += weight * (picture[from * channels + c] - fill);
      }
      return result;
    },
    pullBack(gradient) {
      expectLength('affineMap', 'gradient', shape, gradient.length);
      const result = new Float32Array(gradient.length);
      for (const { from, to, weight } of all) {
        for (let c = 0; c < channels; c++) result[from * channels + c] += weight * gradient[to * channels + c];
      }
      return result;
    },
  };
}
