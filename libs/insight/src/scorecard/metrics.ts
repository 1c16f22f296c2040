/** The metrics of a scorecard: what each says, which way is good, and how a map of a frame is scored by all of them. */
import {
  deletion,
  gaussianBlur,
  infidelity,
  insertion,
  massAccuracy,
  pointingGame,
  rankAccuracy,
  sensitivityN,
} from '@saccade/attribution';
import type { AttributionRequest, PerturbationSample } from '@saccade/attribution';
import type { FrameObjects } from '../frameObjects.ts';
import { objectFaithfulness } from './truth.ts';
import type { ObjectTruth } from './truth.ts';

interface MetricDescription {
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly description: string;
}

export const scorecardMetrics = {
  pointingGame: {
    title: 'pointing game',
    better: 'higher',
    description: 'Is the largest value on something that the policy uses? Frames with a used object.',
  },
  massAccuracy: {
    title: 'mass accuracy',
    better: 'higher',
    description: 'Share of the positive mass on what is used.',
  },
  rankAccuracy: {
    title: 'rank accuracy',
    better: 'higher',
    description: 'Share of the K largest values on what is used, K being its pixels.',
  },
  deletion: {
    title: 'deletion',
    better: 'lower',
    description: 'Area under the target while pixels turn black, the highest first; in spreads of the target.',
  },
  insertion: {
    title: 'insertion',
    better: 'higher',
    description: 'Area under the target while a blurred frame gets its pixels back; in spreads of the target.',
  },
  sensitivityN: {
    title: 'sensitivity-n',
    better: 'higher',
    description: 'Correlation of the map’s sum over random tenths of the frame with the drop when they turn black.',
  },
  infidelity: {
    title: 'infidelity',
    better: 'lower',
    description: 'Error of the best-scaled map as a forecast of what noise does; 1 is useless.',
  },
  objectsSigned: {
    title: 'objects, signed',
    better: 'higher',
    description: 'Rank correlation of the sum over each object with the change when it is removed; signed maps.',
  },
  objectsUnsigned: {
    title: 'objects, unsigned',
    better: 'higher',
    description:
      'The mean per pixel with the absolute change, the area held constant (4 objects or more); unsigned maps.',
  },
  maxSensitivity: {
    title: 'max-sensitivity',
    better: 'lower',
    description: 'Largest relative change of the map under imperceptible noise.',
  },
} as const satisfies Record<string, MetricDescription>;

export type ScorecardMetric = keyof typeof scorecardMetrics;
export type MapScores = Partial<Record<ScorecardMetric, number>>;

/** A map brought to the frame's size: one number a pixel. */
export interface FrameMap {
  readonly values: Float32Array;
  readonly signed: boolean;
}

/** What every map of one frame and one target is scored against. */
export interface FrameTrial {
  readonly frame: FrameObjects;
  readonly truth: ObjectTruth;
  /** At the input. */
  readonly request: AttributionRequest;
  readonly subsets: PerturbationSample;
  readonly noise: PerturbationSample;
  /** Standard deviation of the target over the bank. */
  readonly spread: number;
  /** [height, width, channel], what insertion starts from. */
  readonly blurred: Float32Array;
}

/** Standard deviation of the blur that insertion starts from, pixels (Petsiuk et al. 2018). */
const insertionBlur = 5;

export function blurredInput({ activation, attributor }: AttributionRequest): Float32Array {
  return gaussianBlur(activation, attributor.model.shape, insertionBlur);
}

/**
 * All but max-sensitivity, which needs the method itself. Metrics that a map or a frame has not are left out.
 * @param kinds which object metrics count: a method has one kind, a control stands beside both
 */
export async function scoreMap(
  { values, signed }: FrameMap,
  trial: FrameTrial,
  kinds: { readonly signed: boolean; readonly unsigned: boolean } = { signed, unsigned: !signed },
): Promise<MapScores> {
  const { frame, truth, request, subsets, noise, spread, blurred } = trial;
  const { used, changes } = truth;
  const inSpreads = (area: number): number => (spread > 0 ? area / spread : Number.NaN);
  return {
    ...(used && {
      pointingGame: pointingGame(values, used),
      massAccuracy: massAccuracy(values, used),
      rankAccuracy: rankAccuracy(values, used),
    }),
    deletion: inSpreads((await deletion(request, values)).area),
    insertion: inSpreads((await insertion(request, values, { fill: blurred })).area),
    sensitivityN: sensitivityN(values, subsets),
    infidelity: infidelity(values, noise).relative,
    ...(kinds.signed && { objectsSigned: objectFaithfulness(values, true, frame, changes) }),
    ...(kinds.unsigned && { objectsUnsigned: objectFaithfulness(values.map(Math.abs), false, frame, changes) }),
  };
}
