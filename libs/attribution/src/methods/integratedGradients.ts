/**
 * Integrated Gradients: the gradient averaged along the straight line from a baseline to the activation, times their
 * difference. The only gradient method whose map sums to score - baseline score, so its error can be measured.
 */
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionRequest, IntegrationError } from '../method.ts';
import { everySecond, quadrature, quadratures } from '../quadrature.ts';
import type { QuadratureName } from '../quadrature.ts';
import { meanOf, total } from '../vectors.ts';
import { alongStochasticPath } from './stochasticPath.ts';
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
  const rule = quadrature(name, steps);
  const shares = [rule.weights, everySecond(name, rule)].map((weights) => [...weights, 0, 0]);
  const line = { from: baseline, to: activation, nodes: [...rule.nodes, 0, 1], shares };
  const { scores, sums } = await attributor.alongLine(line, target, evaluationOf(request));
  const [gradient, half] = sums;
  const contributed = (g: number, i: number): number => g * (activation[i] - baseline[i]);
  return {
    gradient,
    map: gradient.map(contributed),
    coarse: half.map(contributed),
    score: scores[steps + 1],
    baselineScore: scores[steps],
  };
}

async function integrateAll(
  request: AttributionRequest,
  baselines: readonly Float32Array[],
  name: QuadratureName,
  steps: number,
  draft?: (paths: readonly Path[]) => void,
): Promise<Path[]> {
  const paths: Path[] = [];
  for (const baseline of baselines) {
    paths.push(await integrate(request, baseline, name, steps));
    if (paths.length < baselines.length) draft?.(paths);
  }
  return paths;
}

/** Without doubling: there is no sum by which to judge, and other random numbers would change the map more. */
async function stochastic(
  request: AttributionRequest,
  baselines: readonly Float32Array[],
  options: { readonly steps: number; readonly quadrature: QuadratureName; readonly multiplyByInputs: boolean },
): Promise<Attribution> {
  const { activation, attributor } = request;
  const maps: Float64Array[] = [];
  let score = 0;
  let baselineScore = 0;
  for (const baseline of baselines) {
    const found = await alongStochasticPath(request, baseline, options.quadrature, options.steps);
    const { gradient } = found;
    maps.push(options.multiplyByInputs ? gradient.map((g, i) => g * (activation[i] - baseline[i])) : gradient);
    score = found.score;
    baselineScore += found.baselineScore / baselines.length;
  }
  const map = meanOf(maps);
  return {
    map: Float32Array.from(map),
    shape: attributor.model.shape,
    signed: true,
    score,
    baselineScore,
    ...(options.multiplyByInputs ? { unattributed: score - baselineScore - total(map) } : {}),
    note: 'Along a stochastic path: the map does not sum to the change of the target.',
  };
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
    path: {
      kind: 'choice',
      choices: ['straight', 'stochastic'],
      default: 'straight',
      description: 'Stochastic: each channel scaled at random at every point (Olah et al. 2018); no known sum.',
    },
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
    const { attributor, targetScale = 0, progress, draft } = request;
    const baselines = request.baselines?.length ? request.baselines : [new Float32Array(attributor.size)];
    if (options.path === 'stochastic') return stochastic(request, baselines, options);
    const most = options.adaptive ? options.maximumSteps : options.steps;
    const attributionOf = (paths: readonly Path[], integrationError?: IntegrationError): Attribution => ({
      map: Float32Array.from(meanOf(paths.map((path) => (options.multiplyByInputs ? path.map : path.gradient)))),
      shape: attributor.model.shape,
      signed: true,
      score: paths[0].score,
      baselineScore: total(paths.map((path) => path.baselineScore)) / paths.length,
      ...(integrationError === undefined ? {} : { integrationError }),
    });
    // From some of several baselines: only before there is a map from all of them.
    const fromSome =
      draft &&
      ((paths: readonly Path[], steps: number) =>
        draft(attributionOf(paths), (paths.length / baselines.length) * Math.min(1, steps / most)));
    let coarse: Float64Array | undefined;
    for (let steps = options.steps; ; steps *= 2) {
      const early = coarse || !fromSome ? undefined : (some: readonly Path[]) => fromSome(some, steps);
      const paths = await integrateAll(request, baselines, options.quadrature, steps, early);
      const map = meanOf(paths.map((path) => path.map));
      const errors = paths.map((path) =>
        completenessError(total(path.map), path.score - path.baselineScore, targetScale),
      );
      const half = coarse ?? meanOf(paths.map((path) => path.coarse));
      const integrationError = judge(map, half, Math.max(...errors), steps, options.tolerance);
      if (integrationError.converged || !options.adaptive || steps * 2 > options.maximumSteps) {
        return attributionOf(paths, integrationError);
      }
      progress?.(steps / most);
      draft?.(attributionOf(paths, integrationError), steps / most);
      coarse = map;
    }
  },
});
