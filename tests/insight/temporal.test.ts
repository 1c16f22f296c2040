/** Explanations of two frames, and a network's units as outputs. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExplainer, explainResidual, explainTransition, residualDiscount, residualMap } from '@saccade/insight';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { randomObservation, untrainedPolicy } from '../attribution/toys.ts';
import { colourPolicy } from './toys.ts';

const shape = [16, 16, 3];
const policy = untrainedPolicy('compact', shape);
const explainer = createExplainer({ policy, compile: eagerCompile });
const [before, after] = [randomObservation(shape, 1), randomObservation(shape, 2)];
const valueOf = async (observation: Uint8Array): Promise<number> =>
  (await explainer.explain(observation, { method: 'gradient', layer: 'input', target: 'value' })).score;
const sum = (map: Float32Array): number => map.reduce((total, value) => total + value, 0);

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterAll(() => explainer.dispose());

describe('a spike of the value', () => {
  it.each(['input', '2b'])('is shared out at %s among what changed between the frames', async (layer) => {
    const { map, integrationError } = await explainTransition(explainer, before, after, { layer, target: 'value' });
    const change = (await valueOf(after)) - (await valueOf(before));
    expect(Math.abs(sum(map) - change)).toBeLessThan(0.05 * Math.abs(change));
    expect(integrationError?.converged).toBe(true);
  });

  it('leaves alone what did not change', async () => {
    const half = Uint8Array.from(before, (value, i) => (i < before.length / 2 ? value : after[i]));
    const { map } = await explainTransition(explainer, before, half, { layer: 'input', target: 'value' });
    expect(map.subarray(0, map.length / 2).every((value) => value === 0)).toBe(true);
    expect(map.some((value) => value !== 0)).toBe(true);
  });
});

describe('the TD residual', () => {
  it('is attributed to both of its frames', async () => {
    const step = { before, after, reward: 1, discount: 0.9 };
    const request = { method: 'integratedGradients', layer: 'input' };
    const explained = await explainResidual(explainer, step, request);
    expect(explained.residual).toBeCloseTo(1 + 0.9 * (await valueOf(after)) - (await valueOf(before)), 5);
    const plain = await explainer.explain(before, { ...request, target: 'value' });
    expect(explained.before.map).toBeAllClose(
      plain.map.map((value) => -value),
      { absolute: 1e-6 },
    );
    expect(explained.after?.target.units).toBe('value');
  });

  it('of a termination has nothing after it', async () => {
    const explained = await explainResidual(
      explainer,
      { before, reward: 10, discount: 0.9 },
      { method: 'gradient', layer: 'input' },
    );
    expect(explained.residual).toBeCloseTo(10 - (await valueOf(before)), 5);
    expect(explained.after).toBeUndefined();
  });
});

describe('the TD residual of a policy worked out by hand', () => {
  // The value is 2 red - 3 green + 0.5 blue, each over 255, summed over one pixel: 2 - 0.6 + 0 and 0.4 - 3 + 0.5.
  const simple = createExplainer({ policy: colourPolicy(1, [2, -3, 0.5], [[0, 0, 0]]), compile: eagerCompile });
  const step = {
    before: Uint8Array.of(255, 51, 0),
    after: Uint8Array.of(51, 255, 255),
    reward: 10,
    discount: 0.5,
  };
  afterAll(() => simple.dispose());

  it.each(['integratedGradients', 'gradientTimesInput', 'deepLift'])(
    'by %s: less each value before, and half of each after',
    async (method) => {
      const explained = await explainResidual(simple, step, { method, layer: 'input' });
      // 10 + 0.5 (0.4 - 3 + 0.5) - (2 - 0.6)
      expect(explained.residual).toBeCloseTo(7.55, 5);
      expect(explained.before.map).toBeAllClose([-2, 0.6, 0], { absolute: 1e-5 });
      expect(explained.after?.map).toBeAllClose([0.2, -1.5, 0.25], { absolute: 1e-5 });
      const whole = residualMap(explained, 'td-residual');
      expect(whole.map).toBeAllClose([-1.8, -0.9, 0.25], { absolute: 1e-5 });
      expect(whole).toMatchObject({ shape: [1, 1, 3], target: { text: 'td-residual', units: 'value' } });
      // What the map does not hold is the reward, which no frame shows.
      expect(sum(whole.map)).toBeCloseTo(whole.score - 10, 5);
      if (whole.baselineScore !== undefined) expect(whole.baselineScore).toBeCloseTo(10, 5);
    },
  );

  it('by gradients: how much the residual moves with either frame; by saliency: how much, without a sign', async () => {
    const explained = await explainResidual(simple, step, { method: 'gradient', layer: 'b' });
    expect(explained.before.map).toBeAllClose([-2, 3, -0.5], { absolute: 1e-6 });
    expect(explained.after?.map).toBeAllClose([1, -1.5, 0.25], { absolute: 1e-6 });
    const either = residualMap(await explainResidual(simple, step, { method: 'saliency', layer: 'b' }), 'td-residual');
    expect(either.map.every((value) => value >= 0)).toBe(true);
    expect(either.signed).toBe(false);
  });

  it('of a termination is the reward less the value before', async () => {
    const { after: _, ...terminated } = step;
    const whole = residualMap(
      await explainResidual(simple, terminated, { method: 'integratedGradients', layer: 'input' }),
      'td-residual',
    );
    expect(whole.score).toBeCloseTo(10 - 1.4, 5);
    expect(whole.map).toBeAllClose([-2, 0.6, 0], { absolute: 1e-5 });
  });

  it('says what it cannot be asked', async () => {
    const ask = (change: Partial<typeof step>, method = 'gradient') =>
      explainResidual(simple, { ...step, ...change }, { method, layer: 'input' });
    await expect(ask({ discount: 1.5 })).rejects.toThrow('expected a discount from 0 to 1, got 1.5');
    await expect(ask({ reward: NaN })).rejects.toThrow('expected a finite reward, got NaN');
    await expect(ask({}, 'shapley')).rejects.toThrow('td-residual: expected a method that takes no objects away');
    const without = { method: 'integratedGradients', layer: 'input', options: { baseline: 'without:all' } };
    await expect(explainResidual(simple, step, without)).rejects.toThrow(
      'td-residual: expected a baseline that takes no objects away, got without:all',
    );
    await expect(ask({ after: Uint8Array.of(1) })).rejects.toThrow('expected an observation [1, 1, 3]');
  });

  it('is named with or without a discount', () => {
    expect(residualDiscount('td-residual', 0.9)).toBe(0.9);
    expect(residualDiscount('td-residual:0.25', 0.9)).toBe(0.25);
    expect(residualDiscount('value', 0.9)).toBeUndefined();
    for (const wrong of ['td-residual:', 'td-residual:2', 'td-residual:half']) {
      expect(() => residualDiscount(wrong, 0.9)).toThrow(`<discount from 0 to 1>, got ${wrong}`);
    }
  });
});

describe('the units of a layer', () => {
  it('are what the layer holds, from inputs 0-1', async () => {
    const { activations } = await explainer.activations(before, '2b');
    const inputs = Float32Array.from(before, (value) => value / 255);
    const units = await explainer.unitsAt('2b').outputs(inputs);
    expect(units).toBeAllClose(activations, { absolute: 1e-5 });
  });

  it('have the gradient of the same units in observations, times 255', async () => {
    const inputs = Float32Array.from(before, (value) => value / 255);
    const units = explainer.unitsAt('2a');
    const weights = new Float32Array(units.model.outputs);
    weights[5 * 32 + 3] = 1;
    const { gradients, outputs } = await units.pullBack(inputs, weights);
    const at = gradients.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradients[best]) ? i : best), 0);
    const nudged = inputs.map((value, i) => value + (i === at ? 1e-2 : 0));
    const change = (await units.outputs(nudged))[5 * 32 + 3] - outputs[5 * 32 + 3];
    if (outputs[5 * 32 + 3] > 0) expect(change / 1e-2).toBeCloseTo(gradients[at], 1);
  });
});

describe('conductance and Guided Grad-CAM', () => {
  it('conductance of any layer sums to the change of the target from the input baseline', async () => {
    for (const layer of ['2b', 'dense1']) {
      const {
        map,
        score,
        baselineScore = NaN,
      } = await explainer.explain(before, {
        method: 'conductance',
        layer,
        target: 'jump',
        options: { baseline: 'black' },
      });
      expect(Math.abs(sum(map) - (score - baselineScore))).toBeLessThan(0.05 * Math.abs(score - baselineScore));
    }
  });

  it('Guided Grad-CAM maps the input, whatever the layer', async () => {
    const explained = await explainer.explain(before, { method: 'guidedGradCam', layer: '2b', target: 'jump' });
    expect(explained.shape).toEqual([16, 16, 3]);
    expect(explained.warning).toMatch(/randomisation/);
  });
});
