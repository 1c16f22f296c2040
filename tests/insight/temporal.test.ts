/** Explanations of two frames, and a network's units as outputs. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExplainer, explainResidual, explainTransition } from '@saccade/insight';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { randomObservation, untrainedPolicy } from '../attribution/toys.ts';

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
