/**
 * Integrated Gradients: the gradient averaged along the straight line from a baseline to the activation, times their
 * difference. The only gradient method whose map sums to score - baseline score, so its error can be measured.
 */
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionRequest } from '../method.ts';
import { everySecond, quadrature, quadratures } from '../quadrature.ts';
import type { QuadratureName } from '../quadrature.ts';
import { meanOf, total } from '../vectors.ts';
import { adaptiveOptions, baselineOption, completenessError, judge } from './adaptive.ts';

/** One path from a baseline, integrated. */
interface Path {
  /** Average gradient along the path. */
  readonly gradient: Float64Array;
  /** The same times activation - baseline: the attribution. */
  readonly map: Float64Array;
  /** The attribution from every second point. */
  readonly coarse: Float64Array;
  readonly score: number;
  readonly baselineScore: number;
}

/** The two ends of the path ride along with the points between. Memory is one batch, however many points there are. */
async function integrate(
  request: AttributionRequest,
  baseline: Float32Array,
  name: QuadratureName,
  steps: number,
): Promise<Path> {
  const { activation, attributor, target } = request;
  const { size, largestBatch } = attributor;
  const rule = quadrature(name, steps);
  const half = everySecond(name, rule);
  const nodes = [...rule.nodes, 0, 1];
  const gradient = new Float64Array(size);
  const coarse = new Float64Array(size);
  const ends: number[] = [];
  for (let start = 0; start < nodes.length; start += largestBatch) {
    const part = nodes.slice(start, start + largestBatch);
    const points = new Float32Array(part.length * size);
    part.forEach((node, k) => {
      const at = k * size;
      if (node === 1) points.set(activation, at);
      else for (let i = 0; i < size; i++) points[at + i] = baseline[i] + node * (activation[i] - baseline[i]);
    });
    const { scores, gradients } = await attributor.gradients(points, target, evaluationOf(request));
    for (let k = 0; k < part.length; k++) {
      if (start + k >= steps) {
        ends.push(scores[k]);
        continue;
      }
      const [weight, halfWeight] = [rule.weights[start + k], half[start + k]];
      const row = gradients.subarray(k * size, (k + 1) * size);
      if (halfWeight === 0) {
        for (let i = 0; i < size; i++) gradient[i] += weight * row[i];
      } else {
        for (let i = 0; i < size; i++) {
          gradient[i] += weight * row[i];
          coarse[i] += halfWeight * row[i];
        }
      }
    }
  }
  const map = gradient.map((g, i) => g * (activation[i] - baseline[i]));
  for (let i = 0; i < size; i++) coarse[i] *= activation[i] - baseline[i];
  return { gradient, map, coarse, score: ends[1], baselineScore: ends[0] };
}

async function integrateAll(
  request: AttributionRequest,
  baselines: readonly Float32Array[],
  name: QuadratureName,
  steps: number,
): Promise<Path[]> {
  const paths: Path[] = [];
  for (const baseline of baselines) paths.push(await integrate(request, baseline, name, steps));
  return paths;
}

/**
 * IG_i = (x_i - x'_i) * integral over a in [0, 1] of dF(x' + a (x - x'))/dx_i.
 * Sundararajan, Taly & Yan 2017, https://arxiv.org/abs/1703.01365, equation 1.
 */
export const integratedGradients = defineMethod({
  title: 'Integrated Gradients',
  description: 'Gradients averaged on the way from a baseline: contributions that sum to the change of the target.',
  options: {
    steps: {
      kind: 'integer',
      default: 20,
      minimum: 2,
      maximum: 1024,
      description: 'Quadrature points; every second of them gives the estimate by which the error is told.',
    },
    quadrature: { kind: 'choice', choices: quadratures, default: 'gauss-legendre', description: 'Quadrature rule.' },
    ...adaptiveOptions,
    multiplyByInputs: {
      kind: 'boolean',
      default: true,
      description: 'Off: the average gradient alone, which no longer sums to the change of the target.',
    },
    baseline: baselineOption,
  },
  signed: true,
  family: 'gradient',
  async attribute(request, options): Promise<Attribution> {
    const { attributor, targetScale = 0, progress } = request;
    const baselines = request.baselines?.length ? request.baselines : [new Float32Array(attributor.size)];
    let coarse: Float64Array | undefined;
    for (let steps = options.steps; ; steps *= 2) {
      const paths = await integrateAll(request, baselines, options.quadrature, steps);
      const map = meanOf(paths.map((path) => path.map));
      const errors = paths.map((path) =>
        completenessError(total(path.map), path.score - path.baselineScore, targetScale),
      );
      const half = coarse ?? meanOf(paths.map((path) => path.coarse));
      const integrationError = judge(map, half, Math.max(...errors), steps, options.tolerance);
      if (integrationError.converged || !options.adaptive || steps * 2 > options.maximumSteps) {
        const shown = options.multiplyByInputs ? map : meanOf(paths.map((path) => path.gradient));
        return {
          map: Float32Array.from(shown),
          shape: attributor.model.shape,
          signed: true,
          score: paths[0].score,
          baselineScore: total(paths.map((path) => path.baselineScore)) / paths.length,
          integrationError,
        };
      }
      progress?.(steps / options.maximumSteps);
      coarse = map;
    }
  },
});
