/** The factors of a layer as somebody meets them who points at a place: how active, what they add, what they look like. */
import type { Cancellation } from '@saccade/core';
import { factorActivity, openLayer, patchExamples } from '@saccade/insight';
import type { Dictionary, FrameExplanation } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { FactorReadingsMessage } from '@saccade/protocol';

export type FactorReadings = Omit<FactorReadingsMessage, 'type' | 'reply'>;

/** Pixels along a side of an example, and how many of each factor. */
const side = 20;
const count = 4;

/** What made each factor most active among `frames`: RGB bytes, [factors, count, side, side, 3]; grey where nothing did. */
export async function factorExamples(
  policy: Policy,
  compile: Compile,
  dictionary: Dictionary,
  frames: Uint8Array,
  cancellation?: Cancellation,
): Promise<Uint8Array> {
  const open = await openLayer(policy, dictionary.layer, compile);
  try {
    const activity = await factorActivity(open, frames, dictionary, { cancellation });
    const set = { observations: frames, shape: policy.network.observationShape };
    const size = side * side * 3;
    const examples = new Uint8Array(dictionary.factors * count * size).fill(127);
    for (let factor = 0; factor < dictionary.factors; factor++) {
      patchExamples(activity, factor, set, count, side).forEach(({ picture: { rgba } }, i) => {
        const at = (factor * count + i) * size;
        for (let p = 0; p < side * side; p++) examples.set(rgba.subarray(p * 4, p * 4 + 3), at + p * 3);
      });
    }
    return examples;
  } finally {
    open.dispose();
  }
}

/** @param x share of the observation's width @param y of its height, from the top */
export function readingsAt(
  { dictionary, height, width, factorActivations, factorAttributions }: FrameExplanation,
  x: number,
  y: number,
  examples: Uint8Array,
): FactorReadings {
  const { factors, colours, layer } = dictionary;
  const row = Math.min(height - 1, Math.floor(y * height));
  const column = Math.min(width - 1, Math.floor(x * width));
  const at = (row * width + column) * factors;
  const most = new Float64Array(factors);
  factorActivations.forEach((value, i) => (most[i % factors] = Math.max(most[i % factors], value)));
  return {
    layer,
    row,
    column,
    factors: colours.map((colour, factor) => ({
      colour,
      strength: factorActivations[at + factor],
      most: most[factor],
      attribution: factorAttributions[at + factor],
    })),
    side,
    count,
    examples,
  };
}
