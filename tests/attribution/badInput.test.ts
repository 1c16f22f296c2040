/** What cannot be attributed is said as such, and never becomes a map. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import {
  centredLogit,
  createAttributor,
  logitDifference,
  logProbability,
  methods,
  probability,
  rawOutput,
} from '@saccade/attribution';
import type { AttributionMethod } from '@saccade/attribution';
import { createExplainer } from '@saccade/insight';
import { eagerCompile } from '@saccade/nn';
import { modelOf, smallConvolution, smallFrame, untrainedPolicy } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('targets out of range', () => {
  const layout = { outputs: 4, logits: 3 };

  it('are answered with the range', () => {
    expect(() => rawOutput(layout, 4)).toThrow('rawOutput: expected an output from 0 to 3, got 4');
    expect(() => centredLogit(layout, 3)).toThrow('centredLogit: expected an action from 0 to 2, got 3');
    expect(() => logitDifference(layout, 0, -1)).toThrow('logitDifference: expected an action from 0 to 2, got -1');
    expect(() => probability(layout, 1, 9)).toThrow('probability: expected an action from 0 to 2, got 9');
    expect(() => logProbability(layout)).toThrow('logProbability: expected at least one action, got none');
  });

  it('of another model are refused by their length', async () => {
    const attributor = smallConvolution();
    for (const target of [
      { kind: 'linear', weights: new Float32Array(7) },
      { kind: 'entropy', mask: new Float32Array(7) },
    ] as const) {
      await expect(methods.gradient.attribute({ attributor, activation: smallFrame(), target })).rejects.toThrow(
        /expected a (linear|entropy) target over [34] outputs, got 7/,
      );
    }
  });
});

describe('baselines', () => {
  const withBaseline = Object.entries<AttributionMethod>(methods).filter(
    ([name, { options, needs }]) => 'baseline' in options && name !== 'occlusion' && !needs.includes('source'),
  );

  it.each(withBaseline)('of another shape, or with NaN, are refused by %s', async (_, method) => {
    const attributor = smallConvolution();
    const ask = (baseline: Float32Array) =>
      method.attribute({
        attributor,
        activation: smallFrame(),
        target: rawOutput(attributor.model, 3),
        baselines: [baseline],
      });
    await expect(ask(new Float32Array(5))).rejects.toThrow(/expected baseline \[6, 6, 2\]/);
    await expect(ask(smallFrame().fill(NaN, 7, 8))).rejects.toThrow(
      /expected finite values in the baseline, got NaN at 7/,
    );
  });

  it('from a file or a simulator are refused by name, before anything is computed', async () => {
    const policy = untrainedPolicy('compact', [16, 16, 3]);
    const explainer = createExplainer({ policy, compile: eagerCompile });
    const observation = new Uint8Array(16 * 16 * 3);
    await expect(
      explainer.explain(observation, {
        method: 'integratedGradients',
        layer: 'input',
        target: 'value',
        options: { baseline: 'custom' },
        references: { custom: new Uint8Array(12) },
      }),
    ).rejects.toThrow('expected a reference custom of 768 values [16, 16, 3], got 12');
    explainer.dispose();
  });
});

describe('what is no number', () => {
  // sqrt has an infinite slope at 0, and log no value below it.
  const attributor = createAttributor(
    modelOf([2], 2, (x) => tf.concat([tf.sum(tf.sqrt(x), 1, true), tf.sum(tf.log(x), 1, true)], 1) as tf.Tensor2D),
    eagerCompile,
  );
  const root = rawOutput(attributor.model, 0);

  it('is said of an output', async () => {
    const points = Float32Array.of(-1, 2);
    await expect(attributor.scores(points, root)).rejects.toThrow('attribution: expected finite outputs, got NaN');
  });

  it.each(['saliency', 'gradient', 'gradientTimesInput', 'smoothGrad', 'integratedGradients'] as const)(
    'is said of a gradient, by %s',
    async (method) => {
      const request = {
        attributor,
        activation: Float32Array.of(0, 4),
        target: { kind: 'linear', weights: Float32Array.of(1, 0) },
      } as const;
      await expect(methods[method].attribute({ ...request, random: createStream(1, 'x') })).rejects.toThrow(
        /attribution: expected finite (gradients|outputs), got (NaN|-?Infinity) at element \d+/,
      );
    },
  );

  it('is said of an observation, also for layers behind a ReLU', async () => {
    const policy = untrainedPolicy('compact', [16, 16, 3]);
    const explainer = createExplainer({ policy, compile: eagerCompile });
    const observation = new Float32Array(16 * 16 * 3).fill(100);
    observation[40] = NaN;
    for (const layer of ['input', '2b', 'dense1']) {
      await expect(explainer.explain(observation, { method: 'gradient', layer, target: 'value' })).rejects.toThrow(
        'explain: expected finite values in the observation, got NaN at 40',
      );
    }
    explainer.dispose();
  });
});
