import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eagerCompile } from '@saccade/nn';
import { createExplainer, parseTarget } from '@saccade/insight';
import '../support/allClose.ts';
import { randomObservation, untrainedPolicy } from '../attribution/toys.ts';

const shape = [16, 16, 3];
const observation = randomObservation(shape);
const policy = untrainedPolicy('compact', shape);
const explainer = createExplainer({ policy, compile: eagerCompile });
const residual = createExplainer({ policy: untrainedPolicy('impala', shape), compile: eagerCompile });

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterAll(() => {
  explainer.dispose();
  residual.dispose();
});

describe('targets as text', () => {
  it('an action is its centred logit, an index is raw, value is the last output', () => {
    expect(parseTarget('jump', policy).target).toEqual({
      kind: 'linear',
      weights: Float32Array.of(-1 / 3, -1 / 3, 2 / 3, 0).map((w, i) => (i === 2 ? Math.fround(-1 / 3) + 1 : w)),
    });
    expect(parseTarget('1', policy).target).toMatchObject({ weights: Float32Array.of(0, 1, 0, 0) });
    expect(parseTarget('value', policy).target).toMatchObject({ weights: Float32Array.of(0, 0, 0, 1) });
    expect(parseTarget('difference:left,jump', policy).target).toMatchObject({ weights: Float32Array.of(1, 0, -1, 0) });
    expect(parseTarget('log-probability:left,right', policy).target).toMatchObject({ mask: Float32Array.of(1, 1, 0) });
  });

  it('an unknown one is answered with those that exist', () => {
    for (const text of ['fly', '4', '', 'difference:left', 'log-probability:fly', 'constructor']) {
      expect(() => parseTarget(text, policy)).toThrow(/left, right, jump.*value/);
    }
  });
});

describe('explaining an observation', () => {
  it.each(['saliency', 'integratedGradients', 'gradCam'])(
    '%s answers at the input and at hidden layers',
    async (method) => {
      for (const layer of ['input', '2b']) {
        const { map, target } = await explainer.explain(observation, { method, layer, target: 'value' });
        expect(map.some((value) => value !== 0)).toBe(true);
        expect(target.units).toBe('value');
      }
    },
  );

  it('scores the same target at every layer, residual bypasses included', async () => {
    const request = { method: 'gradientTimesInput', target: 'right' };
    const { score } = await residual.explain(observation, { ...request, layer: 'input' });
    for (const layer of ['1a/a', '2b', 'dense1']) {
      const explanation = await residual.explain(observation, { ...request, layer });
      expect(explanation.score).toBeCloseTo(score, 5);
    }
  });

  it('compares with the named baseline', async () => {
    const request = { method: 'integratedGradients', layer: 'input', target: 'value' };
    const same = await explainer.explain(observation, {
      ...request,
      options: { baseline: 'custom' },
      references: { custom: observation },
    });
    expect(same.map.every((value) => value === 0)).toBe(true);
    const random = { ...request, options: { baseline: 'random', adaptive: false, steps: 4 } };
    expect((await explainer.explain(observation, { ...random, seed: 1 })).map).not.toEqual(
      (await explainer.explain(observation, { ...random, seed: 2 })).map,
    );
  });

  it('lists what exists when a method, layer, target or baseline does not', async () => {
    const ask = (changes: object): Promise<unknown> =>
      explainer.explain(observation, { method: 'saliency', layer: 'input', target: 'value', ...changes });
    await expect(ask({ method: 'magic' })).rejects.toThrow(/expected one of saliency, .*got magic/);
    await expect(ask({ layer: '9z' })).rejects.toThrow(/expected one of input, 1a, .*got 9z/);
    await expect(ask({ target: 'fly' })).rejects.toThrow(/left, right, jump/);
    await expect(ask({ method: 'integratedGradients', options: { baseline: 'pink' } })).rejects.toThrow(
      /expected one of default, black, .*got pink/,
    );
    await expect(
      explainer.explain(new Uint8Array(5), { method: 'saliency', layer: 'input', target: '0' }),
    ).rejects.toThrow(/expected an observation \[16, 16, 3\]/);
  });
});

describe('explaining a frame by factors', () => {
  it('factors and residual sum to the attribution, position by position', async () => {
    for (const target of ['value', 'jump']) {
      const frame = await explainer.explainFrame(observation, { layer: '2b', target, factors: 3 });
      const { factorAttributions, residual: rest, attribution, height, width } = frame;
      expect(factorAttributions).toHaveLength(height * width * 3);
      const total = attribution.map.reduce((a, b) => a + b, 0);
      const parts = factorAttributions.reduce((a, b) => a + b, 0) + rest.reduce((a, b) => a + b, 0);
      expect(parts).toBeCloseTo(total, 4);
      const channels = attribution.shape[2];
      for (let p = 0; p < height * width; p++) {
        const here = attribution.map.subarray(p * channels, (p + 1) * channels).reduce((a, b) => a + b, 0);
        const inFactors = factorAttributions.subarray(p * 3, p * 3 + 3).reduce((a, b) => a + b, 0);
        expect(inFactors + rest[p]).toBeCloseTo(here, 4);
      }
      expect(frame.factorActivations.every((value) => value >= 0)).toBe(true);
    }
  });

  it('reads frames with a dictionary that was fitted on others', async () => {
    const frames = Uint8Array.from([...randomObservation(shape, 1), ...randomObservation(shape, 2)]);
    const dictionary = await explainer.fitDictionary(frames, { layer: '2a', factors: 4 });
    expect(dictionary.explained).toBeGreaterThan(0.3);
    const { factorActivations } = await explainer.explainFrame(observation, {
      layer: '2a',
      target: 'value',
      dictionary,
    });
    expect(factorActivations.some((value) => value > 0)).toBe(true);
    await expect(explainer.explainFrame(observation, { layer: '1a', target: 'value', dictionary })).rejects.toThrow(
      /expected a dictionary of 1a/,
    );
  });
});
