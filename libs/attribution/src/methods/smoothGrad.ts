/** SmoothGrad: any method averaged over noisy copies of the activation, so that its own noise cancels. */
import { internalError, normal, throwIfAborted } from '@saccade/core';
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionMethod } from '../method.ts';

/** Drawn before the rest of them: a batch of the engine's. */
const firstSamples = 4;

/**
 * Smilkov et al. 2017, https://arxiv.org/abs/1706.03825; squares: Hooker et al. 2019; variance: Adebayo et al. 2018.
 * @param inner the methods that can be averaged
 */
export function smoothGradOver(inner: Readonly<Record<string, AttributionMethod>>): AttributionMethod {
  const names = Object.keys(inner);
  return defineMethod({
    title: 'SmoothGrad',
    description: 'Another method averaged over noisy copies of the activation, which steadies what flickers.',
    options: {
      of: { kind: 'choice', choices: names, default: 'gradient', description: 'The method to average.' },
      samples: { kind: 'integer', default: 20, minimum: 1, maximum: 1000, description: 'Noisy copies.' },
      noise: {
        kind: 'number',
        default: 0.1,
        minimum: 0,
        maximum: 10,
        description: "Standard deviation of the noise, relative to the activation's range.",
      },
      combine: {
        kind: 'choice',
        choices: ['mean', 'squares', 'variance'],
        default: 'mean',
        description: 'Mean of the maps, mean of their squares, or their variance.',
      },
    },
    signed: true,
    family: 'gradient',
    needs: ['random'],
    async attribute(request, { of, samples, noise, combine }) {
      const { activation, attributor, target, random, cancellation, progress, draft } = request;
      if (!random) throw internalError('SmoothGrad without a random stream');
      let low = Infinity;
      let high = -Infinity;
      for (const value of activation) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      const deviation = noise * (high - low);
      const plain = await inner[of].attribute({ ...request, options: {}, progress: undefined, draft: undefined });
      const sums = new Float64Array(plain.map.length);
      const squares = new Float64Array(plain.map.length);
      const add = (map: ArrayLike<number>): void => {
        for (let i = 0; i < sums.length; i++) {
          sums[i] += map[i];
          squares[i] += map[i] * map[i];
        }
      };
      const mapOf = (taken: number): Attribution => {
        const map = Float32Array.from(sums, (sum, i) => {
          const mean = sum / taken;
          const square = squares[i] / taken;
          return combine === 'mean' ? mean : combine === 'squares' ? square : Math.max(0, square - mean * mean);
        });
        return { map, shape: plain.shape, signed: combine === 'mean' && plain.signed, score: plain.score };
      };
      const { ofGradient } = inner[of];
      // As many samples at once as the engine holds, where each is one gradient; few at first, for a draft.
      let count: number;
      // A draft whenever there are twice the samples: fewer would look alike.
      let nextDraft = 1;
      for (let start = 0; start < samples; start += count) {
        throwIfAborted(cancellation, 'SmoothGrad');
        const together = !ofGradient ? 1 : start === 0 ? firstSamples : attributor.largestBatch;
        count = Math.min(together, samples - start);
        const noisy = Float32Array.from(
          { length: count * activation.length },
          (_, i) => activation[i % activation.length] + deviation * normal(random),
        );
        if (ofGradient) {
          const { ops, value } = ofGradient;
          const { gradients } = await attributor.gradients(noisy, target, { ...evaluationOf(request), ops });
          for (let k = 0; k < count; k++) {
            const at = k * activation.length;
            add(plain.map.map((_, i) => value(gradients[at + i], noisy[at + i])));
          }
        } else {
          const alone = { ...request, activation: noisy, options: {}, progress: undefined, draft: undefined };
          add((await inner[of].attribute(alone)).map);
        }
        const done = start + count;
        progress?.(done / samples);
        if (draft && done < samples && done >= nextDraft) {
          draft(mapOf(done), done / samples);
          nextDraft = 2 * done;
        }
      }
      return mapOf(samples);
    },
  });
}
