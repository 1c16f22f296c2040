/** Maps that know nothing of the model: what any method has to beat. */
import { expectLength } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { Size } from '../picture/resize.ts';

/** Independent uniform numbers, 0-1. */
export function uniformMap({ height, width }: Size, random: RandomStream): Float32Array {
  return Float32Array.from({ length: height * width }, () => random.next());
}

/** A Gaussian around the middle, a quarter of the frame wide: where the agent always is. */
export function centredMap({ height, width }: Size): Float32Array {
  return Float32Array.from({ length: height * width }, (_, p) => {
    const y = ((Math.floor(p / width) + 0.5) / height - 0.5) / 0.25;
    const x = (((p % width) + 0.5) / width - 0.5) / 0.25;
    return Math.exp(-0.5 * (x * x + y * y));
  });
}

/** Sobel's gradient magnitude of the brightness: wherever the picture has edges. Edges of the frame repeat. */
export function edgeMap(frame: ArrayLike<number>, { height, width }: Size): Float32Array {
  const channels = frame.length / (height * width);
  expectLength('edgeMap', 'frame', [height, width, Math.floor(channels)], frame.length);
  const brightness = (y: number, x: number): number => {
    const at = (Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)) * channels;
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += frame[at + c];
    return sum / channels;
  };
  return Float32Array.from({ length: height * width }, (_, p) => {
    const [y, x] = [Math.floor(p / width), p % width];
    const across = (row: number): number => brightness(row, x + 1) - brightness(row, x - 1);
    const down = (column: number): number => brightness(y + 1, column) - brightness(y - 1, column);
    const dx = across(y - 1) + 2 * across(y) + across(y + 1);
    const dy = down(x - 1) + 2 * down(x) + down(x + 1);
    return Math.hypot(dx, dy);
  });
}
