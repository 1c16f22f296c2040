/** What a simulator adds to explanations: objects taken away, and pictures without them to compare with. */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { createExplainer, objectsInView } from '@saccade/insight';
import '../support/allClose.ts';
import { jitCompile } from '../attribution/jit.ts';
import { untrainedPolicy } from '../attribution/toys.ts';

const environment = createCoinRun({ difficulty: 'hard' });

/** The first level whose start shows at least two objects. */
function busyFrame(): ReturnType<typeof objectsInView> {
  for (let level = 0; level < 200; level++) {
    environment.begin(level);
    const frame = objectsInView(environment);
    if (frame.objects.length >= 2) return frame;
  }
  throw new Error('no level shows two objects');
}
const frame = busyFrame();
const explainer = createExplainer({ policy: untrainedPolicy('compact'), compile: jitCompile });

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterAll(() => explainer.dispose());

const valueOf = async (observation: Uint8Array): Promise<number> =>
  (await explainer.explain(observation, { method: 'gradient', layer: 'input', target: 'value' })).score;

describe('the objects in view', () => {
  it('are found where taking them away changes pixels, and nothing else is touched', () => {
    const shown = new Uint8Array(64 * 64 * 3);
    environment.observeInto(shown, 0);
    expect(frame.observation).toEqual(shown);
    for (const [index, { mask, area, name, kind }] of frame.objects.entries()) {
      const absent = frame.without([index]);
      const differs = (p: number): boolean => [0, 1, 2].some((c) => absent[p * 3 + c] !== shown[p * 3 + c]);
      mask.forEach((inside, p) => expect(inside === 1).toBe(differs(p)));
      expect(area).toBeGreaterThan(0);
      expect(name.startsWith(kind)).toBe(true);
    }
    expect(frame.without([])).toEqual(shown);
  });

  it('ablation measures what the target loses without each; Shapley values share out what all lose', async () => {
    const request = { layer: 'input', target: 'value', objects: frame };
    const ablation = await explainer.explain(frame.observation, { ...request, method: 'ablation' });
    const value = await valueOf(frame.observation);
    for (const [index] of frame.objects.entries()) {
      expect(ablation.objects?.[index]).toBeCloseTo(value - (await valueOf(frame.without([index]))), 4);
    }
    const shapley = await explainer.explain(frame.observation, { ...request, method: 'shapley' });
    const players = frame.objects.slice(0, 8).map((_, index) => index);
    const shared = (shapley.objects ?? new Float32Array()).reduce((sum, part) => sum + part, 0);
    expect(shared).toBeCloseTo(value - (await valueOf(frame.without(players))), 4);
  });

  it('are baselines too: integrated gradients from the frame without one live on its pixels', async () => {
    const [{ name, mask }] = frame.objects;
    const {
      map,
      score,
      baselineScore = NaN,
    } = await explainer.explain(frame.observation, {
      method: 'integratedGradients',
      layer: 'input',
      target: 'value',
      options: { baseline: `without:${name}` },
      objects: frame,
    });
    map.forEach((attribution, i) => {
      if (!mask[Math.floor(i / 3)]) expect(Math.abs(attribution)).toBe(0);
    });
    const ablated = score - baselineScore;
    expect(Math.abs(map.reduce((sum, part) => sum + part, 0) - ablated)).toBeLessThan(0.06 * Math.abs(ablated) + 1e-5);
    expect(baselineScore).toBeCloseTo(await valueOf(frame.without([0])), 4);
  });

  it('are listed when another is asked for', async () => {
    const ask = (baseline: string): Promise<unknown> =>
      explainer.explain(frame.observation, {
        method: 'integratedGradients',
        layer: 'input',
        target: 'value',
        options: { baseline },
        objects: frame,
      });
    await expect(ask('without:dragon')).rejects.toThrow(frame.objects[0].name);
    await expect(ask('without:all')).resolves.toBeDefined();
  });

  it('are needed by the methods that take them away, which say so', async () => {
    await expect(
      explainer.explain(frame.observation, { method: 'ablation', layer: 'input', target: 'value' }),
    ).rejects.toThrow(/objects of the frame/);
  });
});

describe('residual networks', () => {
  it('have factors too, of what their next ReLU sees', async () => {
    const impala = createExplainer({ policy: untrainedPolicy('impala'), compile: jitCompile });
    const explained = await impala.explainFrame(frame.observation, { layer: '2b', target: 'value', factors: 4 });
    expect(explained.factorActivations.every((value) => value >= 0)).toBe(true);
    const total = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);
    const parts = total(explained.factorAttributions) + total(explained.residual);
    expect(parts).toBeCloseTo(total(explained.attribution.map), 3);
    impala.dispose();
  });

  it('say when a map was made with smoothed max pools', async () => {
    const impala = createExplainer({ policy: untrainedPolicy('impala'), compile: jitCompile });
    const request = { method: 'gradient', layer: 'input', target: 'value' };
    const plain = await impala.explain(frame.observation, request);
    const smooth = await impala.explain(frame.observation, { ...request, options: { smoothPools: true } });
    expect(plain.warning).toBeUndefined();
    expect(smooth.warning).toMatch(/smoothed max pools/);
    expect(smooth.map).not.toEqual(plain.map);
    expect(smooth.score).toBeCloseTo(plain.score, 5);
    impala.dispose();
  });
});
