/** From an explanation to the map that a viewer is sent: channels summed, the scale of its colours, its warnings. */
import { InputError } from '@saccade/core';
import { colourScale, flatten } from '@saccade/attribution';
import type { FlatMap } from '@saccade/attribution';
import type { Explanation, FrameExplanation } from '@saccade/insight';
import type { Overlay } from '@saccade/protocol';

/** The decomposition, beside the methods of @saccade/attribution. */
export const factorsMethod = 'factors';
type Drawn = Extract<Overlay, { ok: true }>;
/** What answers a request; the request's id and the time are the asker's. */
export type OverlayMap = Omit<Drawn, 'request' | 'milliseconds' | 'ok'>;

function common({
  method,
  layer,
  target,
  score,
  integrationError,
  warning,
}: Explanation): Omit<OverlayMap, 'shape' | 'map' | 'signed' | 'scale'> {
  const error = integrationError && Math.max(integrationError.completeness, integrationError.change);
  const notes = [
    warning,
    integrationError?.converged === false
      ? 'The integration error is above its tolerance: more steps would change this map.'
      : undefined,
  ].filter((note) => note !== undefined);
  return {
    method,
    layer,
    target: target.text,
    score,
    ...(error === undefined ? {} : { integrationError: error }),
    ...(notes.length === 0 ? {} : { warning: notes.join(' ') }),
  };
}

export function plainMap(explanation: Explanation): OverlayMap {
  const { values, height, width, signed } = flatten(explanation.map, explanation.shape, explanation.signed);
  return {
    ...common(explanation),
    shape: [height, width],
    map: values,
    signed,
    scale: limitOf(values, height, width, signed),
    ...channelSums(explanation),
  };
}

/** What each channel adds and takes over all positions; nothing where there is one channel. */
function channelSums({ map, shape, signed }: Explanation): Pick<OverlayMap, 'channels'> {
  const channels = shape.length === 3 ? shape[2] : 1;
  if (channels < 2) return {};
  const positive = new Float64Array(channels);
  const negative = new Float64Array(channels);
  map.forEach((value, at) => {
    if (value > 0 || !signed) positive[at % channels] += value;
    else negative[at % channels] += value;
  });
  const short = (sums: Float64Array): number[] => Array.from(sums, (sum) => Number(sum.toPrecision(5)));
  return { channels: { positive: short(positive), negative: short(negative) } };
}

function limitOf(values: Float32Array, height: number, width: number, signed: boolean): number {
  return colourScale({ values, height, width, signed } satisfies FlatMap).limit;
}

/** One factor's contributions, or all of them with the factor as the first axis; one scale for all. */
export function factorsMap(
  reading: FrameExplanation,
  layer: string,
  target: string,
  factor: number | undefined,
): OverlayMap {
  const { height, width, dictionary, factorAttributions } = reading;
  const { factors } = dictionary;
  if (factor !== undefined && factor >= factors) {
    throw new InputError(`factor: expected 0 to ${factors - 1}, got ${factor}`);
  }
  const positions = height * width;
  const all = new Float32Array(factors * positions);
  for (let at = 0; at < factorAttributions.length; at++) {
    all[(at % factors) * positions + Math.floor(at / factors)] = factorAttributions[at];
  }
  const one = factor === undefined ? undefined : all.slice(factor * positions, (factor + 1) * positions);
  return {
    ...common(reading.attribution),
    method: factorsMethod,
    layer,
    target,
    ...(factor === undefined ? {} : { factor }),
    shape: one ? [height, width] : [factors, height, width],
    map: one ?? all,
    signed: true,
    scale: limitOf(all, factors * height, width, true),
    factors: dictionary.colours.map((colour, i) => ({
      colour,
      positive: reading.positive[i],
      negative: reading.negative[i],
    })),
  };
}
