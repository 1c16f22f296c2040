/** PPO's two compiled functions, and a whole update, against plain TensorFlow.js. */
import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adamStep, gradientFunction, defaultPpoConfig } from '@saccade/agent';
import { buildNetwork } from '@saccade/nn';
import type { HostTensor } from '@saccade/nn';
import { between, both, expectParity, integers, jit, tensorOf } from './support.ts';

const rows = 4;
const network = buildNetwork('compact', [16, 16, 3], 7);

function parameterTensors(prefix: string, seed: number, scale: (fan: number) => number): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }], i) => {
      const tensor = tensorOf(seed + i, shape);
      const fan = shape.length === 1 ? 10 : tensor.data.length / shape[shape.length - 1];
      return [`${prefix}/${name}`, { ...tensor, data: Float32Array.from(tensor.data, (x) => x * scale(fan)) }];
    }),
  );
}

const batch: Record<string, HostTensor> = {
  ...parameterTensors('parameters', 1, (fan) => 1 / Math.sqrt(fan)),
  observations: {
    shape: [rows, 16, 16, 3],
    dtype: 'uint8',
    data: Uint8Array.from(tensorOf(3, [rows * 768]).data, (x) => (x + 1) * 127),
  },
  actions: integers(tensorOf(4, [rows]), 0, 6),
  oldLogProbabilities: between(tensorOf(5, [rows]), -3, -1),
  oldValues: tensorOf(6, [rows]),
  advantages: tensorOf(7, [rows]),
  returns: tensorOf(8, [rows]),
  // The last row is padding.
  weights: { shape: [rows], dtype: 'float32', data: Float32Array.of(1 / 3, 1 / 3, 1 / 3, 0) },
  entropyCoefficient: { shape: [], dtype: 'float32', data: Float32Array.of(0.01) },
};

describe('PPO compiled', () => {
  it.each([true, false])(
    'gives the loss, its parts and all gradients of a micro-batch, value clipping %s',
    async (clipValue) => {
      await expectParity(gradientFunction(network, { ...defaultPpoConfig, clipValue }), batch, {
        absolute: 2e-5,
        relative: 1e-3,
      });
    },
  );

  it('gives a padding row no say', async () => {
    const fn = await jit.compile(gradientFunction(network, defaultPpoConfig), { inputs: batch });
    const data = Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, tensor.data]));
    const before = await fn(data);
    const observations = (data.observations as Uint8Array).slice().fill(200, 3 * 768);
    const after = await fn({ ...data, observations });
    for (const [name, { data: values }] of Object.entries(before)) {
      expect(after[name].data).toBeAllClose(values, { absolute: 1e-6 });
    }
  });

  it('clips by the global norm and takes an Adam step', async () => {
    const names = Object.keys(network.parameters);
    const inputs = {
      ...parameterTensors('parameters', 1, (fan) => 1 / Math.sqrt(fan)),
      ...parameterTensors('gradients', 31, () => 0.1),
      ...parameterTensors('first', 61, () => 0.01),
      ...Object.fromEntries(
        Object.entries(parameterTensors('second', 91, () => 0.01)).map(([name, t]) => [name, between(t, 1e-6, 1e-3)]),
      ),
      stepSize: { shape: [], dtype: 'float32', data: Float32Array.of(5e-4) } as const,
      epsilon: { shape: [], dtype: 'float32', data: Float32Array.of(1e-6) } as const,
    };
    const { compiled, plain } = await both((tensors) => {
      const of = (kind: string): Record<string, tf.Tensor> =>
        Object.fromEntries(names.map((name) => [name, tensors[`${kind}/${name}`]]));
      const state = { parameters: of('parameters'), first: of('first'), second: of('second') };
      const next = adamStep(state, of('gradients'), tensors.stepSize, tensors.epsilon, 0.5);
      return {
        norm: next.gradientNorm,
        ...Object.fromEntries(names.map((name) => [name, next.parameters[name]])),
        ...Object.fromEntries(names.map((name) => [`next/first/${name}`, next.first[name]])),
        ...Object.fromEntries(names.map((name) => [`next/second/${name}`, next.second[name]])),
      };
    }, inputs);
    expect(plain.norm.data[0]).toBeGreaterThan(0.5);
    for (const [name, { data }] of Object.entries(plain))
      expect(compiled[name].data).toBeAllClose(data, { absolute: 1e-6 });
  });

  it('gives the same bytes each time', async () => {
    const fn = await jit.compile(gradientFunction(network, defaultPpoConfig), { inputs: batch });
    const data = Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, tensor.data]));
    const [first, second] = [await fn(data), await fn(data)];
    for (const [name, { data: values }] of Object.entries(first)) expect(second[name].data).toEqual(values);
  });
});
