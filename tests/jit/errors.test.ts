/** What cannot be traced is said with the kernel and the line, and leaves TensorFlow.js as it was. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { trace } from '@saccade/jit';
import type { CompilableFunction } from '@saccade/nn';
import { jit } from './support.ts';

const vector = { shape: [3], dtype: 'float32' } as const;
const here = /\(at .*errors\.test\.ts:\d+:\d+\)$/;

function refusal(fn: CompilableFunction): InputError {
  try {
    trace(fn, { inputs: { x: vector } });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('expected the trace to be refused');
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a function that cannot be traced is refused with the kernel and the call site', () => {
  it('when it uses a kernel that has no ONNX form', () => {
    const { message } = refusal(({ x }) => ({ y: tf.real(tf.fft(tf.complex(x, x))) }));
    expect(message).toMatch(/^kernel Complex: expected a kernel that can be traced/);
    expect(message).toMatch(here);
  });

  it('when it reads a tf.variable', () => {
    const weights = tf.variable(tf.tensor1d([1, 2, 3]), true, 'weights-read');
    const { message } = refusal(({ x }) => ({ y: tf.mul(x, weights) }));
    weights.dispose();
    expect(message).toMatch(/^kernel Multiply: .*got the tf.variable weights-read \[3\]/);
    expect(message).toMatch(here);
  });

  it('when it assigns a tf.variable, which keeps its value', () => {
    const weights = tf.variable(tf.tensor1d([1, 2, 3]), true, 'weights-assigned');
    const { message } = refusal(({ x }) => {
      weights.assign(x as tf.Tensor1D);
      return { x };
    });
    expect([...weights.dataSync()]).toEqual([1, 2, 3]);
    weights.assign(tf.tensor1d([4, 5, 6]));
    expect([...weights.dataSync()]).toEqual([4, 5, 6]);
    weights.dispose();
    expect(message).toMatch(/^kernel assign: .*got an assignment to the tf.variable weights-assigned/);
    expect(message).toMatch(here);
  });

  it('when it makes a tf.variable', () => {
    const { message } = refusal(({ x }) => ({ y: tf.variable(x, true, 'made') }));
    expect(message).toMatch(/^kernel variable: .*got a tf.variable made while/);
    expect(message).toMatch(here);
    tf.variable(tf.scalar(1), true, 'made').dispose();
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['randomNormal', () => tf.randomNormal([3])],
    ['randomUniform', () => tf.randomUniform([3])],
    ['truncatedNormal', () => tf.truncatedNormal([3])],
    ['randomUniform', (x) => tf.dropout(x, 0.5)],
  ])('when it draws random numbers with %s', (op, draw) => {
    const { message } = refusal(({ x }) => ({ y: tf.add(x, draw(x)) }));
    expect(message).toMatch(new RegExp(`^kernel ${op}: expected random numbers as inputs`));
    expect(message).toMatch(here);
  });

  it('when it draws random numbers with tf.multinomial', () => {
    const { message } = refusal(({ x }) => ({ y: tf.multinomial(x as tf.Tensor1D, 2) }));
    expect(message).toMatch(/^kernel Multinomial: expected random numbers as inputs/);
    expect(message).toMatch(here);
  });

  it('when it reads a traced value', () => {
    const { message } = refusal(({ x }) => ({ y: tf.mul(x, tf.square(x).dataSync()[0]) }));
    expect(message).toMatch(/^dataSync: .*got a read of a traced float32 tensor \[3\]/);
    expect(message).toMatch(here);
  });

  it('when it reads the values of a captured tensor, which the graph would keep for ever', () => {
    const captured = tf.tensor1d([2, 3]);
    const { message } = refusal(({ x }) => ({ y: tf.mul(x, captured.dataSync()[0]) }));
    expect(message).toMatch(
      /^dataSync: expected captured tensors to be declared constants, got a read of a float32 tensor \[2\] made outside/,
    );
    expect(message).toMatch(here);
    expect([...captured.dataSync()]).toEqual([2, 3]);
    captured.dispose();
  });

  it('when it reads the values of a tf.variable', () => {
    const weights = tf.variable(tf.tensor1d([1, 2, 3]), true, 'weights-values');
    const { message } = refusal(({ x }) => ({ y: tf.mul(x, weights.arraySync() as number[]) }));
    weights.dispose();
    expect(message).toMatch(/^dataSync: .*got a read of the tf.variable weights-values \[3\]/);
    expect(message).toMatch(here);
  });

  it.each(['traced', 'captured'])('when it asks for values of a %s tensor that come later', (which) => {
    const captured = tf.tensor1d([2]);
    const { message } = refusal(({ x }) => {
      void (which === 'traced' ? x : captured).data();
      return { y: tf.square(x) };
    });
    captured.dispose();
    expect(message).toMatch(/^data: expected .* got a read of/);
    expect(message).toMatch(here);
  });

  it('but not when it reads a declared constant', async () => {
    const constants = { c: { shape: [2], dtype: 'float32', data: Float32Array.of(3, 5) } } as const;
    const compiled = await jit.compile(({ x }, { c }) => ({ y: tf.mul(x, c.dataSync()[1]) }), {
      inputs: { x: vector },
      constants,
    });
    expect([...(await compiled({ x: Float32Array.of(1, 2, 3) }))['y'].data]).toEqual([5, 10, 15]);
    compiled.dispose();
  });

  it('when it uses a captured tensor that is not a declared constant', () => {
    const captured = tf.tensor2d([[1, 2, 3]]);
    const { message } = refusal(({ x }) => ({ y: tf.add(x, captured) }));
    captured.dispose();
    expect(message).toMatch(
      /^kernel Add: expected captured tensors to be declared constants, got a float32 tensor \[1, 3\]/,
    );
    expect(message).toMatch(here);
  });

  it('when it returns a captured tensor', () => {
    const captured = tf.tensor1d([1, 2]);
    const { message } = refusal(() => ({ y: captured }));
    expect(message).toMatch(/^output y: expected captured tensors to be declared constants/);
    expect(captured.isDisposed).toBe(false);
    captured.dispose();
  });

  it('when the mistake is inside of a gradient', () => {
    const captured = tf.tensor1d([1, 2, 3]);
    const { message } = refusal(({ x }) => ({ y: tf.grad((z) => tf.sum(tf.mul(tf.square(z), captured)))(x) }));
    captured.dispose();
    expect(message).toMatch(/^kernel Multiply: .*declared constants/);
    expect(message).toMatch(here);
  });

  it('when it calls trace itself', () => {
    const { message } = refusal(({ x }) => {
      trace((inputs) => inputs, { inputs: { z: vector } });
      return { y: x };
    });
    expect(message).toMatch(/expected no trace within a trace/);
  });

  it('when an input and an output share a name', () => {
    expect(refusal(({ x }) => ({ x: tf.square(x) })).message).toMatch(/expected different names, .* x$/);
  });

  it('as a rejection of compile', async () => {
    const compiled = jit.compile(({ x }) => ({ y: tf.mul(x, x.dataSync()[0]) }), { inputs: { x: vector } });
    await expect(compiled).rejects.toThrow(/^dataSync/);
  });
});

describe('a throw while tracing leaves everything as it was', () => {
  let before = { backend: '', numTensors: 0, names: '' };
  beforeEach(() => {
    const { numTensors } = tf.memory();
    before = { backend: tf.getBackend(), numTensors, names: tf.engine().backendNames().join() };
  });

  it.each<[string, CompilableFunction]>([
    [
      'from the function itself',
      () => {
        throw new RangeError('mine');
      },
    ],
    [
      'inside of a gradient',
      ({ x }) => ({
        y: tf.grad((z) => {
          const w = tf.exp(tf.square(z));
          if (w.rank === 1) throw new RangeError('mine');
          return tf.sum(w);
        })(x),
      }),
    ],
    [
      'inside of a custom gradient',
      ({ x }) => {
        const f = tf.customGrad((z) => ({
          value: tf.square(z as tf.Tensor),
          gradFunc: () => {
            throw new RangeError('mine');
          },
        }));
        return { y: tf.grad((z) => tf.sum(f(z)))(x) };
      },
    ],
  ])('%s', (_, fn) => {
    expect(() => trace(fn, { inputs: { x: vector } })).toThrow(RangeError);
    expect(tf.getBackend()).toBe(before.backend);
    expect(tf.engine().backendNames().join()).toBe(before.names);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    const x = tf.tensor1d([1, 2, 3]);
    const gradient = tf.grad((z) => tf.sum(tf.square(z)))(x);
    expect([...gradient.dataSync()]).toEqual([2, 4, 6]);
    tf.dispose([x, gradient]);
  });

  it('and so does tracing that succeeds', () => {
    trace(({ x }) => ({ y: tf.keep(tf.square(x)), z: tf.grad((w) => tf.sum(tf.exp(w)))(x) }), {
      inputs: { x: vector },
    });
    expect(tf.getBackend()).toBe(before.backend);
    expect(tf.engine().backendNames().join()).toBe(before.names);
    expect(tf.memory().numTensors).toBe(before.numTensors);
  });
});

describe('a compiled function refuses', () => {
  const compiled = jit.compile(({ x }) => ({ y: tf.square(x) }), { inputs: { x: vector } });

  it('a missing input', async () => {
    await expect((await compiled)({})).rejects.toThrow(/expected input x, got none/);
  });

  it('an input of another length', async () => {
    await expect((await compiled)({ x: new Float32Array(4) })).rejects.toThrow(
      /expected input x \[3\] \(3 values\), got 4/,
    );
  });

  it('an input of another type', async () => {
    await expect((await compiled)({ x: new Int32Array(3) })).rejects.toThrow(/expected input x as Float32Array/);
  });

  it('a call after dispose', async () => {
    const doomed = await jit.compile(({ x }) => ({ y: tf.square(x) }), { inputs: { x: vector } });
    doomed.dispose();
    await expect(doomed({ x: new Float32Array(3) })).rejects.toThrow(/after dispose/);
  });
});
