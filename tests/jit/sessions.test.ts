/** Sessions come, go and come back under their limit, and graphs travel as bytes. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { createJit, runtimeOf, trace } from '@saccade/jit';
import type { Runtime, TracedGraph } from '@saccade/jit';
import { decodeOnnx, encodeOnnx } from '@saccade/nn';

interface Counted {
  readonly runtime: Runtime;
  readonly counts: { created: number; released: number };
}

/** The real runtime, its sessions counted. */
function counted(): Counted {
  const inner: Runtime = runtimeOf(ort);
  const counts = { created: 0, released: 0 };
  const runtime: Runtime = {
    createTensor: inner.createTensor,
    createSession: async (model, options) => {
      counts.created++;
      const session = await inner.createSession(model, options);
      return {
        run: (feeds) => session.run(feeds),
        release: async () => {
          counts.released++;
          await session.release();
        },
      };
    },
  };
  return { runtime, counts };
}

const inputs = { x: { shape: [4], dtype: 'float32' } } as const;
const x = Float32Array.of(1, 2, 3, 4);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the session limit', () => {
  it('releases the session unused for longest and makes it again when its function is called', async () => {
    const one = createJit(counted().runtime);
    const probe = await one.compile(({ x }) => ({ y: tf.mul(x, 1.5) }), { inputs });
    await probe({ x });
    const { bytes } = one.held();
    const { runtime, counts } = counted();
    const jit = createJit(runtime, { limitBytes: 2.5 * bytes });
    const functions = await Promise.all(
      [2, 3, 4].map((factor) => jit.compile(({ x }) => ({ y: tf.mul(x, factor + 0.5) }), { inputs })),
    );
    for (const [i, fn] of functions.entries()) {
      expect((await fn({ x }))['y'].data[1]).toBe(2 * (i + 2.5));
      expect(jit.held().bytes).toBeLessThanOrEqual(2.5 * bytes);
    }
    expect(counts).toEqual({ created: 3, released: 1 });
    await functions[2]({ x });
    expect(counts).toEqual({ created: 3, released: 1 });
    expect((await functions[0]({ x }))['y'].data[3]).toBe(10);
    expect(counts).toEqual({ created: 4, released: 2 });
    // The second was the oldest; the third is still there.
    await functions[2]({ x });
    expect(counts.created).toBe(4);
  });

  it('keeps the session in use, however large', async () => {
    const { runtime, counts } = counted();
    const jit = createJit(runtime, { limitBytes: 1 });
    const fn = await jit.compile(({ x }) => ({ y: tf.square(x) }), { inputs });
    await fn({ x });
    await fn({ x });
    expect(counts).toEqual({ created: 1, released: 0 });
    expect(jit.held().sessions).toBe(1);
  });

  it('never releases a session while it runs', async () => {
    const { runtime } = counted();
    const jit = createJit(runtime, { limitBytes: 1 });
    const functions = await Promise.all(
      [1, 2, 3].map((power) => jit.compile(({ x }) => ({ y: tf.pow(x, power) }), { inputs })),
    );
    const results = await Promise.all([...functions, ...functions].map((fn) => fn({ x })));
    expect(results.map(({ y }) => y.data[1])).toEqual([2, 4, 8, 2, 4, 8]);
  });

  it('counts one session for a function that is called many times at once', async () => {
    const { runtime, counts } = counted();
    const jit = createJit(runtime);
    const fn = await jit.compile(({ x }) => ({ y: tf.exp(x) }), { inputs });
    await Promise.all(Array.from({ length: 5 }, () => fn({ x })));
    expect(counts).toEqual({ created: 1, released: 0 });
    fn.dispose();
    fn.dispose();
    await Promise.resolve();
    expect(jit.held()).toEqual({ sessions: 0, bytes: 0 });
    await expect(fn({ x })).rejects.toThrow(/after dispose/);
  });

  it('forgets a session that could not be made, and tries again', async () => {
    const inner: Runtime = runtimeOf(ort);
    let refuse = true;
    const jit = createJit({
      createTensor: inner.createTensor,
      createSession: (model, options) => {
        if (refuse) return Promise.reject(new Error('no memory'));
        return inner.createSession(model, options);
      },
    });
    const fn = await jit.compile(({ x }) => ({ y: tf.neg(x) }), { inputs });
    await expect(fn({ x })).rejects.toThrow('no memory');
    expect(jit.held().sessions).toBe(0);
    refuse = false;
    expect((await fn({ x }))['y'].data[0]).toBe(-1);
  });
});

describe('a traced graph', () => {
  const graph = trace(
    ({ x, bytes }, { w }) => ({ y: tf.add(tf.mul(x, w), tf.sum(bytes)), positive: tf.greater(x, 2) }),
    {
      inputs: { ...inputs, bytes: { shape: [2, 2], dtype: 'uint8' } },
      constants: { w: { shape: [4], dtype: 'float32', data: Float32Array.of(1, 10, 100, 1000) } },
    },
  );

  it('says what goes in and comes out', () => {
    expect(graph.inputs).toEqual({ ...inputs, bytes: { shape: [2, 2], dtype: 'uint8' } });
    expect(graph.outputs).toEqual({ y: { shape: [4], dtype: 'float32' }, positive: { shape: [4], dtype: 'bool' } });
    expect(graph.peakBytes).toBeGreaterThan(3 * 16);
  });

  it('takes bytes as uint8 and casts them in the graph', () => {
    const model = decodeOnnx(graph.toOnnx());
    expect(model.graph.inputs.find(({ name }) => name === 'bytes')).toEqual({
      name: 'bytes',
      type: 'uint8',
      shape: [2, 2],
    });
    expect(model.graph.nodes.map(({ opType }) => opType)).toContain('Cast');
    expect(model.opsets).toEqual({ '': 18 });
  });

  it('runs from its bytes alone, as in another thread', async () => {
    const travelled: TracedGraph = {
      ...structuredClone({ ...graph, toOnnx: undefined }),
      toOnnx: () => graph.toOnnx().slice(),
    };
    const fn = createJit(runtimeOf(ort)).load(travelled);
    const { y, positive } = await fn({ x, bytes: Uint8Array.of(250, 250, 1, 0) });
    expect([...y.data]).toEqual([502, 521, 801, 4501]);
    expect([...positive.data]).toEqual([0, 0, 1, 1]);
    expect(positive.dtype).toBe('bool');
  });

  it('gives the same bytes for the same function', () => {
    const make = (): Uint8Array =>
      trace(({ x }) => ({ y: tf.grad((z) => tf.sum(tf.exp(tf.square(z))))(x) }), { inputs }).toOnnx();
    expect(make()).toEqual(make());
  });

  it('survives being decoded and encoded', () => {
    expect(encodeOnnx(decodeOnnx(graph.toOnnx()))).toEqual(graph.toOnnx());
  });

  it('leaves out what no output needs and computes what is asked twice once', () => {
    const { graph: small } = decodeOnnx(
      trace(
        ({ x }) => {
          tf.exp(x);
          return { y: tf.add(tf.square(x), tf.square(x)) };
        },
        { inputs },
      ).toOnnx(),
    );
    expect(small.nodes.map(({ opType }) => opType)).toEqual(['Mul', 'Add', 'Identity']);
  });

  it('returns an input, a constant, or one value under two names', async () => {
    const jit = createJit(runtimeOf(ort));
    const fn = await jit.compile(
      ({ x }, { w }) => {
        const square = tf.square(x);
        return { same: x, weights: w, a: square, b: square };
      },
      { inputs, constants: { w: { shape: [2], dtype: 'int32', data: Int32Array.of(7, -7) } } },
    );
    const { same, weights, a, b } = await fn({ x });
    expect([...same.data]).toEqual([1, 2, 3, 4]);
    expect([...weights.data]).toEqual([7, -7]);
    expect([...a.data]).toEqual([1, 4, 9, 16]);
    expect([...b.data]).toEqual([...a.data]);
    expect([...x]).toEqual([1, 2, 3, 4]);
  });
});

describe('names', () => {
  it('of inputs and outputs are free: the graph makes up none that a function could have', async () => {
    const jit = createJit(counted().runtime);
    const four = { shape: [4], dtype: 'float32' } as const;
    const fn = await jit.compile(
      ({ v0, c1 }) => ({ v1: tf.relu(tf.add(v0, c1)), v2: tf.mul(v0, 2), c0: tf.add(tf.mul(v0, c1), 3) }),
      { inputs: { v0: four, c1: four } },
    );
    const { v1, v2, c0 } = await fn({ v0: x, c1: x });
    expect([...v1.data]).toEqual([2, 4, 6, 8]);
    expect([...v2.data]).toEqual([2, 4, 6, 8]);
    expect([...c0.data]).toEqual([4, 7, 12, 19]);
  });
});
