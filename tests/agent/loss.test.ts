import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamDecay, adamStep, ppoLoss } from '@saccade/agent';
import golden from '../golden/agent.json' with { type: 'json' };
import '../support/allClose.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('PPO loss', () => {
  it.each(golden.loss)('and its gradients equal the independent autograd (value clipping $clipValue)', (reference) => {
    const rows = reference.value.length;
    const vector = (values: number[]): tf.Tensor1D => tf.tensor1d(values, 'float32');
    const batch = {
      actions: tf.tensor1d(reference.actions, 'int32'),
      oldLogProbabilities: vector(reference.oldLogProbabilities),
      oldValues: vector(reference.oldValues),
      advantages: vector(reference.advantages),
      returns: vector(reference.returns),
      weights: vector(reference.weights),
    };
    const config = { clip: 0.2, clipValue: reference.clipValue, valueCoefficient: 0.5, entropyCoefficient: 0.01 };
    const logits = tf.tensor2d(reference.logits, [rows, reference.logits.length / rows]);
    const value = vector(reference.value);
    const parts = ppoLoss({ logits, value }, batch, config);
    for (const name of Object.keys(parts) as (keyof typeof parts)[]) {
      expect(parts[name].dataSync()).toBeAllClose([reference[name]], { absolute: 1e-5 });
    }
    const [logitsGradient, valueGradient] = tf.grads(
      (l, v) => ppoLoss({ logits: l as tf.Tensor2D, value: v as tf.Tensor1D }, batch, config).loss,
    )([logits, value]);
    expect(logitsGradient.dataSync()).toBeAllClose(reference.logitsGradient, { absolute: 1e-6 });
    expect(valueGradient.dataSync()).toBeAllClose(reference.valueGradient, { absolute: 1e-6 });
  });
});

describe('Adam', () => {
  it('follows the independent optimiser, gradients clipped by their global norm', () => {
    const { start, gradients, trajectory, learningRate, epsilon, maxNorm } = golden.adam;
    let state = {
      parameters: { w: tf.tensor1d(start) },
      first: { w: tf.zeros([4]) },
      second: { w: tf.zeros([4]) },
    } as Omit<ReturnType<typeof adamStep>, 'gradientNorm'>;
    gradients.forEach((gradient, i) => {
      const t = i + 1;
      const correction = Math.sqrt(1 - adamDecay.second ** t);
      const stepSize = tf.scalar((learningRate * correction) / (1 - adamDecay.first ** t));
      const next = adamStep(state, { w: tf.tensor1d(gradient) }, stepSize, tf.scalar(epsilon * correction), maxNorm);
      expect(next.gradientNorm.dataSync()).toBeAllClose([Math.hypot(...gradient)]);
      expect(next.parameters['w'].dataSync()).toBeAllClose(trajectory[i], { absolute: 1e-5 });
      state = next;
    });
  });
});
