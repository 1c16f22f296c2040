/** Maps of a scorecard's frames: which target a frame is explained by, where each method is asked, at which size. */
import { flatten, resizeMap } from '@saccade/attribution';
import type { Attribution } from '@saccade/attribution';
import type { Cancellation } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import type { Compile, Policy } from '@saccade/nn';
import { createExplainer } from '../explainer.ts';
import type { Explainer } from '../explainer.ts';
import { objectsInView } from '../frameObjects.ts';
import type { FrameObjects } from '../frameObjects.ts';
import type { LevelFrames } from '../frames/perLevel.ts';
import type { References } from '../references.ts';
import type { FrameMap } from './metrics.ts';

/** What is explained: the value, and the logit of the action taken less the mean of all. */
export const scorecardTargets = ['value', 'action'] as const;
export type ScorecardTarget = (typeof scorecardTargets)[number];

/** Methods that speak of a layer; the others are asked at the input. */
const ofLayers: readonly string[] = ['gradCam', 'guidedGradCam', 'conductance'];

export interface MappedFrames {
  readonly policy: Policy;
  readonly compile: Compile;
  /** Of the environment that the frames are from. */
  readonly environment: Partial<CoinRunConfig>;
  readonly frames: LevelFrames;
  readonly references?: References;
  /** Where the methods of layers are asked. */
  readonly layer: string;
  readonly methods: readonly string[];
  readonly seed: number;
  /** Frames at once. */
  readonly lanes?: number;
  readonly cancellation?: Cancellation;
}

export interface FrameMapper {
  /** The objects of a frame, with the frame. */
  seen(frame: number): FrameObjects;
  /** The target's name as `parseTarget` reads it. */
  targetText(frame: number, target: ScorecardTarget): string;
  /** The map of one method at the frame's size. */
  explain(
    explainer: Explainer,
    method: string,
    observation: Uint8Array | Float32Array,
    place: { readonly frame: number; readonly target: ScorecardTarget; readonly objects: FrameObjects },
  ): Promise<FrameMap>;
  /** The caller disposes it. */
  explainerOf(policy: Policy): Explainer;
}

function atFrameSize({ map, shape, signed }: Attribution, frame: FrameObjects): FrameMap {
  const flat = flatten(map, shape, signed);
  if (flat.height === frame.height && flat.width === frame.width) return flat;
  return resizeMap(flat, { height: frame.height, width: frame.width });
}

export function createFrameMapper(request: MappedFrames): FrameMapper {
  const { policy, compile, environment, frames, references, layer, seed, cancellation } = request;
  const stage = createCoinRun(environment);
  const targetText = (frame: number, target: ScorecardTarget): string =>
    target === 'value' ? 'value' : policy.actions[frames.actions[frame]];
  return {
    targetText,
    seen(frame) {
      stage.setState(frames.states[frame]);
      return objectsInView(stage);
    },
    async explain(explainer, method, observation, { frame, target, objects }) {
      const asked = {
        method,
        layer: ofLayers.includes(method) ? layer : explainer.layers[0],
        target: targetText(frame, target),
        objects,
        seed,
      };
      return atFrameSize(await explainer.explain(observation, asked, cancellation), objects);
    },
    explainerOf: (of) => createExplainer({ policy: of, compile, references, bank: frames.observations }),
  };
}

/** Calls `task` for 0 ... count - 1, `lanes` at once. */
export async function forEachFrame(
  count: number,
  lanes: number,
  task: (frame: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, work));
}
