/** The eager `Compile`: what it takes, what it returns, and that no tensor stays behind. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { eagerCompile } from '@saccade/nn';
import type { CompilableFunction, Signature } from '@saccade/nn';

beforeAll(() => tf.setBackend('cpu'));

const signature: Signature = {
  inputs: { x: { shape: [2, 2], dtype: 'float32' } },
  constants: { w: { shape: [2], dtype: 'float32', data: Float32Array.of(10, 20) } },
};
const fn: CompilableFunction = ({ x }, { w }) => ({ sum: tf.add(x, w), total: tf.sum(x), w, x });

describe('the eager compile', () => {
  it('returns every output with its shape', async () => {
    const compiled = await eagerCompile(fn, signature);
    const { sum, total, w } = await compiled({ x: Float32Array.of(1, 2, 3, 4) });
    expect(sum).toEqual({ shape: [2, 2], dtype: 'float32', data: Float32Array.of(11, 22, 13, 24) });
    expect(total).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(10) });
    expect(w.data).toEqual(Float32Array.of(10, 20));
    compiled.dispose();
  });

  it('shows bytes to the function as the floats 0-255, and returns integers and truths as such', async () => {
    const compiled = await eagerCompile(
      ({ pixels, steps }) => ({
        half: tf.div(pixels, 2),
        next: tf.add(steps, tf.scalar(1, 'int32')),
        odd: tf.equal(steps, 3),
      }),
      { inputs: { pixels: { shape: [2], dtype: 'uint8' }, steps: { shape: [2], dtype: 'int32' } } },
    );
    const { half, next, odd } = await compiled({ pixels: Uint8Array.of(255, 1), steps: Int32Array.of(2, 3) });
    expect(half.data).toEqual(Float32Array.of(127.5, 0.5));
    expect(next).toEqual({ shape: [2], dtype: 'int32', data: Int32Array.of(3, 4) });
    expect([odd.dtype, ...odd.data]).toEqual(['bool', 0, 1]);
  });

  it('gives results that belong to the caller', async () => {
    const compiled = await eagerCompile(fn, signature);
    const x = Float32Array.of(1, 2, 3, 4);
    const first = await compiled({ x });
    first.w.data.fill(0);
    first.x.data.fill(0);
    expect([...x]).toEqual([1, 2, 3, 4]);
    expect((await compiled({ x })).w.data).toEqual(Float32Array.of(10, 20));
    compiled.dispose();
  });

  it('leaves no tensor behind, whether calls succeed or fail', async () => {
    const before = tf.memory().numTensors;
    const compiled = await eagerCompile(fn, signature);
    for (let i = 0; i < 5; i++) await compiled({ x: new Float32Array(4) });
    await expect(compiled({ x: new Float32Array(3) })).rejects.toThrow(InputError);
    await expect(compiled({})).rejects.toThrow('compiled function: expected an input x, got');
    const failing = await eagerCompile(({ x }) => {
      tf.add(x, 1);
      throw new Error('inside');
    }, signature);
    await expect(failing({ x: new Float32Array(4) })).rejects.toThrow('inside');
    compiled.dispose();
    compiled.dispose();
    failing.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says which input has how many values too few', async () => {
    const compiled = await eagerCompile(fn, signature);
    await expect(compiled({ x: new Float32Array(3) })).rejects.toThrow(
      'compiled function: expected input x [2, 2] (4 values), got 3',
    );
    compiled.dispose();
  });

  it('is over after dispose', async () => {
    const compiled = await eagerCompile(fn, signature);
    compiled.dispose();
    await expect(compiled({ x: new Float32Array(4) })).rejects.toThrow(
      'internal: a compiled function was called after dispose()',
    );
  });
});
