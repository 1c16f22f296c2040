/**
 * The stochastic path of Building Blocks' notebook on channel attribution: on the way to the activation each channel is
 * scaled by a random factor of its own, anew at every point, so that what a channel contributes is asked in company of
 * more and of less of the others.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import { evaluationOf } from '../method.ts';
import type { AttributionRequest } from '../method.ts';
import { quadrature } from '../quadrature.ts';
import type { QuadratureName } from '../quadrature.ts';

export interface StochasticPath {
  /** Average gradient over the points, [...shape]. */
  readonly gradient: Float64Array;
  readonly score: number;
  readonly baselineScore: number;
}

/**
 * Gradients at baseline + a s (activation - baseline), averaged over the nodes a of the rule; s = (u + v) / 1.5 with u
 * and v uniform on [0, 1), drawn in this order for each channel of each point. The mean of s is 2/3, as published:
 * these points are no path that ends at the activation, so the attribution does not sum to the change of the target.
 * Olah et al. 2018, https://distill.pub/2018/building-blocks
 */
export async function alongStochasticPath(
  request: AttributionRequest,
  baseline: Float32Array,
  name: QuadratureName,
  steps: number,
): Promise<StochasticPath> {
  const { activation, attributor, target, random, cancellation, progress } = request;
  if (!random) throw new InputError('Integrated Gradients: expected a random stream for path=stochastic, got none');
  const { size, largestBatch } = attributor;
  const channels = attributor.model.shape[attributor.model.shape.length - 1];
  const { nodes, weights } = quadrature(name, steps);
  const gradient = new Float64Array(size);
  const factors = new Float64Array(channels);
  for (let start = 0; start < steps; start += largestBatch) {
    throwIfAborted(cancellation, 'Integrated Gradients');
    const used = Math.min(largestBatch, steps - start);
    const points = new Float32Array(used * size);
    for (let k = 0; k < used; k++) {
      for (let c = 0; c < channels; c++) factors[c] = (random.next() + random.next()) / 1.5;
      const share = nodes[start + k];
      for (let i = 0; i < size; i++) {
        points[k * size + i] = baseline[i] + share * factors[i % channels] * (activation[i] - baseline[i]);
      }
    }
    const { gradients } = await attributor.gradients(points, target, evaluationOf(request));
    for (let k = 0; k < used; k++) {
      for (let i = 0; i < size; i++) gradient[i] += weights[start + k] * gradients[k * size + i];
    }
    progress?.((start + used) / steps);
  }
  const ends = new Float32Array(2 * size);
  ends.set(activation);
  ends.set(baseline, size);
  const [score, baselineScore] = await attributor.scores(ends, target, evaluationOf(request));
  return { gradient, score, baselineScore };
}
