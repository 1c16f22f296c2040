/**
 * Every method on every frame of one policy, scored by every metric beside control maps. Frames run beside each other;
 * each draws from streams of its own, so that the order in which they finish changes nothing.
 */
import {
  centredMap,
  edgeMap,
  flatten,
  maxSensitivity,
  methods as registry,
  resizeMap,
  sampleNoise,
  sampleSubsets,
  scoreOf,
  structuralSimilarity,
  uniformMap,
} from '@saccade/attribution';
import type { Attribution } from '@saccade/attribution';
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import type { Compile, Policy } from '@saccade/nn';
import { untrainedLike } from '../alignment/controls.ts';
import { createExplainer } from '../explainer.ts';
import type { Explainer } from '../explainer.ts';
import { objectsInView } from '../frameObjects.ts';
import type { FrameObjects } from '../frameObjects.ts';
import type { LevelFrames } from '../frames/perLevel.ts';
import type { References } from '../references.ts';
import { spearman } from '../statistics/ranks.ts';
import { parseTarget } from '../target.ts';
import { blurredInput, scoreMap, scorecardMetrics } from './metrics.ts';
import type { FrameMap, FrameTrial, MapScores, ScorecardMetric } from './metrics.ts';
import { randomisationCascade, randomisationVerdict } from './randomisation.ts';
import type { RandomisationCheck } from './randomisation.ts';
import { objectTruth } from './truth.ts';

/** Maps that know nothing of the policy: any method has to beat the best of them. */
export const scorecardControls = ['uniform', 'centred', 'edges', 'randomNetwork'] as const;
/** What is explained: the value, and the logit of the action taken less the mean of all. */
export const scorecardTargets = ['value', 'action'] as const;
export type ScorecardTarget = (typeof scorecardTargets)[number];

/** Methods that speak of a layer; the others are asked at the input. */
const ofLayers: readonly string[] = ['gradCam', 'guidedGradCam', 'conductance'];
/** Independent random networks whose maps say how alike maps are by chance. */
const unrelatedNetworks = 4;
/** Noise of max-sensitivity on bytes: 0.02 of their range. */
const sensitivityRadius = 0.02 * 255;

export interface ScorecardRequest {
  readonly policy: Policy;
  readonly compile: Compile;
  /** Of the environment that the frames are from. */
  readonly environment: Partial<CoinRunConfig>;
  readonly frames: LevelFrames;
  readonly references?: References;
  /** Where the methods of layers are asked. */
  readonly layer: string;
  readonly methods: readonly string[];
  /** The first so many frames also go through max-sensitivity and the randomised networks; 0 leaves both out. */
  readonly checkFrames: number;
  /** The first so many frames' maps are kept to be shown. */
  readonly examples: number;
  readonly seed: number;
  /** Frames at once. */
  readonly lanes?: number;
  /** Share done, 0-1. */
  readonly onProgress?: (done: number) => void;
  readonly cancellation?: Cancellation;
}

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

/** Calls `task` for 0 ... count - 1, `lanes` at once. */
async function forEachFrame(count: number, lanes: number, task: (frame: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, work));
}

function atFrameSize({ map, shape, signed }: Attribution, frame: FrameObjects): FrameMap {
  const flat = flatten(map, shape, signed);
  if (flat.height === frame.height && flat.width === frame.width) return flat;
  return resizeMap(flat, { height: frame.height, width: frame.width });
}

export async function scorePolicy(request: ScorecardRequest): Promise<PolicyScores> {
  const { policy, compile, frames, references, layer, methods, checkFrames, seed, lanes = 2 } = request;
  const { cancellation, onProgress } = request;
  const { count, observations } = frames;
  const size = observations.length / count;
  const checked = Math.min(checkFrames, count);
  const stage = createCoinRun(request.environment);
  const seen = (frame: number): FrameObjects => {
    stage.setState(frames.states[frame]);
    return objectsInView(stage);
  };
  const targetText = (frame: number, target: ScorecardTarget): string =>
    target === 'value' ? 'value' : policy.actions[frames.actions[frame]];
  const explain = async (
    explainer: Explainer,
    method: string,
    observation: Uint8Array | Float32Array,
    frame: number,
    target: ScorecardTarget,
    objects: FrameObjects,
  ): Promise<FrameMap> => {
    const attribution = await explainer.explain(
      observation,
      {
        method,
        layer: ofLayers.includes(method) ? layer : explainer.layers[0],
        target: targetText(frame, target),
        objects,
        seed,
      },
      cancellation,
    );
    return atFrameSize(attribution, objects);
  };
  const explainerOf = (of: Policy): Explainer =>
    createExplainer({ policy: of, compile, references, bank: observations });

  const explainer = explainerOf(policy);
  const random = explainerOf(untrainedLike(policy, seed + 101));
  const spreadOf = await spreads(explainer, observations);
  const empty = (): Record<ScorecardMetric, Record<string, Float64Array>> => {
    const names = [...methods, ...scorecardControls];
    const rows = (): Record<string, Float64Array> =>
      Object.fromEntries(names.map((name) => [name, new Float64Array(count).fill(Number.NaN)]));
    return Object.fromEntries(Object.keys(scorecardMetrics).map((metric) => [metric, rows()])) as Record<
      ScorecardMetric,
      Record<string, Float64Array>
    >;
  };
  const values = { value: empty(), action: empty() };
  const usedFrames = { value: 0, action: 0 };
  const examples: ExampleMaps[] = [];
  const originals = new Map<string, FrameMap>();
  const key = (method: string, frame: number, target: ScorecardTarget): string => `${method}/${frame}/${target}`;

  const cascade = checked > 0 ? randomisationCascade(policy, seed + 202) : [];
  const others = Array.from({ length: checked > 0 ? unrelatedNetworks - 1 : 0 }, (_, i) =>
    untrainedLike(policy, seed + 303 + i),
  );
  const networks = [...cascade.map((stage) => stage.policy), ...others];
  const work = count + checked * networks.length;
  let done = 0;
  const finished = (): void => {
    throwIfAborted(cancellation, 'scorecard');
    done++;
    onProgress?.(done / work);
  };

  async function scoreFrame(frame: number): Promise<void> {
    const objects = seen(frame);
    const { observation, height, width } = objects;
    for (const target of scorecardTargets) {
      const named = parseTarget(targetText(frame, target), policy);
      const stream = (purpose: string) => createStream(`${seed}/${frame}/${target}`, purpose);
      const cut = await explainer.cutAt(observation, explainer.layers[0]);
      const asked = { ...cut, target: named.target, cancellation };
      const spread = spreadOf(named.text);
      const trial: FrameTrial = {
        frame: objects,
        truth: await objectTruth(explainer, objects, named.target, spread),
        request: asked,
        subsets: await sampleSubsets(asked, stream('subsets')),
        noise: await sampleNoise(asked, stream('noise')),
        spread,
        blurred: blurredInput(asked),
      };
      if (trial.truth.used) usedFrames[target]++;
      const keep = (name: string, scores: MapScores): void => {
        for (const [metric, value] of Object.entries(scores)) {
          values[target][metric as ScorecardMetric][name][frame] = value;
        }
      };
      const maps: Record<string, FrameMap> = {};
      for (const method of methods) {
        const map = await explain(explainer, method, observation, frame, target, objects);
        maps[method] = map;
        keep(method, await scoreMap(map, trial));
        if (frame >= checked) continue;
        originals.set(key(method, frame, target), map);
        // Methods that render the frame anew never see the noise.
        if (registry[method as keyof typeof registry].family === 'objects') continue;
        const again = (noisy: Float32Array): Promise<Float32Array> =>
          explain(explainer, method, noisy, frame, target, objects).then((of) => of.values);
        const options = { radius: sensitivityRadius };
        keep(method, {
          maxSensitivity: await maxSensitivity(Float32Array.from(observation), again, stream('sensitivity'), options),
        });
      }
      const both = { signed: true, unsigned: true };
      const controls: Record<(typeof scorecardControls)[number], FrameMap> = {
        uniform: { values: uniformMap({ height, width }, stream('uniform')), signed: false },
        centred: { values: centredMap({ height, width }), signed: false },
        edges: { values: edgeMap(observation, { height, width }), signed: false },
        randomNetwork: await explain(random, 'gradientTimesInput', observation, frame, target, objects),
      };
      for (const [name, map] of Object.entries(controls)) keep(name, await scoreMap(map, trial, both));
      if (frame < request.examples) {
        const { used } = trial.truth;
        examples.push({ frame, target, label: named.label, used, maps: { ...maps, ...controls } });
      }
    }
    finished();
  }

  try {
    await forEachFrame(count, lanes, scoreFrame);
    const checks = await checkRandomisation();
    examples.sort((a, b) => a.frame - b.frame || a.target.localeCompare(b.target));
    return { values, checks, examples, usedFrames };
  } finally {
    explainer.dispose();
    random.dispose();
  }

  async function checkRandomisation(): Promise<Record<string, RandomisationCheck>> {
    if (checked === 0) return {};
    const maps: Map<string, FrameMap>[] = [];
    for (const network of networks) {
      const own = new Map<string, FrameMap>();
      const randomised = explainerOf(network);
      try {
        await forEachFrame(checked, lanes, async (frame) => {
          const objects = seen(frame);
          for (const target of scorecardTargets) {
            for (const method of methods) {
              const map = await explain(randomised, method, objects.observation, frame, target, objects);
              own.set(key(method, frame, target), map);
            }
          }
          finished();
        });
      } finally {
        randomised.dispose();
      }
      maps.push(own);
    }
    const [height, width] = frames.shape;
    const unrelated = maps.slice(cascade.length - 1);
    return Object.fromEntries(
      methods.map((method) => {
        const places = scorecardTargets.flatMap((target) =>
          Array.from({ length: checked }, (_, frame) => key(method, frame, target)),
        );
        const compare = (a: Map<string, FrameMap>, b: Map<string, FrameMap>): number[] =>
          places.map((place) => spearman(mapAt(a, place), mapAt(b, place)));
        const stages = cascade.map(({ upTo }, s) => ({
          upTo,
          spearman: compare(originals, maps[s]),
          similarity: places.map((place) => likeness(mapAt(originals, place), mapAt(maps[s], place), height, width)),
        }));
        const chance = unrelated.flatMap((a, i) => unrelated.slice(i + 1).flatMap((b) => compare(a, b)));
        return [method, randomisationVerdict(stages, chance)];
      }),
    );
  }

  function mapAt(maps: Map<string, FrameMap>, place: string): Float32Array {
    return maps.get(place)?.values ?? new Float32Array(size);
  }
}

/** Structural similarity of two maps, each scaled to a largest magnitude of 1: shapes count, strengths do not. */
function likeness(a: Float32Array, b: Float32Array, height: number, width: number): number {
  const scaled = (map: Float32Array): Float32Array => {
    const largest = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return largest === 0 ? map : map.map((value) => value / largest);
  };
  return structuralSimilarity(scaled(a), scaled(b), { height, width }, 2);
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
