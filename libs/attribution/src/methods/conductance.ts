/** Conductance: what flows through a layer while the input goes from a baseline to the observation. */
import { internalError } from '@saccade/core';
import { defineMethod } from '../method.ts';
import type { Attribution, AttributionRequest, Source } from '../method.ts';
import { meanOf, total } from '../vectors.ts';
import { adaptiveOptions, baselineOption, completenessError, judge } from './adaptive.ts';

interface Flow {
  readonly map: Float64Array;
  /** From every second point. */
  readonly coarse: Float64Array;
  readonly score: number;
  readonly baselineScore: number;
}

/** Trapezoids between `steps` + 1 evenly spaced inputs; memory is one batch and one row. */
async function flow(
  { attributor, target, cancellation }: AttributionRequest,
  { cut, toLayer }: Source,
  baseline: Float32Array,
  steps: number,
): Promise<Flow> {
  const { size, largestBatch } = attributor;
  const inputSize = cut.activation.length;
  const map = new Float64Array(size);
  const coarse = new Float64Array(size);
  const ends: number[] = [];
  const rows: { y: Float32Array; g: Float32Array }[] = [];
  const addTrapezoid = (sum: Float64Array, from: number, to: number): void => {
    const [a, b] = [rows[from], rows[to]];
    for (let i = 0; i < size; i++) sum[i] += 0.5 * (a.g[i] + b.g[i]) * (b.y[i] - a.y[i]);
  };
  for (let start = 0; start <= steps; start += largestBatch) {
    const count = Math.min(largestBatch, steps + 1 - start);
    const inputs = new Float32Array(count * inputSize);
    for (let k = 0; k < count; k++) {
      const share = (start + k) / steps;
      for (let i = 0; i < inputSize; i++) {
        inputs[k * inputSize + i] = baseline[i] + share * (cut.activation[i] - baseline[i]);
      }
    }
    const { activations, context } = await toLayer(inputs);
    const { scores, gradients } = await attributor.gradients(activations, target, { context, cancellation });
    for (let k = 0; k < count; k++) {
      const at = start + k;
      rows[at] = {
        y: activations.subarray(k * size, (k + 1) * size),
        g: gradients.subarray(k * size, (k + 1) * size),
      };
      if (at > 0) addTrapezoid(map, at - 1, at);
      if (at > 0 && at % 2 === 0) addTrapezoid(coarse, at - 2, at);
      if (at > 2) delete rows[at - 3];
      if (at === 0 || at === steps) ends.push(scores[k]);
    }
  }
  return { map, coarse, score: ends[1], baselineScore: ends[0] };
}

/**
 * Cond_y = integral over a of dF/dy * dy/da along x' + a (x - x'), summed over the layer it is F(x) - F(x').
 * Dhamdhere, Sundararajan & Yan 2019, https://arxiv.org/abs/1805.12233.
 */
export const conductance = defineMethod({
  title: 'Conductance',
  description: 'What each unit of the layer carries while the input goes from a baseline to the observation.',
  options: {
    steps: {
      kind: 'integer',
      default: 30,
      minimum: 2,
      maximum: 1024,
      description: 'Intervals of the path; an odd number is raised by one.',
    },
    ...adaptiveOptions,
    baseline: baselineOption,
  },
  signed: true,
  family: 'gradient',
  needs: ['source'],
  async attribute(request, options) {
    const { attributor, source, targetScale = 0, progress, draft } = request;
    if (!source) throw internalError('conductance without a source');
    const baselines = source.baselines?.length ? source.baselines : [new Float32Array(source.cut.activation.length)];
    for (let steps = options.steps + (options.steps % 2); ; steps *= 2) {
      const flows: Flow[] = [];
      for (const baseline of baselines) flows.push(await flow(request, source, baseline, steps));
      const map = meanOf(flows.map((one) => one.map));
      const errors = flows.map((one) => completenessError(total(one.map), one.score - one.baselineScore, targetScale));
      const half = meanOf(flows.map((one) => one.coarse));
      const integrationError = judge(map, half, Math.max(...errors), steps, options.tolerance);
      const attribution: Attribution = {
        map: Float32Array.from(map),
        shape: attributor.model.shape,
        signed: true,
        score: flows[0].score,
        baselineScore: total(flows.map((one) => one.baselineScore)) / flows.length,
        integrationError,
      };
      if (integrationError.converged || !options.adaptive || steps * 2 > options.maximumSteps) return attribution;
      progress?.(steps / options.maximumSteps);
      draft?.(attribution, steps / options.maximumSteps);
    }
  },
});
