/**
 * A frame read with a dictionary: which factors are active where, and how much each contributed to the target there.
 * Understanding RL Vision (Hilton et al. 2020), its attribution by factors.
 */
import { InputError } from '@saccade/core';
import { decode, encode } from '@saccade/attribution';
import { encodeWith } from './dictionary.ts';
import type { Dictionary } from './dictionary.ts';
import type { Explanation } from './explanation.ts';

export interface FrameExplanation {
  /** Of the layer's activation, by integrated gradients: [height, width, channel], with its integration error. */
  readonly attribution: Explanation;
  readonly dictionary: Dictionary;
  readonly height: number;
  readonly width: number;
  /** How active each factor is, at least 0: [height, width, factor]. */
  readonly factorActivations: Float32Array;
  /** What each factor contributed, in the target's units: [height, width, factor]. */
  readonly factorAttributions: Float32Array;
  /** What no factor accounts for: [height, width]. Factors and residual together sum to the attribution exactly. */
  readonly residual: Float32Array;
  /** Over positions, [factors]: the sum of the positive and of the negative contributions. */
  readonly positive: Float32Array;
  readonly negative: Float32Array;
}

/** @param activation [height, width, channel], of the layer that the attribution and the dictionary are of */
export function explainWithFactors(
  attribution: Explanation,
  activation: Float32Array,
  dictionary: Dictionary,
): FrameExplanation {
  const { shape, map, layer } = attribution;
  const { factors, channels, directions } = dictionary;
  if (dictionary.layer !== layer || shape.length !== 3 || shape[2] !== channels) {
    throw new InputError(
      `explainFrame: expected a dictionary of ${layer} [${shape.join(', ')}], got one of ${dictionary.layer} with ${channels} channels`,
    );
  }
  const [height, width] = shape;
  const raised = encode(
    map.map((value) => Math.max(value, 0)),
    directions,
    channels,
  );
  const lowered = encode(
    map.map((value) => Math.max(-value, 0)),
    directions,
    channels,
  );
  const difference = raised.map((value, i) => value - lowered[i]);
  const inFactors = decode(difference, directions, channels);
  const directionSums = new Float64Array(factors);
  for (let at = 0; at < directions.length; at++) directionSums[Math.floor(at / channels)] += directions[at];

  const factorAttributions = difference.map((value, at) => value * directionSums[at % factors]);
  const residual = new Float32Array(height * width);
  for (let at = 0; at < map.length; at++) residual[Math.floor(at / channels)] += map[at] - inFactors[at];
  const positive = new Float32Array(factors);
  const negative = new Float32Array(factors);
  factorAttributions.forEach((value, at) => {
    if (value > 0) positive[at % factors] += value;
    else negative[at % factors] += value;
  });
  const factorActivations = encodeWith(dictionary, activation);
  return {
    attribution,
    dictionary,
    height,
    width,
    factorActivations,
    factorAttributions,
    residual,
    positive,
    negative,
  };
}
