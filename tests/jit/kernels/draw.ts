/** What the table of all kernels draws its cases with. */
import type * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { HostTensor } from '@saccade/nn';
import { asImage, integers, numbers, shapes, tensorOf } from '../support.ts';

export type Draw = fc.GeneratorValue;

export interface Case {
  readonly inputs: Readonly<Record<string, HostTensor>>;
  /** Results by name; the slope is taken of `y`, or of all results where there is none of that name. */
  f(inputs: Record<string, tf.Tensor>): Readonly<Record<string, tf.Tensor>>;
  /** Inputs along which the slope is taken. Absent: all that are float32. */
  readonly along?: readonly string[];
}

export interface KernelCase {
  draw(draw: Draw): Case;
  /** Why finite differences do not say what the gradient should be, where TensorFlow.js has a gradient. */
  readonly noSlope?: string;
  /** TensorFlow.js registers no gradient for the kernel itself, and yet what calls it has one. */
  readonly slope?: true;
}

export type KernelCases = Readonly<Record<string, KernelCase>>;

const range = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const oneOf = (choices: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...choices);
const shapeOf = (min: number, max: number, longest: number): fc.Arbitrary<number[]> => shapes({ min, max }, longest);

export function within(draw: Draw, min: number, max: number): number {
  return draw(range, min, max);
}

export function choose<T>(draw: Draw, choices: readonly T[]): T {
  return draw(oneOf, choices) as T;
}

export function shape(draw: Draw, min = 1, max = 4, longest = 4): number[] {
  return draw(shapeOf, min, max, longest);
}

export function seed(draw: Draw): number {
  return draw(range, 0, 1_000_000);
}

/** Numbers in [-1, 1). */
export function floats(draw: Draw, dims: readonly number[]): HostTensor {
  return tensorOf(seed(draw), dims);
}

/**
 * Numbers within 0.05 of `offset` plus a multiple of 0.5, in [-2.3, 2.8]: 0.2 and more from where pointwise functions
 * have their corners, and from another tensor's numbers of another offset.
 */
export function onGrid(draw: Draw, dims: readonly number[], offset = 0.25): HostTensor {
  const drawn = floats(draw, dims);
  const jitter = numbers(seed(draw), drawn.data.length);
  return { ...drawn, data: Float32Array.from(drawn.data, (x, i) => Math.round(x * 4) / 2 + offset + jitter[i] / 20) };
}

/** No two within 0.2, in an order without pattern. */
export function distinct(draw: Draw, dims: readonly number[]): HostTensor {
  const order = floats(draw, dims).data;
  const ranks = [...order.keys()].sort((a, b) => order[a] - order[b]);
  const data = new Float32Array(order.length);
  ranks.forEach((place, rank) => (data[place] = (rank - order.length / 2) / 4));
  return { shape: dims, dtype: 'float32', data };
}

export function whole(draw: Draw, dims: readonly number[], low: number, high: number): HostTensor {
  return integers(floats(draw, dims), low, high);
}

/** The tensor in either order of axes, as `draw` has it: an image's channels come first behind a convolution. */
export function eitherOrder(draw: Draw): (x: tf.Tensor) => tf.Tensor {
  return choose(draw, [true, false]) ? asImage : (x) => x;
}

/** Axis of a shape, from either end. */
export function axisOf(draw: Draw, dims: readonly number[], fromEnd = true): number {
  return within(draw, fromEnd ? -dims.length : 0, dims.length - 1);
}
