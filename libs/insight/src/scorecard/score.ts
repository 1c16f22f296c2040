/**
 * Every method on every frame of one policy, scored by every metric beside control maps. Frames run beside each other;
 * each draws from streams of its own, so that the order in which they finish changes nothing, and frames that were
 * scored before an interruption are taken as they are.
 */
import {
  centredMap,
  edgeMap,
  maxSensitivity,
  methods as registry,
  sampleNoise,
  sampleSubsets,
  scoreOf,
  uniformMap,
} from '@saccade/attribution';
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import { untrainedLike } from '../alignment/controls.ts';
import type { Explainer } from '../explainer.ts';
import { parseTarget } from '../target.ts';
import { createFrameMapper, forEachFrame, scorecardTargets } from './frameMaps.ts';
import type { MappedFrames, ScorecardTarget } from './frameMaps.ts';
import { blurredInput, scoreMap, scorecardMetrics } from './metrics.ts';
import type { FrameMap, FrameTrial, MapScores, ScorecardMetric } from './metrics.ts';
import type { RandomisationCheck } from './randomisation.ts';
import { checkRandomisation } from './randomisedMaps.ts';
import { objectTruth } from './truth.ts';

/** Maps that know nothing of the policy: any method has to beat the best of them. */
export const scorecardControls = ['uniform', 'centred', 'edges', 'randomNetwork'] as const;

/** Noise of max-sensitivity on bytes: 0.02 of their range. */
const sensitivityRadius = 0.02 * 255;

export interface ScorecardRequest extends MappedFrames {
  /** The first so many frames also go through max-sensitivity and the randomised networks; 0 leaves both out. */
  readonly checkFrames: number;
  /** The first so many frames' maps are kept to be shown. */
  readonly examples: number;
  /** Scores of frames that are there already, of the same request. */
  readonly known?: ReadonlyMap<number, FrameScores>;
  /** The randomisation check, if it is there already. */
  readonly knownChecks?: Readonly<Record<string, RandomisationCheck>>;
  /** Called with each frame's scores as it is done. */
  readonly onFrame?: (frame: number, scores: FrameScores) => void;
  /** Share done, 0-1. */
  readonly onProgress?: (done: number) => void;
}

/** Of one frame, by target: was some object used, and the metrics of each method and control where they are defined. */
export type FrameScores = Readonly<
  Record<ScorecardTarget, { readonly used: boolean; readonly maps: Readonly<Record<string, MapScores>> }>
>;

export interface ExampleMaps {
  readonly frame: number;
  readonly target: ScorecardTarget;
  /** The action's name, or `value`. */
  readonly label: string;
  /** 1 on what is used, [height, width]; absent where nothing is. */
  readonly used?: Uint8Array;
  readonly maps: Readonly<Record<string, FrameMap>>;
}

export interface PolicyScores {
  /** One number a frame, NaN where the metric is not defined: target, metric, method or control. */
  readonly values: Readonly<Record<ScorecardTarget, Record<ScorecardMetric, Record<string, Float64Array>>>>;
  /** By method. */
  readonly checks: Readonly<Record<string, RandomisationCheck>>;
  readonly examples: readonly ExampleMaps[];
  /** Frames on which some object is used, by target. */
  readonly usedFrames: Readonly<Record<ScorecardTarget, number>>;
}

/** What a frame of the randomisation check costs beside a frame that is scored, for the share done. */
const checkCost = 1.5;

export async function scorePolicy(request: ScorecardRequest): Promise<PolicyScores> {
  const { policy, frames, methods, checkFrames, seed, lanes = 2, known, cancellation } = request;
  const { count, observations } = frames;
  const checked = Math.min(checkFrames, count);
  const mapper = createFrameMapper(request);
  const explainer = mapper.explainerOf(policy);
  const random = mapper.explainerOf(untrainedLike(policy, seed + 101));
  const examples: ExampleMaps[] = [];
  const scores = new Map<number, FrameScores>();
  const checkShare = (checkCost * checked) / (count + checkCost * checked);
  let done = 0;

  async function scoreFrame(frame: number, spreadOf: (target: string) => number): Promise<FrameScores> {
    const objects = mapper.seen(frame);
    const { observation, height, width } = objects;
    const before = known?.get(frame);
    const scored: Record<string, FrameScores[ScorecardTarget]> = {};
    for (const target of scorecardTargets) {
      const named = parseTarget(mapper.targetText(frame, target), policy);
      const stream = (purpose: string) => createStream(`${seed}/${frame}/${target}`, purpose);
      const cut = await explainer.cutAt(observation, explainer.layers[0]);
      const asked = { ...cut, target: named.target, cancellation };
      const spread = spreadOf(named.text);
      const truth = await objectTruth(explainer, objects, named.target, spread);
      const place = { frame, target, objects };
      const maps: Record<string, FrameMap> = {};
      for (const method of methods) maps[method] = await mapper.explain(explainer, method, observation, place);
      const controls: Record<(typeof scorecardControls)[number], FrameMap> = {
        uniform: { values: uniformMap({ height, width }, stream('uniform')), signed: false },
        centred: { values: centredMap({ height, width }), signed: false },
        edges: { values: edgeMap(observation, { height, width }), signed: false },
        randomNetwork: await mapper.explain(random, 'gradientTimesInput', observation, place),
      };
      if (frame < request.examples) {
        examples.push({ frame, target, label: named.label, used: truth.used, maps: { ...maps, ...controls } });
      }
      if (before) {
        scored[target] = before[target];
        continue;
      }
      const trial: FrameTrial = {
        frame: objects,
        truth,
        request: asked,
        subsets: await sampleSubsets(asked, stream('subsets')),
        noise: await sampleNoise(asked, stream('noise')),
        spread,
        blurred: blurredInput(asked),
      };
      const rows: Record<string, MapScores> = {};
      for (const method of methods) {
        rows[method] = await scoreMap(maps[method], trial);
        // Methods that render the frame anew never see the noise.
        if (frame >= checked || registry[method as keyof typeof registry].family === 'objects') continue;
        const again = (noisy: Float32Array): Promise<Float32Array> =>
          mapper.explain(explainer, method, noisy, place).then((of) => of.values);
        const options = { radius: sensitivityRadius };
        rows[method] = {
          ...rows[method],
          maxSensitivity: await maxSensitivity(Float32Array.from(observation), again, stream('sensitivity'), options),
        };
      }
      const both = { signed: true, unsigned: true };
      for (const [name, map] of Object.entries(controls)) rows[name] = await scoreMap(map, trial, both);
      scored[target] = { used: truth.used !== undefined, maps: rows };
    }
    return scored as FrameScores;
  }

  try {
    const spreadOf = await spreads(explainer, observations);
    await forEachFrame(count, lanes, async (frame) => {
      throwIfAborted(cancellation, 'scorecard');
      const before = known?.get(frame);
      const here = before && frame >= request.examples ? before : await scoreFrame(frame, spreadOf);
      scores.set(frame, here);
      if (!before) request.onFrame?.(frame, here);
      done++;
      request.onProgress?.((done / count) * (1 - checkShare));
    });
  } finally {
    explainer.dispose();
    random.dispose();
  }
  const checks =
    request.knownChecks ??
    (await checkRandomisation({
      ...request,
      stages: 'all',
      onProgress: (share) => request.onProgress?.(1 - checkShare + share * checkShare),
    }));
  examples.sort((a, b) => a.frame - b.frame || a.target.localeCompare(b.target));
  return { ...tableOf(scores, count, methods), checks, examples };
}

/** Frames' scores as one row of numbers a map. */
function tableOf(
  scores: ReadonlyMap<number, FrameScores>,
  count: number,
  methods: readonly string[],
): Pick<PolicyScores, 'values' | 'usedFrames'> {
  const names = [...methods, ...scorecardControls];
  const metrics = Object.keys(scorecardMetrics) as ScorecardMetric[];
  const values = {} as Record<ScorecardTarget, Record<ScorecardMetric, Record<string, Float64Array>>>;
  const usedFrames = { value: 0, action: 0 };
  for (const target of scorecardTargets) {
    const rows = (metric: ScorecardMetric): Record<string, Float64Array> =>
      Object.fromEntries(
        names.map((name) => [
          name,
          // A number that JSON lacks comes back from a file as null.
          Float64Array.from({ length: count }, (_, i) => scores.get(i)?.[target].maps[name]?.[metric] ?? Number.NaN),
        ]),
      );
    values[target] = Object.fromEntries(metrics.map((metric) => [metric, rows(metric)])) as (typeof values)['value'];
    for (const frame of scores.values()) if (frame[target].used) usedFrames[target]++;
  }
  return { values, usedFrames };
}

/** Standard deviation of any target over the frames, in its units, by the target's name. */
async function spreads(explainer: Explainer, observations: Uint8Array): Promise<(target: string) => number> {
  const { policy, layers } = explainer;
  const size = policy.network.observationShape.reduce((product, axis) => product * axis, 1);
  const { attributor, context } = await explainer.cutAt(observations.subarray(0, size), layers[0]);
  if (Object.keys(context ?? {}).length > 0) {
    throw new InputError(`scorecard: expected a network whose input has no bypass, got ${policy.network.architecture}`);
  }
  const { activations } = await explainer.activations(observations, layers[0]);
  const outputs = await attributor.outputs(activations);
  const { outputs: width } = attributor.model;
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const { target } = parseTarget(text, policy);
    const scores = Float64Array.from({ length: outputs.length / width }, (_, i) => scoreOf(target, outputs, i * width));
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    known.set(text, spread);
    return spread;
  };
}
