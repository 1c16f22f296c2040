/**
 * All kernels of jit in one table: over random shapes, axes, windows and ties each gives what plain TensorFlow.js gives,
 * and each that has a gradient has the one that finite differences of the compiled function itself show.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { trace } from '@saccade/jit';
import { eagerCompile } from '@saccade/nn';
import type { HostData, HostTensor } from '@saccade/nn';
import { jit, numbers } from './support.ts';
import { axesCases } from './kernels/axes.ts';
import { imageCases } from './kernels/images.ts';
import { pointwiseCases } from './kernels/pointwise.ts';
import type { Case, KernelCases } from './kernels/draw.ts';

const cases: KernelCases = { ...pointwiseCases, ...axesCases, ...imageCases };
const backend = 'saccade-trace';
const step = 3e-3;
const slopePrefix = 'slope of ';

beforeAll(async () => {
  await tf.setBackend('cpu');
  // Kernels are registered at the first trace.
  trace(({ x }) => ({ y: tf.square(x) }), { inputs: { x: { shape: [1], dtype: 'float32' } } });
});

type Runs = Record<string, HostTensor>;
type Data = Record<string, HostData>;

/** Results that the slope is taken of. */
function scored(names: readonly string[]): readonly string[] {
  return names.includes('y') ? ['y'] : names;
}

/** Weighs each element differently, so that a misplaced gradient shows. */
function weightsOf(name: string, size: number): Float32Array {
  return numbers(name.length, size);
}

/** The function, and, along the inputs given, the gradients of its weighed sum. */
function withSlopes({ f }: Case, along: readonly string[]) {
  return (inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const score = (...moved: tf.Tensor[]): tf.Scalar => {
      const results = f({ ...inputs, ...Object.fromEntries(along.map((name, i) => [name, moved[i]])) });
      const sums = scored(Object.keys(results)).map((name) => {
        const y = results[name];
        const weights = tf.reshape(tf.tensor1d(weightsOf(name, y.size)), y.shape);
        return tf.sum(tf.mul(y.dtype === 'float32' ? y : tf.cast(y, 'float32'), weights));
      });
      return tf.addN(sums) as tf.Scalar;
    };
    const slopes = tf.grads(score)(along.map((name) => inputs[name]));
    return { ...f(inputs), ...Object.fromEntries(slopes.map((slope, i) => [slopePrefix + along[i], slope])) };
  };
}

/** In float64: the difference of two sums must not lose what float32 has. */
function scoreOf(results: Runs): number {
  const names = scored(Object.keys(results).filter((name) => !name.startsWith(slopePrefix)));
  return names.reduce((sum, name) => {
    const { data } = results[name];
    const weights = weightsOf(name, data.length);
    return Array.from(data).reduce((total, value, i) => total + value * weights[i], sum);
  }, 0);
}

async function expectCase(kernel: string, drawn: Case, slope: boolean): Promise<void> {
  const signature = { inputs: drawn.inputs };
  const floats = Object.keys(drawn.inputs).filter((name) => drawn.inputs[name].dtype === 'float32');
  const along = slope ? (drawn.along ?? floats) : [];
  const data: Data = Object.fromEntries(Object.entries(drawn.inputs).map(([name, { data }]) => [name, data]));
  const used = vi.spyOn(tf.engine(), 'runKernel');
  const compiled = await jit.compile(along.length === 0 ? drawn.f : withSlopes(drawn, along), signature);
  expect(used.mock.calls.map(([name]) => name)).toContain(kernel);
  used.mockRestore();
  const plain = await eagerCompile(drawn.f, signature);
  try {
    const results = await compiled(data);
    for (const [name, expected] of Object.entries(await plain(data))) {
      expect(results[name].shape).toEqual(expected.shape);
      expect(results[name].dtype).toBe(expected.dtype);
      expect(results[name].data).toBeAllClose(expected.data, { absolute: 2e-5, relative: 1e-4 });
    }
    if (along.length === 0) return;
    const directions = Object.fromEntries(along.map((name, i) => [name, numbers(31 + i, data[name].length)]));
    const at = async (t: number): Promise<number> => {
      const moved = along.map((name) => [
        name,
        Float32Array.from(data[name], (value, i) => value + t * directions[name][i]),
      ]);
      return scoreOf(await compiled({ ...data, ...(Object.fromEntries(moved) as Data) }));
    };
    const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
    const analytic = along.reduce(
      (sum, name) => directions[name].reduce((total, d, i) => total + d * results[slopePrefix + name].data[i], sum),
      0,
    );
    expect(Math.abs(analytic - numeric), `slope ${analytic}, by differences ${numeric}`).toBeLessThan(
      0.01 + 0.01 * Math.abs(numeric),
    );
  } finally {
    compiled.dispose();
    plain.dispose();
  }
}

describe('every kernel', () => {
  it('that jit has is in this table, and none that it has not', () => {
    const names = tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
    expect(Object.keys(cases).sort()).toEqual(names.sort());
  });

  it.each(Object.entries(cases))(
    '%s agrees with plain TensorFlow.js, its gradient with finite differences',
    async (kernel, of) => {
      const slope = of.noSlope === undefined && (of.slope === true || tf.getGradient(kernel) !== undefined);
      await fc.assert(
        fc.asyncProperty(fc.gen(), async (draw) => expectCase(kernel, of.draw(draw), slope)),
        { numRuns: 6 },
      );
    },
  );
});
