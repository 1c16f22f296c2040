/** Cases with answers known by hand, and the axioms that methods promise. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import {
  centredLogit,
  createAttributor,
  entropy,
  groupLogit,
  logProbability,
  methods,
  occlude,
  probability,
  rawOutput,
  scoreOf,
  secant,
  shapleyValues,
  tangent,
  topActionMap,
} from '@saccade/attribution';
import type { Attributor, Target } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { modelOf, smallConvolution, smallFrame, smallObjects, tensor, untrainedPolicy } from './toys.ts';
import { createCuts } from '@saccade/insight';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('occlusion', () => {
  it('of a 7x7 image of ones under a sum: 9 inside, 3 along the last row and column, 1 in the corner', async () => {
    const attributor = createAttributor(
      modelOf([7, 7, 1], 1, (x, ops) => tf.sum(ops.flatten(x), 1, true) as tf.Tensor2D),
      eagerCompile,
    );
    const { map } = await methods.occlusion.attribute({
      attributor,
      activation: new Float32Array(49).fill(1),
      target: rawOutput(attributor.model, 0),
      options: { window: 3, stride: 3 },
    });
    const expected = Array.from(
      { length: 49 },
      (_, p) => (Math.floor(p / 7) === 6 ? 1 / 3 : 1) * (p % 7 === 6 ? 1 / 3 : 1) * 9,
    );
    expect(map).toBeAllClose(expected);
  });
});

describe('occlusion maps of actions', () => {
  it('tell which action is the likeliest when a place is covered', async () => {
    // Action 0 needs the left half, action 1 the right one; both are seen, the left a little better.
    const attributor = createAttributor(
      {
        ...modelOf([2, 4, 1], 2, (x) => {
          const half = (from: number): tf.Tensor => tf.sum(tf.slice(x, [0, 0, from, 0], [-1, 2, 2, 1]), [1, 2, 3]);
          return tf.stack([tf.mul(half(0), 1.1), half(2)], 1) as tf.Tensor2D;
        }),
        logits: 2,
      },
      eagerCompile,
    );
    const request = { attributor, activation: new Float32Array(8).fill(1), target: rawOutput(attributor.model, 0) };
    const sweep = await occlude(request, 2, 2);
    expect([...topActionMap(sweep, attributor.model, 2, 4)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
  });
});

describe('Shapley values', () => {
  it('of x0 x1 + 2 x2 + relu(x3 - x0) at (1, 2, 3, 4) from zero are 0.5, 1, 6, 3.5', () => {
    const x = [1, 2, 3, 4];
    const values = Float64Array.from({ length: 16 }, (_, set) => {
      const [a, b, c, d] = x.map((value, i) => (set & (1 << i) ? value : 0));
      return a * b + 2 * c + Math.max(0, d - a);
    });
    expect(shapleyValues(values, 4)).toBeAllClose([0.5, 1, 6, 3.5], { absolute: 1e-12, relative: 0 });
  });

  it('share out exactly the gain of all, nothing to a dummy, alike to equals', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 8, maxLength: 8 }), (three) => {
        // Player 3 is a dummy; players 0 and 1 are made alike by symmetrising.
        const swap = (set: number): number => (set & ~3) | ((set & 1) << 1) | ((set & 2) >> 1);
        const values = Float64Array.from({ length: 16 }, (_, set) => (three[set & 7] + three[swap(set) & 7]) / 2);
        const phi = shapleyValues(values, 4);
        expect(sum(phi)).toBeCloseTo(values[15] - values[0], 9);
        expect(phi[3]).toBeCloseTo(0, 12);
        expect(phi[0]).toBeCloseTo(phi[1], 9);
      }),
    );
  });

  it('of objects sum to the target with all of them less the target without', async () => {
    const attributor = smallConvolution();
    const activation = smallFrame();
    const objects = smallObjects(activation);
    const target = rawOutput(attributor.model, 3);
    const result = await methods.shapley.attribute({ attributor, activation, target, objects });
    expect(sum(result.objects ?? [])).toBeCloseTo(result.score - (result.baselineScore ?? NaN), 5);
    expect(sum(result.map)).toBeCloseTo(sum(result.objects ?? []), 5);
    const without = await objects.without([0, 1, 2]);
    expect(result.baselineScore).toBeCloseTo((await attributor.scores(without.activation, target))[0], 6);
    const ablation = await methods.ablation.attribute({ attributor, activation, target, objects });
    const [saw] = await attributor.scores((await objects.without([1])).activation, target);
    expect(ablation.objects?.[1]).toBeCloseTo(ablation.score - saw, 6);
  });
});

describe('pools and ReLU at their kinks', () => {
  const pooled = createAttributor(
    modelOf(
      [2, 2, 1],
      1,
      (x, ops) => ops.flatten(ops.maxPool(x, { size: 2, stride: 2, padding: 'same' })) as tf.Tensor2D,
    ),
    eagerCompile,
  );
  const rectified = createAttributor(
    modelOf([3], 3, (x, ops) => ops.relu(x) as tf.Tensor2D),
    eagerCompile,
  );

  it('a tie in a 2x2 max pool gives all to the first index', async () => {
    const target = rawOutput(pooled.model, 0);
    for (const activation of [Float32Array.of(1, 1, 1, 1), Float32Array.of(0, 1, 1, 0)]) {
      const { map } = await methods.gradient.attribute({ attributor: pooled, activation, target });
      const first = activation.indexOf(1);
      expect(map).toBeAllClose([0, 1, 2, 3].map((i) => (i === first ? 1 : 0)));
    }
  });

  it('the derivative of ReLU at zero is zero', async () => {
    const { map } = await methods.gradient.attribute({
      attributor: rectified,
      activation: Float32Array.of(-1, 0, 1),
      target: { kind: 'linear', weights: Float32Array.of(1, 1, 1) },
    });
    expect(map).toBeAllClose([0, 0, 1]);
  });

  it('guided backprop passes what is positive and open, deconvnet what is positive', async () => {
    const request = {
      attributor: rectified,
      activation: Float32Array.of(-1, 2, 3),
      target: { kind: 'linear', weights: Float32Array.of(1, -1, 2) } as const,
    };
    expect((await methods.guidedBackprop.attribute(request)).map).toBeAllClose([0, 0, 2]);
    expect((await methods.deconvnet.attribute(request)).map).toBeAllClose([1, 0, 2]);
  });

  it('an L2 pool passes x / (4 p) back', async () => {
    const attributor = createAttributor(
      modelOf(
        [2, 2, 1],
        1,
        (x, ops) => ops.flatten(ops.l2Pool(x, { size: 2, stride: 2, padding: 'same' })) as tf.Tensor2D,
      ),
      eagerCompile,
    );
    const activation = Float32Array.of(1, 1, 3, 5);
    const { map } = await methods.deconvnet.attribute({
      attributor,
      activation,
      target: rawOutput(attributor.model, 0),
    });
    expect(map).toBeAllClose([1, 1, 3, 5].map((x) => x / (4 * 3)));
  });
});

describe('a max pool passed back smoothly', () => {
  it('is the gradient of avg(x^2) / (0.01 + avg|x|)', async () => {
    const pooled = createAttributor(
      modelOf(
        [2, 2, 1],
        1,
        (x, ops) => ops.flatten(ops.maxPool(x, { size: 2, stride: 2, padding: 'same' })) as tf.Tensor2D,
      ),
      eagerCompile,
    );
    const activation = Float32Array.of(1, 2, 0.5, 4);
    const { map, score } = await methods.gradient.attribute({
      attributor: pooled,
      activation,
      target: rawOutput(pooled.model, 0),
      options: { smoothPools: true },
    });
    const size = 0.01 + 7.5 / 4;
    const squares = (1 + 4 + 0.25 + 16) / 4;
    expect(map).toBeAllClose(
      activation.map((x) => (2 * x) / 4 / size - squares / 4 / size ** 2),
      { absolute: 1e-5 },
    );
    expect(score).toBe(4);
  });
});

describe('SmoothGrad', () => {
  it('takes the mean, the mean of squares or the variance of the maps, worked out here from the same noise', async () => {
    // f = sum x^3: the gradient at a noisy copy is 3 x^2.
    const attributor = createAttributor(
      modelOf([2], 1, (x) => tf.sum(tf.pow(x, 3), 1, true) as tf.Tensor2D),
      eagerCompile,
    );
    const activation = Float32Array.of(1, 3);
    const random = createStream(6, 'noise');
    const maps = Array.from({ length: 6 }, () => activation.map((x) => 3 * (x + 0.1 * 2 * normal(random)) ** 2));
    const mean = [0, 1].map((i) => sum(maps.map((map) => map[i])) / 6);
    const squares = [0, 1].map((i) => sum(maps.map((map) => map[i] ** 2)) / 6);
    const expected = { mean, squares, variance: squares.map((square, i) => square - mean[i] ** 2) };
    for (const [combine, values] of Object.entries(expected)) {
      const { map } = await methods.smoothGrad.attribute({
        attributor,
        activation,
        target: rawOutput(attributor.model, 0),
        options: { samples: 6, combine },
        random: createStream(6, 'noise'),
      });
      expect(map).toBeAllClose(values, { relative: 1e-4 });
    }
  });
});

describe('perturbation by blurring', () => {
  /** Logits [x, y, 0] and a value, of a frame whose only pixels are x and y, side by side. */
  const attributor = createAttributor(
    {
      ...modelOf([1, 2, 1], 4, (x, ops) => {
        const flat = ops.flatten(x);
        const nothing = tf.zerosLike(tf.slice(flat, [0, 0], [-1, 1]));
        return tf.concat([flat, nothing, tf.sum(flat, 1, true)], 1) as tf.Tensor2D;
      }),
      logits: 3,
    },
    eagerCompile,
  );
  const activation = Float32Array.of(2, -1);
  const options = { stride: 2, radius: 0.5, sigma: 0.5 };
  /** What the network says once the spot at the first pixel is blurred, by the deepest change of the raw outputs. */
  const perturbed = async (): Promise<number[]> => {
    const outputs: number[] = [];
    for (const output of [0, 1]) {
      const { map } = await methods.blurPerturbation.attribute({
        attributor,
        activation,
        target: rawOutput(attributor.model, output),
        options,
      });
      // Half the squared change; blurring brings the pixels closer to each other.
      outputs.push(activation[output] + (output === 0 ? -1 : 1) * Math.sqrt(2 * map[0]));
    }
    return [...outputs, 0];
  };
  const softmaxOf = (logits: readonly number[]): number[] => {
    const all = sum(logits.map(Math.exp));
    return logits.map((logit) => Math.exp(logit) / all);
  };

  it('of the whole policy is half the squared length of the change of the logits', async () => {
    const [x, y] = await perturbed();
    expect(x).toBeLessThan(2);
    const { map } = await methods.blurPerturbation.attribute({
      attributor,
      activation,
      target: rawOutput(attributor.model, 3),
      options: { ...options, of: 'policy' },
    });
    expect(map[0]).toBeCloseTo(((x - 2) ** 2 + (y + 1) ** 2) / 2, 5);
  });

  it.each(['original-perturbed', 'perturbed-original'])('SARFA is 2 K dp / (K + dp), KL %s', async (divergence) => {
    const p = softmaxOf([2, -1, 0]);
    const q = softmaxOf(await perturbed());
    const rest = (all: number[]): number[] => all.slice(1).map((value) => value / (all[1] + all[2]));
    const [from, to] = divergence === 'original-perturbed' ? [rest(p), rest(q)] : [rest(q), rest(p)];
    const specific = 1 / (1 + sum(from.map((share, i) => share * Math.log(share / to[i]))));
    const drop = p[0] - q[0];
    const target = centredLogit(attributor.model, 0);
    const { map } = await methods.sarfa.attribute({
      attributor,
      activation,
      target,
      options: { ...options, divergence },
    });
    expect(map[0]).toBeCloseTo((2 * specific * drop) / (specific + drop), 5);
  });

  it.each(['original-perturbed', 'perturbed-original'])(
    'SARFA of a certain action is a number, KL %s',
    async (divergence) => {
      for (const sure of [40, 800]) {
        const { map } = await methods.sarfa.attribute({
          attributor,
          activation: Float32Array.of(sure, -sure),
          target: centredLogit(attributor.model, 0),
          options: { ...options, divergence },
        });
        expect(map.every(Number.isFinite)).toBe(true);
      }
    },
  );
});

describe('what goes back is the transpose of what goes forward', () => {
  const random = (length: number, seed: number): Float32Array => {
    const stream = createStream(seed, 'adjoint');
    return Float32Array.from({ length }, () => stream.next() - 0.5);
  };
  const dot = (a: Float32Array, b: Float32Array): number => sum(a.map((value, i) => value * b[i]));
  const cases: [string, (x: tf.Tensor, ops: Parameters<Attributor['model']['score']>[1]) => tf.Tensor, number][] = [
    [
      'a convolution',
      (x, ops) => ops.convolution(x, kernel(3), tf.zeros([4]), { stride: 1, padding: 'same' }),
      6 * 6 * 4,
    ],
    [
      'a strided convolution',
      (x, ops) => ops.convolution(x, kernel(3), tf.zeros([4]), { stride: 2, padding: 'valid' }),
      2 * 2 * 4,
    ],
    ['unpooling through switches', (x, ops) => ops.maxPool(x, { size: 2, stride: 2, padding: 'same' }), 3 * 3 * 2],
    [
      'unpooling of windows that overlap',
      (x, ops) => ops.maxPool(x, { size: 3, stride: 2, padding: 'same' }),
      3 * 3 * 2,
    ],
    ['an average pool', (x, ops) => ops.averagePool(x, { size: 2, stride: 2, padding: 'same' }), 3 * 3 * 2],
  ];
  const kernel = (size: number): tf.Tensor => tf.tensor(random(size * size * 8, 3), [size, size, 2, 4]);

  it.each(cases)('%s', async (_, run, outputs) => {
    for (const ops of ['plain', 'deconvnet'] as const) {
      const attributor = createAttributor(
        modelOf([6, 6, 2], outputs, (x, table) => table.flatten(run(x, table)) as tf.Tensor2D),
        eagerCompile,
      );
      const x = random(72, 1);
      const w = random(outputs, 2);
      const { outputs: y, gradients } = await attributor.pullBack(x, w, { ops });
      expect(dot(y, w)).toBeCloseTo(dot(x, gradients), 5);
    }
  });
});

describe('DeepLift', () => {
  it.each(['maxPool', 'averagePool', 'l2Pool'] as const)(
    'sums exactly to the change of any target, through %s',
    async (pool) => {
      const attributor = smallConvolution(eagerCompile, pool);
      for (const target of [
        rawOutput(attributor.model, 3),
        centredLogit(attributor.model, 0),
        logProbability(attributor.model, 2),
        entropy(attributor.model),
      ]) {
        for (const seed of [1, 2, 3]) {
          const {
            unattributed = NaN,
            score,
            baselineScore = NaN,
          } = await methods.deepLift.attribute({
            attributor,
            activation: smallFrame(seed),
            baselines: [smallFrame(seed + 100)],
            target,
          });
          expect(Math.abs(unattributed)).toBeLessThan(2e-5 * Math.max(1, Math.abs(score - baselineScore)));
        }
      }
    },
  );

  it('sums exactly on residual networks, whose max pools overlap', async () => {
    const cuts = createCuts(untrainedPolicy('impala', [16, 16, 3]), eagerCompile);
    const observation = Uint8Array.from(smallFrame(4, 768), (value) => value * 255);
    for (const layer of ['input', '1a']) {
      const cut = await cuts.cutAt(observation, layer);
      const baseline = (await cuts.cutAt(new Uint8Array(768).fill(90), layer)).activation;
      const target = rawOutput(cut.attributor.model, 3);
      const {
        unattributed = NaN,
        score,
        baselineScore = NaN,
      } = await methods.deepLift.attribute({ ...cut, target, baselines: [baseline] });
      expect(score).not.toBeCloseTo(baselineScore, 3);
      expect(Math.abs(unattributed)).toBeLessThan(1e-4 * Math.abs(score - baselineScore));
    }
    cuts.dispose();
  });
});

describe('operations of imported networks', () => {
  /** Every entry that our own architectures do not use, one after another. */
  const unusual = createAttributor(
    modelOf(
      [4, 4, 2],
      1,
      (x, ops, { scale, shift, kernel, bias }) => {
        const padding: [[number, number], [number, number], [number, number], [number, number]] = [
          [0, 0],
          [1, 0],
          [0, 1],
          [0, 0],
        ];
        const a = ops.elementwise(ops.affine(x, scale, shift), { kind: 'leakyRelu', slope: 0.1 });
        const b = ops.maxPool(a, { size: 2, stride: 2, padding });
        const c = ops.convolution(b, kernel, bias, { stride: 1, padding });
        const gate = ops.elementwise(ops.mean(c, [1, 2], true), { kind: 'sigmoid' });
        const d = ops.multiply(ops.elementwise(c, { kind: 'tanh' }), gate);
        const e = ops.elementwise(d, { kind: 'clip', low: -0.4, high: 0.5 });
        const f = ops.concatenate(
          [ops.slice(e, 3, 0, 1), ops.averagePool(e, { size: 3, stride: 1, padding: 'same' })],
          3,
        );
        return ops.mean(ops.elementwise(ops.flatten(f), { kind: 'power', exponent: 2 }), [1], true) as tf.Tensor2D;
      },
      {
        scale: tensor([2], [1.5, -0.7]),
        shift: tensor([2], [0.1, -0.2]),
        kernel: tensor(
          [2, 2, 2, 2],
          Array.from({ length: 16 }, (_, i) => Math.sin(3 * i + 1)),
        ),
        bias: tensor([2], [0.05, -0.1]),
      },
    ),
    eagerCompile,
  );
  const activation = smallFrame(5, 32).map((value) => 2 * value - 1);
  const target = rawOutput(unusual.model, 0);

  it('keep DeepLift exact', async () => {
    for (const seed of [1, 2, 3]) {
      const {
        unattributed = NaN,
        score,
        baselineScore = NaN,
      } = await methods.deepLift.attribute({
        attributor: unusual,
        activation,
        baselines: [smallFrame(seed, 32)],
        target,
      });
      expect(Math.abs(score - baselineScore)).toBeGreaterThan(1e-3);
      expect(Math.abs(unattributed)).toBeLessThan(1e-4 * Math.abs(score - baselineScore));
    }
  });

  it('hand relevance on; what biases absorb is told', async () => {
    for (const rule of ['epsilon', 'gamma', 'alpha1-beta0']) {
      const {
        map,
        score,
        unattributed = NaN,
      } = await methods.relevance.attribute({ attributor: unusual, activation, target, options: { rule } });
      expect(map.every(Number.isFinite)).toBe(true);
      expect(sum(map) + unattributed).toBeCloseTo(score, 5);
    }
  });
});

describe('relevance propagation', () => {
  const unbiased = (pool: 'maxPool' | 'averagePool' | 'l2Pool'): Attributor => {
    const { model } = smallConvolution(eagerCompile, pool);
    const constants = Object.fromEntries(
      Object.entries(model.constants).map(([name, { shape, data }]) => [
        name,
        tensor(shape, name.startsWith('b') ? new Float32Array(data.length) : data),
      ]),
    );
    return createAttributor({ ...model, constants }, eagerCompile);
  };

  it.each(['epsilon', 'gamma', 'alpha1-beta0'])(
    'rule %s conserves the score where no bias absorbs any',
    async (rule) => {
      for (const pool of ['maxPool', 'averagePool', 'l2Pool'] as const) {
        const attributor = unbiased(pool);
        for (const seed of [1, 2]) {
          const { map, score, unattributed } = await methods.relevance.attribute({
            attributor,
            activation: smallFrame(seed),
            target: rawOutput(attributor.model, 3),
            options: { rule },
          });
          // A silent window leaves an L2 pool with sqrt(1e-8), and what that contributes has no input to go to.
          expect(Math.abs(sum(map) / score - 1)).toBeLessThan(pool === 'l2Pool' ? 2e-3 : 1e-4);
          expect(sum(map) + (unattributed ?? NaN)).toBeCloseTo(score, 5);
        }
      }
    },
  );

  it('shares a sum in proportion to what was added, and says what a bias took', async () => {
    const attributor = createAttributor(
      modelOf([2], 1, (x, ops, { kernel, bias }) => ops.dense(x, kernel, bias) as tf.Tensor2D, {
        kernel: tensor([2, 1], [2, -1]),
        bias: tensor([1], [3]),
      }),
      eagerCompile,
    );
    const request = { attributor, activation: Float32Array.of(2, 1), target: rawOutput(attributor.model, 0) };
    const plain = await methods.relevance.attribute(request);
    expect(plain.map).toBeAllClose([4, -1], { absolute: 1e-4 });
    expect(plain.unattributed).toBeCloseTo(3, 4);
    const positive = await methods.relevance.attribute({ ...request, options: { rule: 'alpha1-beta0' } });
    // Of the score 6, the positive terms 4 and 3 (the bias) take 6 * 4/7 and 6 * 3/7.
    expect(positive.map).toBeAllClose([(6 * 4) / 7, 0], { absolute: 1e-4 });
  });
});

describe('axioms of Integrated Gradients', () => {
  const steps = { steps: 128, adaptive: false };
  const ig = async (attributor: Attributor, target: Target, activation = smallFrame(3)): Promise<Float32Array> =>
    (await methods.integratedGradients.attribute({ attributor, target, activation, options: steps })).map;

  /** [count] of [-3, 3], no smaller than floats tell apart. */
  const numbers = (count: number) =>
    fc
      .array(fc.integer({ min: -300, max: 300 }), { minLength: count, maxLength: count })
      .map((all) => Float32Array.from(all, (value) => value / 100));
  /** A layer of four ReLUs over `inputs`, and one output: weights [inputs, 4], biases [4], sums [4, 1]. */
  const layerOf = (inputs: number, weights: Float32Array, biases: Float32Array, sums: Float32Array): Attributor =>
    createAttributor(
      modelOf(
        [inputs],
        1,
        (x, ops, { k, b, w, zero }) => ops.dense(ops.relu(ops.dense(x, k, b)), w, zero) as tf.Tensor2D,
        {
          k: tensor([inputs, biases.length], weights),
          b: tensor([biases.length], biases),
          w: tensor([biases.length, 1], sums),
          zero: tensor([1], [0]),
        },
      ),
      eagerCompile,
    );
  const few = { numRuns: 15 };

  it('linearity: a mixture of outputs has the mixture of their maps, for any mixture and frame', async () => {
    const attributor = smallConvolution();
    await fc.assert(
      fc.asyncProperty(numbers(4), fc.nat(1000), async (weights, seed) => {
        const frame = smallFrame(seed);
        const maps: Float32Array[] = [];
        for (const output of [0, 1, 2, 3]) maps.push(await ig(attributor, rawOutput(attributor.model, output), frame));
        const mixed = await ig(attributor, { kind: 'linear', weights }, frame);
        expect(mixed).toBeAllClose(
          mixed.map((_, i) => maps.reduce((total, map, output) => total + weights[output] * map[i], 0)),
          { absolute: 1e-4 },
        );
      }),
      few,
    );
  });

  it('symmetry: inputs that a function cannot tell apart get the same, for any such function', async () => {
    await fc.assert(
      fc.asyncProperty(numbers(8), numbers(4), numbers(4), numbers(2), async (rows, biases, sums, [same, other]) => {
        // The first two of three inputs enter every unit with the same weight.
        const weights = Float32Array.from([...rows.subarray(0, 4), ...rows.subarray(0, 4), ...rows.subarray(4)]);
        const attributor = layerOf(3, weights, biases, sums);
        const map = await ig(attributor, rawOutput(attributor.model, 0), Float32Array.of(same, same, other));
        expect(map[0]).toBeCloseTo(map[1], 4);
      }),
      few,
    );
  });

  it('implementation invariance: other networks for the same function have the same map', async () => {
    await fc.assert(
      fc.asyncProperty(numbers(8), numbers(4), numbers(4), numbers(2), async (weights, biases, sums, x) => {
        const direct = layerOf(2, weights, biases, sums);
        // relu(z) = relu(2 z) / 4 + relu(2 z) / 4, the units in the opposite order: eight of them.
        const order = [3, 2, 1, 0, 3, 2, 1, 0];
        const doubled = layerOf(
          2,
          Float32Array.from([0, 1].flatMap((row) => order.map((unit) => 2 * weights[4 * row + unit]))),
          Float32Array.from(order, (unit) => 2 * biases[unit]),
          Float32Array.from(order, (unit) => sums[unit] / 4),
        );
        const [one, two] = [
          await ig(direct, rawOutput(direct.model, 0), x),
          await ig(doubled, rawOutput(doubled.model, 0), x),
        ];
        expect(two).toBeAllClose(one, { absolute: 1e-4 });
      }),
      few,
    );
  });

  it('implementation invariance: a way there and back is no detour', async () => {
    // relu(x) - relu(-x) = x.
    const roundabout = createAttributor(
      modelOf([2], 1, (x, ops) => tf.sum(tf.sub(ops.relu(x), ops.relu(tf.neg(x))), 1, true) as tf.Tensor2D),
      eagerCompile,
    );
    await fc.assert(
      fc.asyncProperty(numbers(2), async (x) => {
        expect(await ig(roundabout, rawOutput(roundabout.model, 0), x)).toBeAllClose(x, { absolute: 1e-5 });
      }),
      few,
    );
  });

  it('sensitivity: what the function does not use gets nothing', async () => {
    const attributor = createAttributor(
      modelOf([2], 1, (x) => tf.square(tf.slice(x, [0, 0], [-1, 1])) as tf.Tensor2D),
      eagerCompile,
    );
    expect(await ig(attributor, rawOutput(attributor.model, 0), Float32Array.of(2, 7))).toBeAllClose([4, 0]);
  });
});

describe('targets', () => {
  const layout = { outputs: 4, logits: 3 };
  const all: [string, Target][] = [
    ['raw output', rawOutput(layout, 3)],
    ['centred logit', centredLogit(layout, 1)],
    ['log-probability', logProbability(layout, 0)],
    ['log-probability of a group', logProbability(layout, 0, 2)],
    ['probability', probability(layout, 1, 2)],
    ['group logit', groupLogit(layout, 1, 2)],
    ['entropy', entropy(layout)],
  ];

  it.each(all)('the %s has the same score and gradient on the host as in a compiled function', async (_, target) => {
    const attributor = smallConvolution();
    const frames = Float32Array.from([...smallFrame(1), ...smallFrame(2), ...smallFrame(3)]);
    const { scores, gradients } = await attributor.gradients(frames, target);
    expect(await attributor.scores(frames, target)).toBeAllClose(scores, { absolute: 1e-6 });
    const outputs = await attributor.outputs(frames);
    const weights = Float32Array.from(
      [0, 1, 2].flatMap((k) => [...tangent(target, outputs.subarray(4 * k, 4 * k + 4))]),
    );
    expect((await attributor.pullBack(frames, weights)).gradients).toBeAllClose(gradients, {
      absolute: 1e-6,
      relative: 1e-4,
    });
  });

  it.each(all)('the secant of the %s spans its change exactly', (_, target) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 8, maxLength: 8 }), (numbers) => {
        const [here, there] = [numbers.slice(0, 4), numbers.slice(4)];
        const weights = secant(target, here, there);
        const change = weights.reduce((total, weight, i) => total + weight * (here[i] - there[i]), 0);
        expect(change).toBeCloseTo(scoreOf(target, here) - scoreOf(target, there), 7);
      }),
    );
  });

  it('a centred logit does not move when all logits do, a raw one does', () => {
    expect(scoreOf(centredLogit(layout, 1), [1, 2, 3, 0])).toBeCloseTo(
      scoreOf(centredLogit(layout, 1), [11, 12, 13, 0]),
      5,
    );
    expect(scoreOf(rawOutput(layout, 1), [11, 12, 13, 0])).toBe(12);
  });
});
