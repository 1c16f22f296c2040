/** Pointwise kernels against plain TensorFlow.js, over random shapes, broadcasts, ties and orders of axes. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asImage, between, both, coarse, expectParity, flags, integers, seeds, shapes, tensorOf } from './support.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;

/** By the interval on which they are defined, and far enough from where float32 itself gives up. */
const unaries: Record<string, { low: number; high: number; ops: Record<string, Unary> }> = {
  'on all numbers': {
    low: -3,
    high: 3,
    ops: {
      abs: tf.abs,
      neg: tf.neg,
      sign: tf.sign,
      square: tf.square,
      exp: tf.exp,
      expm1: tf.expm1,
      sigmoid: tf.sigmoid,
      tanh: tf.tanh,
      softplus: tf.softplus,
      elu: tf.elu,
      selu: tf.selu,
      relu: tf.relu,
      relu6: tf.relu6,
      leakyRelu: (x) => tf.leakyRelu(x, 0.3),
      step: (x) => tf.step(x),
      leakyStep: (x) => tf.step(x, -0.25),
      floor: tf.floor,
      ceil: tf.ceil,
      round: tf.round,
      sin: tf.sin,
      cos: tf.cos,
      atan: tf.atan,
      sinh: tf.sinh,
      cosh: tf.cosh,
      asinh: tf.asinh,
      erf: tf.erf,
      clip: (x) => tf.clipByValue(x, -0.7, 1.1),
      toInteger: (x) => tf.cast(x, 'int32'),
      toBool: (x) => tf.cast(tf.relu(x), 'bool'),
      isNaN: (x) => tf.isNaN(tf.div(tf.relu(x), tf.relu(x))),
      isInf: (x) => tf.isInf(tf.div(1, tf.relu(x))),
      isFinite: (x) => tf.isFinite(tf.div(tf.relu(x), tf.relu(x))),
      zerosLike: (x) => tf.zerosLike(x),
      onesLike: (x) => tf.onesLike(x),
    },
  },
  'on positive numbers': {
    low: 0.2,
    high: 4,
    ops: { log: tf.log, sqrt: tf.sqrt, rsqrt: tf.rsqrt, reciprocal: tf.reciprocal },
  },
  'above -1': { low: -0.9, high: 3, ops: { log1p: tf.log1p } },
  'above 1': { low: 1.1, high: 3, ops: { acosh: tf.acosh } },
  'within -1 and 1': { low: -0.9, high: 0.9, ops: { asin: tf.asin, acos: tf.acos, atanh: tf.atanh, tan: tf.tan } },
};

describe('each unary kernel agrees with plain TensorFlow.js', () => {
  it.each(Object.entries(unaries))('%s', async (_, { low, high, ops }) => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 0, max: 4 }), seeds, async (shape, seed) => {
        const x = between(tensorOf(seed, shape), low, high);
        const all = (value: tf.Tensor): Record<string, tf.Tensor> =>
          Object.fromEntries(Object.entries(ops).map(([name, op]) => [name, op(value)]));
        await expectParity(({ x }) => all(x), { x });
        await expectParity(({ x }) => all(asImage(x)), { x });
      }),
      { numRuns: 6 },
    );
  });

  it.each(Object.entries(unaries))('in its gradient, %s', async (_, { low, high, ops }) => {
    const flat = ['toInteger', 'toBool', 'isNaN', 'isInf', 'isFinite', 'zerosLike', 'onesLike'];
    const smooth = Object.entries(ops).filter(([name]) => !flat.includes(name));
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 4 }), seeds, async (shape, seed) => {
        const x = between(tensorOf(seed, shape), low, high);
        const weights = tensorOf(seed + 1, shape);
        await expectParity(
          ({ x, weights }) =>
            Object.fromEntries(
              smooth.map(([name, op]) => [name, tf.grad((z) => tf.sum(tf.mul(op(asImage(z)), weights)))(x)] as const),
            ),
          { x, weights },
          { absolute: 1e-5, relative: 1e-4 },
        );
      }),
      { numRuns: 5 },
    );
  });
});

/** Two shapes that broadcast together: axes of the first shortened to one, leading ones dropped. */
const pairs = shapes({ min: 0, max: 4 }).chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.nat(shape.length),
      fc.boolean(),
    )
    .map(([keep, drop, swap]) => {
      const other = shape.map((length, i) => (keep[i] ? length : 1)).slice(drop);
      return swap ? { a: other, b: shape } : { a: shape, b: other };
    }),
);

const arithmetic: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  addN: (a, b) => tf.addN([tf.add(a, b), tf.sub(a, b), tf.add(b, a)]),
};

const comparisons: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
};

function applied(
  table: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>,
): (a: tf.Tensor, b: tf.Tensor) => Record<string, tf.Tensor> {
  return (a, b) => Object.fromEntries(Object.entries(table).map(([name, op]) => [name, op(a, b)]));
}

describe('each binary kernel agrees with plain TensorFlow.js and broadcasts', () => {
  it('over floats, ties included', async () => {
    const all = applied({ ...arithmetic, ...comparisons });
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async ({ a, b }, seed) => {
        const inputs = { a: coarse(tensorOf(seed, a)), b: coarse(tensorOf(seed + 1, b)) };
        await expectParity(({ a, b }) => all(a, b), inputs);
        await expectParity(({ a, b }) => all(asImage(a), b), inputs);
        await expectParity(({ a, b }) => all(asImage(a), asImage(b)), inputs);
      }),
      { numRuns: 8 },
    );
  });

  it('over quotients, powers and remainders', async () => {
    const all = applied({ div: tf.div, mod: tf.mod, pow: tf.pow, atan2: tf.atan2, divNoNan: tf.divNoNan });
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async ({ a, b }, seed) => {
        const inputs = { a: between(tensorOf(seed, a), 0.3, 3), b: between(tensorOf(seed + 1, b), 0.4, 2) };
        await expectParity(({ a, b }) => all(asImage(a), b), inputs, { absolute: 1e-5, relative: 1e-5 });
      }),
      { numRuns: 6 },
    );
    await expectParity(
      ({ a, b }) => ({ mod: tf.mod(a, b), atan2: tf.atan2(a, b), floorDiv: tf.floorDiv(a, b) }),
      { a: between(tensorOf(1, [40]), -5, 5), b: between(tensorOf(2, [40]), -2, 2) },
      { absolute: 1e-5 },
    );
  });

  it('over integers, whose quotients round down', async () => {
    const all = applied({ ...arithmetic, ...comparisons, div: tf.div, floorDiv: tf.floorDiv, mod: tf.mod });
    const nonZero = (seed: number, shape: number[], sign: number): ReturnType<typeof integers> => {
      const drawn = integers(tensorOf(seed, shape), 1, 5);
      return { ...drawn, data: Int32Array.from(drawn.data, (x) => x * sign) };
    };
    await fc.assert(
      fc.asyncProperty(pairs, seeds, fc.constantFrom(1, -1), async ({ a, b }, seed, sign) => {
        const inputs = { a: integers(tensorOf(seed, a), -9, 9), b: nonZero(seed + 1, b, sign) };
        await expectParity(({ a, b }) => all(a, b), inputs);
      }),
      { numRuns: 6 },
    );
  });

  it('over truth values', async () => {
    const all = applied({ and: tf.logicalAnd, or: tf.logicalOr, xor: tf.logicalXor, equal: tf.equal, mul: tf.mul });
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async ({ a, b }, seed) => {
        const inputs = { a: flags(tensorOf(seed, a)), b: flags(tensorOf(seed + 1, b)) };
        await expectParity(
          ({ a, b }) => ({ ...all(a, b), not: tf.logicalNot(a), number: tf.cast(b, 'int32') }),
          inputs,
        );
      }),
      { numRuns: 5 },
    );
  });

  it('over mixed types', async () => {
    const inputs = { x: tensorOf(1, [2, 3]), i: integers(tensorOf(2, [3]), -3, 3), b: flags(tensorOf(3, [2, 1])) };
    await expectParity(
      ({ x, i, b }) => ({
        sum: tf.add(x, i),
        mask: tf.mul(b, x),
        count: tf.add(i, b),
        ratio: tf.div(x, tf.add(tf.abs(i), 1)),
        mean: tf.mean(i),
        exp: tf.exp(i),
      }),
      inputs,
    );
  });

  it('in its gradients, summed over what was broadcast', async () => {
    // TensorFlow.js's own gradients of these three do not sum over what was broadcast.
    const { maximum: _maximum, minimum: _minimum, squaredDifference: _squared, ...broadcasting } = arithmetic;
    const smooth = { ...broadcasting, div: tf.div, pow: tf.pow, mod: tf.mod, atan2: tf.atan2 };
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async ({ a, b }, seed) => {
        const inputs = { a: between(tensorOf(seed, a), 0.3, 3), b: between(tensorOf(seed + 1, b), 0.4, 2) };
        await expectParity(
          ({ a, b }) =>
            Object.fromEntries(
              Object.entries(smooth).flatMap(([name, op]) => {
                const [da, db] = tf.grads((x, y) => tf.sum(tf.square(op(asImage(x), y))))([a, b]);
                return [
                  [`${name}_a`, da],
                  [`${name}_b`, db],
                ];
              }),
            ),
          inputs,
          { absolute: 2e-4, relative: 1e-4 },
        );
      }),
      { numRuns: 6 },
    );
  });
});

describe('the gradients of maximum and minimum', () => {
  it('agree where there are ties', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 4 }), seeds, async (shape, seed) => {
        const inputs = {
          a: coarse(tensorOf(seed, shape)),
          b: coarse(tensorOf(seed + 1, shape)),
          w: tensorOf(seed, shape),
        };
        await expectParity(
          ({ a, b, w }) =>
            Object.fromEntries(
              [tf.maximum, tf.minimum, tf.squaredDifference].flatMap((op, i) => {
                const [da, db] = tf.grads((x, y) => tf.sum(tf.mul(op(asImage(x), y), w)))([a, b]);
                return [
                  [`a${i}`, da],
                  [`b${i}`, db],
                ];
              }),
            ),
          inputs,
        );
      }),
      { numRuns: 5 },
    );
  });
});

describe('choosing', () => {
  it('between two tensors agrees with plain TensorFlow.js, gradients too', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, seeds, async ({ a, b }, seed) => {
        const inputs = { a: tensorOf(seed, a), b: tensorOf(seed + 1, b), c: flags(tensorOf(seed + 2, b)) };
        await expectParity(({ a, b, c }) => {
          const choose = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.where(c, asImage(x), asImage(y));
          const [da, db] = tf.grads((x, y) => tf.sum(tf.square(choose(tf.add(x, 0), tf.add(y, tf.zerosLike(a))))))([
            tf.add(a, tf.zerosLike(b)),
            b,
          ]);
          return { chosen: choose(a, b), da, db };
        }, inputs);
      }),
      { numRuns: 8 },
    );
  });

  it('rows by a vector of conditions', async () => {
    const inputs = { c: flags(tensorOf(1, [4])), a: tensorOf(2, [4, 3]), b: tensorOf(3, [4, 3]) };
    await expectParity(({ c, a, b }) => ({ y: tf.where(tf.expandDims(c, 1), a, b) }), inputs);
  });

  it('prelu and its gradients agree', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 1, max: 4 }), seeds, async (shape, seed) => {
        const inputs = { x: tensorOf(seed, shape), alpha: tensorOf(seed + 1, shape.slice(1)) };
        await expectParity(({ x, alpha }) => {
          const [dx, dalpha] = tf.grads((y, z) => tf.sum(tf.square(tf.prelu(asImage(y), z))))([x, alpha]);
          return { y: tf.prelu(x, alpha), dx, dalpha };
        }, inputs);
      }),
      { numRuns: 6 },
    );
  });
});

describe('batch normalisation', () => {
  it('agrees with plain TensorFlow.js, with and without scale and offset, gradients too', async () => {
    await fc.assert(
      fc.asyncProperty(shapes({ min: 4, max: 4 }), seeds, async (shape, seed) => {
        const c = shape[3];
        const inputs = {
          x: tensorOf(seed, shape),
          mean: tensorOf(seed + 1, [c]),
          variance: between(tensorOf(seed + 2, [c]), 0.1, 2),
          offset: tensorOf(seed + 3, [c]),
          scale: tensorOf(seed + 4, [c]),
        };
        await expectParity(
          ({ x, mean, variance, offset, scale }) => {
            const norm = (y: tf.Tensor): tf.Tensor =>
              tf.batchNorm(
                asImage(y),
                mean as tf.Tensor1D,
                variance as tf.Tensor1D,
                offset as tf.Tensor1D,
                scale as tf.Tensor1D,
                1e-3,
              );
            const plain = tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D);
            return { full: norm(x), plain, dx: tf.grad((y) => tf.sum(tf.square(norm(y))))(x) };
          },
          inputs,
          { absolute: 1e-4, relative: 1e-4 },
        );
      }),
      { numRuns: 5 },
    );
  });
});

describe('identities that save work change no value', () => {
  it('a mask whose factor is already there', async () => {
    const inputs = { x: coarse(tensorOf(5, [2, 4, 4, 3])) };
    const l2 = (x: tf.Tensor): tf.Tensor =>
      tf.sqrt(tf.add(tf.avgPool(tf.square(tf.relu(x)) as tf.Tensor4D, 2, 2, 'same'), 1e-8));
    await expectParity(({ x }) => ({ dx: tf.grad((y) => tf.sum(l2(asImage(y))))(x) }), inputs, { relative: 1e-4 });
  });

  it('a mask of another tensor stays', async () => {
    const inputs = { x: coarse(tensorOf(6, [3, 4])), y: coarse(tensorOf(7, [3, 4])) };
    await expectParity(
      ({ x, y }) => ({
        a: tf.mul(tf.mul(tf.relu(x), y), tf.step(tf.relu(y))),
        b: tf.mul(tf.mul(x, 2), tf.step(tf.relu(x))),
        c: tf.mul(tf.mul(tf.mul(x, 3), 0.5), tf.mul(y, 4)),
        d: tf.mul(tf.add(x, 0), 1),
      }),
      inputs,
    );
  });

  it('a value of one broadcast to a larger result keeps the larger shape', async () => {
    const { compiled } = await both(({ x }) => ({ y: tf.mul(x, tf.ones([2, 3])), z: tf.add(x, tf.zeros([4, 1, 3])) }), {
      x: tensorOf(1, [3]),
    });
    expect(compiled.y.shape).toEqual([2, 3]);
    expect(compiled.z.shape).toEqual([4, 1, 3]);
  });
});
