/** What every test of jit needs: an engine, and plain TensorFlow.js as the reference. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
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
