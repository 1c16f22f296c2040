import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
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

  it('Gauss-Legendre nodes are the roots of the Legendre polynomial, to 1e-13, up to 64 points', () => {
    for (let points = 1; points <= 64; points++) {
      const { nodes, weights } = quadrature('gauss-legendre', points);
      // Exact for every monomial up to degree 2 n - 1 determines nodes and weights uniquely.
      for (const degree of [1, points, 2 * points - 1]) {
        const integral = nodes.reduce((sum, node, k) => sum + weights[k] * node ** degree, 0);
        expect(Math.abs(integral - 1 / (degree + 1))).toBeLessThan(1e-13);
      }
    }
    const { nodes, weights } = quadrature('gauss-legendre', 3);
    expect(nodes).toBeAllClose([0.5 - Math.sqrt(0.15), 0.5, 0.5 + Math.sqrt(0.15)], { absolute: 1e-14, relative: 0 });
    expect(weights).toBeAllClose([5 / 18, 8 / 18, 5 / 18], { absolute: 1e-14, relative: 0 });
  });
});
