/** Class models: the change of the mean frame that a target likes best, kept small. */
import { expectLength, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Attributor } from '../attributor.ts';
import type { Target } from '../targets.ts';
import { createAscent } from './adam.ts';
import { visualisationCaption } from './featureVisualisation.ts';

export interface ClassModelOptions {
  /** Weight of ||I||^2, in the target's units per squared unit of input. 0.01 by default. */
  readonly penalty?: number;
  /** 200 by default. */
  readonly steps?: number;
  /** 0.02 by default, of inputs 0-1. */
  readonly rate?: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

export interface ClassModel {
  /** The mean frame plus the change, within 0-1: [height, width, channel]. */
  readonly picture: Float32Array;
  /** I, before clipping. */
  readonly change: Float32Array;
  /** The target at the mean frame, then after each step. */
  readonly scores: Float64Array;
  readonly caption: string;
}

/**
 * argmax over I of S(mean + I) - penalty ||I||^2, from I = 0.
 * Simonyan, Vedaldi & Zisserman 2013, https://arxiv.org/abs/1312.6034, section 2.
 * @param attributor at the input, values 0-1
 * @param mean the mean frame, values 0-1
 */
export async function classModel(
  attributor: Attributor,
  target: Target,
  mean: Float32Array,
  { penalty = 0.01, steps = 200, rate = 0.02, cancellation, progress }: ClassModelOptions = {},
): Promise<ClassModel> {
  expectLength('classModel', 'mean frame', attributor.model.shape, mean.length);
  const change = new Float32Array(mean.length);
  const ascend = createAscent(mean.length, rate);
  const scores = new Float64Array(steps + 1);
  const pictureNow = (): Float32Array => mean.map((value, i) => Math.min(1, Math.max(0, value + change[i])));
  for (let step = 0; step < steps; step++) {
    throwIfAborted(cancellation, 'classModel');
    const picture = pictureNow();
    const result = await attributor.gradients(picture, target, { cancellation });
    scores[step] = result.scores[0];
    const gradient = result.gradients.map((g, i) => {
      const total = mean[i] + change[i];
      const blocked = (total >= 1 && g > 0) || (total <= 0 && g < 0);
      return (blocked ? 0 : g) - 2 * penalty * change[i];
    });
    ascend(change, gradient);
    progress?.((step + 1) / steps);
  }
  const picture = pictureNow();
  scores[steps] = (await attributor.scores(picture, target))[0];
  return { picture, change, scores, caption: visualisationCaption };
}
