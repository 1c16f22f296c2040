/**
 * The randomisation check over frames: every method's maps of the policy beside those of its copies with randomised
 * layers, and of networks that never learned. One network after the other, so that few are compiled at once.
 */
import { structuralSimilarity } from '@saccade/attribution';
import { throwIfAborted } from '@saccade/core';
import { untrainedLike } from '../alignment/controls.ts';
import type { FrameObjects } from '../frameObjects.ts';
import { spearman } from '../statistics/ranks.ts';
import { createFrameMapper, forEachFrame, scorecardTargets } from './frameMaps.ts';
import type { MappedFrames } from './frameMaps.ts';
import type { FrameMap } from './metrics.ts';
import { randomisationCascade, randomisationVerdict } from './randomisation.ts';
import type { RandomisationCheck } from './randomisation.ts';

/** Independent random networks whose maps say how alike maps are by chance; the last of the cascade is one of them. */
const unrelatedNetworks = 4;

export interface RandomisationRequest extends MappedFrames {
  /** The first so many frames are looked at. */
  readonly checkFrames: number;
  /** Every stage of the cascade, or the last alone, which is what the verdict needs. */
  readonly stages: 'all' | 'last';
  /** Share done, 0-1. */
  readonly onProgress?: (done: number) => void;
}

/** @returns by method; empty where no frame is looked at */
export async function checkRandomisation(
  request: RandomisationRequest,
): Promise<Readonly<Record<string, RandomisationCheck>>> {
  const { policy, frames, methods, seed, lanes = 2, cancellation, onProgress } = request;
  const checked = Math.min(request.checkFrames, frames.count);
  if (checked === 0) return {};
  const mapper = createFrameMapper(request);
  const [height, width] = frames.shape;
  const whole = randomisationCascade(policy, seed + 202);
  const cascade = request.stages === 'all' ? whole : whole.slice(-1);
  const others = Array.from({ length: unrelatedNetworks - 1 }, (_, i) => untrainedLike(policy, seed + 303 + i));
  const networks = [policy, ...cascade.map((stage) => stage.policy), ...others];
  const work = checked * networks.length;
  let done = 0;
  const maps: Map<string, FrameMap>[] = [];
  for (const network of networks) {
    const own = new Map<string, FrameMap>();
    const explainer = mapper.explainerOf(network);
    try {
      await forEachFrame(checked, lanes, async (frame) => {
        const objects: FrameObjects = mapper.seen(frame);
        for (const target of scorecardTargets) {
          for (const method of methods) {
            throwIfAborted(cancellation, 'randomisation check');
            const map = await mapper.explain(explainer, method, objects.observation, { frame, target, objects });
            own.set(`${method}/${frame}/${target}`, map);
          }
        }
        onProgress?.(++done / work);
      });
    } finally {
      explainer.dispose();
    }
    maps.push(own);
  }

  const blank = new Float32Array(height * width);
  const [originals, ...randomised] = maps;
  const unrelated = randomised.slice(cascade.length - 1);
  const mapAt = (of: Map<string, FrameMap>, place: string): Float32Array => of.get(place)?.values ?? blank;
  return Object.fromEntries(
    methods.map((method) => {
      const places = scorecardTargets.flatMap((target) =>
        Array.from({ length: checked }, (_, frame) => `${method}/${frame}/${target}`),
      );
      const compare = (a: Map<string, FrameMap>, b: Map<string, FrameMap>): number[] =>
        places.map((place) => spearman(mapAt(a, place), mapAt(b, place)));
      const stages = cascade.map(({ upTo }, s) => ({
        upTo,
        spearman: compare(originals, randomised[s]),
        similarity: places.map((place) =>
          likeness(mapAt(originals, place), mapAt(randomised[s], place), height, width),
        ),
      }));
      const chance = unrelated.flatMap((a, i) => unrelated.slice(i + 1).flatMap((b) => compare(a, b)));
      return [method, randomisationVerdict(stages, chance)];
    }),
  );
}

/** Structural similarity of two maps, each scaled to a largest magnitude of 1: shapes count, strengths do not. */
function likeness(a: Float32Array, b: Float32Array, height: number, width: number): number {
  const scaled = (map: Float32Array): Float32Array => {
    const largest = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return largest === 0 ? map : map.map((value) => value / largest);
  };
  return structuralSimilarity(scaled(a), scaled(b), { height, width }, 2);
}
