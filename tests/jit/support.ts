/** What every test of jit needs: an engine, and plain TensorFlow.js as the reference. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createJit, runtimeOf } from '@saccade/jit';
import { eagerCompile } from '@saccade/nn';
import type { CompilableFunction, HostData, HostTensor, Signature } from '@saccade/nn';
import type { Tolerance } from '../support/allClose.ts';
import '../support/allClose.ts';

export const jit = createJit<ort.InferenceSession.SessionOptions>(runtimeOf(ort), {
  limitBytes: 2 ** 28,
  session: { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' },
});

/** A cheap deterministic stream of numbers in [-1, 1). */
export function numbers(seed: number, count: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * 0.999;
  });
}

export function tensorOf(seed: number, shape: readonly number[]): HostTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, dtype: 'float32', data: numbers(seed, size) };
}

/** Any shape of few elements, of `rank` axes or of up to four. */
export function shapes(rank: { min: number; max: number }, longest = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: longest }), { minLength: rank.min, maxLength: rank.max });
}

export const seeds = fc.nat(1_000_000);

/** The same tensor; the traced value of an image then has its channels first, as behind a convolution. */
export function asImage<T extends tf.Tensor>(x: T): T {
  return x.rank === 4 && x.dtype === 'float32'
    ? (tf.avgPool(x as unknown as tf.Tensor4D, 1, 1, 'valid') as unknown as T)
    : x;
}

/** Elements of a float tensor moved into [low, high]. */
export function between(tensor: HostTensor, low: number, high: number): HostTensor {
  return { ...tensor, data: Float32Array.from(tensor.data, (x) => low + ((x + 1) / 2) * (high - low)) };
}

/** Small integers as floats, so that comparisons and maxima meet ties. */
export function coarse(tensor: HostTensor, levels = 3): HostTensor {
  return { ...tensor, data: Float32Array.from(tensor.data, (x) => Math.round(x * levels)) };
}

export function integers(tensor: HostTensor, low: number, high: number): HostTensor {
  const data = Int32Array.from(tensor.data, (x) => low + Math.floor(((x + 1) / 2) * (high - low + 1)));
  return { shape: tensor.shape, dtype: 'int32', data };
}

export function flags(tensor: HostTensor): HostTensor {
  return { shape: tensor.shape, dtype: 'bool', data: Uint8Array.from(tensor.data, (x) => (x > 0 ? 1 : 0)) };
}

type Runs = Record<string, HostTensor>;

/** Runs `fn` compiled and in plain TensorFlow.js; returns both. Inputs are graph inputs, constants initialisers. */
export async function both(
  fn: CompilableFunction,
  inputs: Runs,
  constants: Runs = {},
): Promise<{ compiled: Runs; plain: Runs }> {
  const signature: Signature = { inputs, constants };
  const data: Record<string, HostData> = Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, tensor.data]),
  );
  await tf.setBackend('cpu');
  const run = async (compile: typeof eagerCompile): Promise<Runs> => {
    const compiled = await compile(fn, signature);
    try {
      return await compiled(data);
    } finally {
      compiled.dispose();
    }
  };
  return { compiled: await run(jit.compile), plain: await run(eagerCompile) };
}

/** The compiled function gives what plain TensorFlow.js gives: same names, shapes, types, and values within tolerance. */
export async function expectParity(
  fn: CompilableFunction,
  inputs: Runs,
  tolerance: Tolerance = { absolute: 2e-6, relative: 2e-5 },
  constants: Runs = {},
): Promise<void> {
  const { compiled, plain } = await both(fn, inputs, constants);
  expect(Object.keys(compiled)).toEqual(Object.keys(plain));
  for (const [name, expected] of Object.entries(plain)) {
    expect(compiled[name].shape).toEqual(expected.shape);
    expect(compiled[name].dtype).toBe(expected.dtype);
    expect(compiled[name].data).toBeAllClose(expected.data, tolerance);
  }
}
