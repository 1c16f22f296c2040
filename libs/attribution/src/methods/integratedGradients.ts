/**
 * Integrated Gradients: the gradient averaged along the straight line from a baseline to the activation, times their
 * difference. The only gradient method whose map sums to score - baseline score, so its error can be measured.
 */
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionRequest } from '../method.ts';
import { everySecond, quadrature, quadratures } from '../quadrature.ts';
import type { QuadratureName } from '../quadrature.ts';
import { relativeChange, total } from '../vectors.ts';

/** A map whose relative change under twice the points is larger has not converged, whatever its sum. */
const largestChange = 0.05;

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

function mean(rows: readonly Float64Array[]): Float64Array {
  if (rows.length === 1) return rows[0];
  return rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
}

/** Worst over baselines of the distance from completeness, relative to the change of the target. */
function completenessError(paths: readonly Path[], targetScale: number): number {
  return Math.max(
    ...paths.map(({ score, baselineScore, map }) => {
      const expected = score - baselineScore;
      const error = Math.abs(total(map) - expected);
      return error === 0 ? 0 : error / Math.max(Math.abs(expected), targetScale);
    }),
  );
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
    adaptive: {
      kind: 'boolean',
      default: true,
      description: 'Doubles the points until the integration error is within the tolerance.',
    },
    tolerance: {
      kind: 'number',
      default: 0.05,
      minimum: 1e-6,
      maximum: 1,
      description: 'Largest completeness error, relative to the change of the target.',
    },
    maximumSteps: {
      kind: 'integer',
      default: 320,
      minimum: 2,
      maximum: 8192,
      description: 'Where doubling stops.',
    },
    multiplyByInputs: {
      kind: 'boolean',
      default: true,
      description: 'Off: the average gradient alone, which no longer sums to the change of the target.',
    },
    baseline: {
      kind: 'text',
      default: 'default',
      description: 'What to compare with: default, black, rest, mean, blurred, random, or what the caller offers.',
    },
  },
  signed: true,
  family: 'gradient',
  async attribute(request, options): Promise<Attribution> {
    const { attributor, targetScale = 0, progress } = request;
    const baselines = request.baselines?.length ? request.baselines : [new Float32Array(attributor.size)];
    let coarse: Float64Array | undefined;
    for (let steps = options.steps; ; steps *= 2) {
      const paths = await integrateAll(request, baselines, options.quadrature, steps);
      const map = mean(paths.map((path) => path.map));
      const completeness = completenessError(paths, targetScale);
      const change = relativeChange(map, coarse ?? mean(paths.map((path) => path.coarse)));
      const converged = completeness <= options.tolerance && change <= largestChange;
      if (converged || !options.adaptive || steps * 2 > options.maximumSteps) {
        const shown = options.multiplyByInputs ? map : mean(paths.map((path) => path.gradient));
        return {
          map: Float32Array.from(shown),
          shape: attributor.model.shape,
          signed: true,
          score: paths[0].score,
          baselineScore: total(paths.map((path) => path.baselineScore)) / paths.length,
          integrationError: { completeness, change, steps, converged },
        };
      }
      progress?.(steps / options.maximumSteps);
      coarse = map;
    }
  },
});
