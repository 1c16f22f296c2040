import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import {
  centredLogit,
  createAttributor,
  everySecond,
  methods,
  quadrature,
  quadratures,
  rawOutput,
} from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import { describeAttribution } from '../contracts/attribution.ts';
import '../support/allClose.ts';
import { modelOf, smallConvolution, smallFrame, smallObjects, smallSource, twoRelus } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { source, layer } = smallSource();
for (const [name, method] of Object.entries(methods)) {
  describeAttribution(name, method, {
    request: () => ({
      ...layer,
      source,
      objects: smallObjects(layer.activation),
      target: centredLogit(layer.attributor.model, 1),
    }),
  });
}

/** outputs = [sum(x), sum(x^2)] on [2, 2, 1]. */
const squares = createAttributor(
  modelOf([2, 2, 1], 2, (x, ops) => {
    const flat = ops.flatten(x);
    return tf.stack([tf.sum(flat, 1), tf.sum(tf.square(flat), 1)], 1) as tf.Tensor2D;
  }),
  eagerCompile,
);
const x = Float32Array.of(1, -2, 3, 0);

describe('gradient methods on f = sum(x^2)', () => {
  const target = rawOutput(squares.model, 1);

  it('saliency is |2x|, the signed gradient 2x, gradient x input 2x^2', async () => {
    const request = { attributor: squares, activation: x, target };
    expect((await methods.saliency.attribute(request)).map).toBeAllClose([2, 4, 6, 0]);
    expect((await methods.gradient.attribute(request)).map).toBeAllClose([2, -4, 6, 0]);
    const { map, score } = await methods.gradientTimesInput.attribute(request);
    expect(map).toBeAllClose([2, 8, 18, 0]);
    expect(score).toBeCloseTo(14);
  });

  it('a linear target mixes the outputs', async () => {
    const mixed = { kind: 'linear', weights: Float32Array.of(10, 1) } as const;
    const { map } = await methods.gradient.attribute({ attributor: squares, activation: x, target: mixed });
    expect(map).toBeAllClose([12, 6, 16, 10]);
  });

  it('Integrated Gradients is x^2 - b^2 from a baseline b that shares no coordinate, exactly', async () => {
    const { map, score, baselineScore, integrationError } = await methods.integratedGradients.attribute({
      attributor: squares,
      activation: x,
      target,
      baselines: [Float32Array.of(0, 1, 1, 1)],
    });
    expect(map).toBeAllClose([1, 3, 8, -1]);
    expect([score, baselineScore]).toEqual([14, 3]);
    expect(integrationError?.completeness).toBeLessThan(1e-5);
    expect(integrationError?.converged).toBe(true);
  });

  it('Grad-CAM weighs channels by their mean gradient and keeps what is positive', async () => {
    // One channel: alpha = mean(2x) = 1, so the map is relu(x); the counterfactual is relu(-x).
    const request = { attributor: squares, activation: x, target };
    const { map, shape } = await methods.gradCam.attribute(request);
    expect(shape).toEqual([2, 2]);
    expect(map).toBeAllClose([1, 0, 3, 0]);
    const against = await methods.gradCam.attribute({ ...request, options: { counterfactual: true } });
    expect(against.map).toBeAllClose([0, 2, 0, 0]);
  });
});

describe('the stochastic path of Integrated Gradients', () => {
  // f0 = x0 x1, f1 = 2 x0 - 3 x1, over two channels of one position.
  const attributor = createAttributor(
    modelOf([1, 1, 2], 2, (input, ops) => {
      const flat = ops.flatten(input);
      const [first, second] = [tf.slice(flat, [0, 0], [-1, 1]), tf.slice(flat, [0, 1], [-1, 1])];
      return tf.concat([tf.mul(first, second), tf.sub(tf.mul(first, 2), tf.mul(second, 3))], 1) as tf.Tensor2D;
    }),
    eagerCompile,
  );
  const ask = (output: number, options: object = {}, baselines?: Float32Array[]) =>
    methods.integratedGradients.attribute({
      attributor,
      activation: Float32Array.of(3, 5),
      target: rawOutput(attributor.model, output),
      options: { path: 'stochastic', steps: 7, ...options },
      random: createStream(4, 'path'),
      baselines,
    });

  it('gives a linear target weight x difference, wherever its points lie', async () => {
    expect((await ask(1)).map).toBeAllClose([6, -15], { absolute: 1e-5 });
    expect((await ask(1, {}, [Float32Array.of(1, 1)])).map).toBeAllClose([4, -12], { absolute: 1e-5 });
    expect((await ask(1, { multiplyByInputs: false })).map).toBeAllClose([2, -3], { absolute: 1e-6 });
  });

  it('gives a product what its points do, worked out here from the same random numbers', async () => {
    const { map, score, baselineScore, unattributed, note } = await ask(0, { quadrature: 'left' });
    const random = createStream(4, 'path');
    const expected = [0, 0];
    for (let k = 0; k < 7; k++) {
      const [s0, s1] = [0, 1].map(() => (random.next() + random.next()) / 1.5);
      // d x0 x1 / d x0 = x1 at the point, times the difference 3; and the other way round.
      expected[0] += ((k / 7) * s1 * 5 * 3) / 7;
      expected[1] += ((k / 7) * s0 * 3 * 5) / 7;
    }
    expect(map).toBeAllClose(expected, { absolute: 1e-5 });
    expect([score, baselineScore]).toEqual([15, 0]);
    expect(unattributed).toBeCloseTo(15 - expected[0] - expected[1], 4);
    expect(note).toMatch(/does not sum/);
  });

  it('says that it needs a random stream', async () => {
    const request = { attributor, activation: Float32Array.of(3, 5), target: rawOutput(attributor.model, 0) };
    await expect(
      methods.integratedGradients.attribute({ ...request, options: { path: 'stochastic' } }),
    ).rejects.toThrow('expected a random stream for path=stochastic, got none');
  });
});

describe('Integrated Gradients through kinks', () => {
  const attributor = twoRelus();
  const request = { attributor, activation: Float32Array.of(3, 1), target: rawOutput(attributor.model, 0) };

  it('doubles its points until both errors are within tolerance', async () => {
    const { map, integrationError } = await methods.integratedGradients.attribute({
      ...request,
      options: { steps: 2, tolerance: 0.005 },
    });
    expect(map).toBeAllClose([2, -1], { absolute: 0.02 });
    expect(integrationError?.steps).toBeGreaterThan(8);
    expect(integrationError?.converged).toBe(true);
  });

  it('says so when it stops before that', async () => {
    const { integrationError } = await methods.integratedGradients.attribute({
      ...request,
      activation: Float32Array.of(3, 0),
      options: { steps: 2, tolerance: 1e-6, maximumSteps: 4 },
    });
    expect(integrationError).toMatchObject({ steps: 4, converged: false });
  });

  it.each(quadratures)('the %s rule converges', async (rule) => {
    const { map } = await methods.integratedGradients.attribute({
      ...request,
      options: { steps: 400, adaptive: false, quadrature: rule },
    });
    expect(map).toBeAllClose([2, -1], { absolute: 0.02 });
  });

  it('sums to score - baseline score for any frame, baseline and target', async () => {
    const attributor = smallConvolution();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 3 }), async (seed, output) => {
        const {
          map,
          score,
          baselineScore = NaN,
        } = await methods.integratedGradients.attribute({
          attributor,
          activation: smallFrame(seed),
          baselines: [smallFrame(seed + 5000)],
          target: rawOutput(attributor.model, output),
          options: { steps: 64, tolerance: 1e-3, maximumSteps: 1024 },
        });
        const sum = map.reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - (score - baselineScore))).toBeLessThan(
          2e-3 * Math.max(1, Math.abs(score - baselineScore)),
        );
      }),
      { numRuns: 10 },
    );
  });
});

/** P_n(x) by Bonnet's recursion: (k + 1) P_(k+1) = (2 k + 1) x P_k - k P_(k-1). */
function legendrePolynomial(n: number, x: number): number {
  let [before, now] = [1, x];
  for (let k = 1; k < n; k++) [before, now] = [now, ((2 * k + 1) * x * now - k * before) / (k + 1)];
  return now;
}

/** Abramowitz & Stegun, table 25.4 (to 15 digits and more): nodes from the middle outwards, and their weights. */
const publishedGauss = [
  { points: 1, nodes: [0], weights: [2] },
  { points: 2, nodes: [0.577350269189626], weights: [1] },
  { points: 3, nodes: [0, 0.774596669241483], weights: [0.888888888888889, 0.555555555555556] },
  {
    points: 5,
    nodes: [0, 0.538469310105683, 0.906179845938664],
    weights: [0.568888888888889, 0.478628670499366, 0.236926885056189],
  },
  {
    points: 10,
    nodes: [0.148874338981631, 0.433395394129247, 0.679409568299024, 0.865063366688985, 0.973906528517172],
    weights: [0.295524224714753, 0.269266719309996, 0.219086362515982, 0.149451349150581, 0.066671344308688],
  },
  {
    points: 20,
    nodes: [
      0.0765265211334973, 0.2277858511416451, 0.3737060887154195, 0.5108670019508271, 0.636053680726515,
      0.7463319064601508, 0.8391169718222188, 0.912234428251326, 0.9639719272779138, 0.9931285991850949,
    ],
    weights: [
      0.1527533871307258, 0.1491729864726037, 0.142096109318382, 0.1316886384491766, 0.1181945319615184,
      0.1019301198172404, 0.0832767415767048, 0.0626720483341091, 0.0406014298003869, 0.0176140071391521,
    ],
  },
];

describe('quadratures', () => {
  it.each(quadratures)('the weights of %s sum to 1 and integrate a line exactly or to first order', (name) => {
    for (const points of [2, 5, 20]) {
      const { nodes, weights } = quadrature(name, points);
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      const mean = nodes.reduce((sum, node, k) => sum + node * weights[k], 0);
      const bias = name === 'left' ? -0.5 / points : name === 'right' ? 0.5 / points : 0;
      expect(mean).toBeCloseTo(0.5 + bias, 12);
    }
  });

  it.each(quadratures)('every second point of %s still integrates constants, and Gauss more than lines', (name) => {
    for (const points of [2, 3, 10, 20, 50]) {
      const rule = quadrature(name, points);
      const half = everySecond(name, rule);
      expect(half.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
      half.forEach((weight, k) => expect(k % 2 === 0 ? weight > 0 : weight === 0).toBe(true));
      if (name !== 'gauss-legendre') continue;
      const degree = Math.ceil(points / 2) - 1;
      const integral = rule.nodes.reduce((sum, node, k) => sum + half[k] * node ** degree, 0);
      expect(integral).toBeCloseTo(1 / (degree + 1), 10);
    }
    if (name === 'trapezoid') {
      expect(everySecond(name, quadrature(name, 9)).filter((weight) => weight > 0)).toEqual(
        quadrature(name, 5).weights,
      );
    }
  });

  it('Gauss-Legendre is exact for every monomial up to degree 2 n - 1, up to 64 points', () => {
    // That determines nodes and weights uniquely.
    for (let points = 1; points <= 64; points++) {
      const { nodes, weights } = quadrature('gauss-legendre', points);
      for (let degree = 0; degree < 2 * points; degree++) {
        const integral = nodes.reduce((sum, node, k) => sum + weights[k] * node ** degree, 0);
        expect(Math.abs(integral - 1 / (degree + 1)), `degree ${degree} of ${points} points`).toBeLessThan(1e-13);
      }
    }
  });

  it('Gauss-Legendre nodes are n different roots of the Legendre polynomial, to 1e-13, up to 64 points', () => {
    for (let points = 1; points <= 64; points++) {
      const { nodes } = quadrature('gauss-legendre', points);
      nodes.forEach((node, k) => {
        expect(node).toBeGreaterThan(k === 0 ? 0 : nodes[k - 1]);
        expect(node).toBeLessThan(1);
        // P_n changes its sign within 1e-13 on both sides: a root lies between. On [-1, 1] that is twice as far.
        const [left, right] = [-2e-13, 2e-13].map((off) => legendrePolynomial(points, 2 * node - 1 + off));
        expect(left * right, `node ${k} of ${points}`).toBeLessThan(0);
      });
    }
  });

  it.each(publishedGauss)('Gauss-Legendre with $points points has the nodes and weights of the tables', (table) => {
    const { nodes, weights } = quadrature('gauss-legendre', table.points);
    // The tables are for [-1, 1], whose weights sum to 2, and list one half of what is symmetric.
    const whole = (half: readonly number[], sign: 1 | -1): number[] => {
      const mirrored = half.map((value) => sign * value).reverse();
      return [...(table.points % 2 === 1 ? mirrored.slice(0, -1) : mirrored), ...half];
    };
    const exactly = { absolute: 2e-14, relative: 0 };
    expect(nodes).toBeAllClose(
      whole(table.nodes, -1).map((x) => (1 + x) / 2),
      exactly,
    );
    expect(weights).toBeAllClose(
      whole(table.weights, 1).map((w) => w / 2),
      exactly,
    );
  });
});
