/**
 * The pictures of Integrated Gradients (Sundararajan, Taly & Yan 2017): polarity, clipping by mass, cleaning,
 * outlines, green and red over a dimmed frame. What their code did by mistake (values above 1 saturating, a signed sum
 * as the mass, options lost with both polarities) is not repeated.
 */
import { expectLength, expectShape, InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { connectedComponents, erode, fillHoles, greyClose, greyOpen } from './morphology.ts';
import { massDistribution, massThreshold } from './mass.ts';
import type { Size } from './resize.ts';

export const polarities = ['positive', 'negative', 'both'] as const;
export type Polarity = (typeof polarities)[number];

export interface IntegratedPictureOptions {
  readonly polarity: Polarity;
  /** Magnitudes beyond those that leave out this percentage of the mass are drawn in full. */
  readonly clipAbove: number;
  /** Magnitudes below those that hold this percentage of the mass are not drawn: 0 draws all. */
  readonly clipBelow: number;
  /** The value drawn for the smallest that is drawn, 0-1. */
  readonly low: number;
  /** Closes dark specks and opens bright ones. */
  readonly clean: boolean;
  /** Draws borders of the largest parts instead of values. */
  readonly outlines: boolean;
}

export const defaultIntegratedPicture: IntegratedPictureOptions = {
  polarity: 'positive',
  clipAbove: 99.9,
  clipBelow: 0,
  low: 0,
  clean: false,
  outlines: false,
};

/** Strength with which each position is drawn, 0-1, [height, width]. */
function strengths(values: Float32Array, options: IntegratedPictureOptions): Float32Array {
  const mass = massDistribution(values);
  const upper = massThreshold(mass, 100 - options.clipAbove);
  const lower = massThreshold(mass, 100 - options.clipBelow);
  const span = upper - lower;
  return values.map((value) => {
    if (value === 0 || value < lower) return 0;
    const share = span > 0 ? (value - lower) / span : 1;
    return Math.min(1, (1 - options.low) * share + options.low);
  });
}

/** What is drawn at all, as a border is found around. */
const drawn = 0.001;
const mostOutlines = 3;
/** Of the area that is drawn. */
const outlinedShare = 0.9;

/** Borders of the largest components, at most three, that together hold nine tenths of what is drawn. */
export function outline(values: Float32Array, size: Size): Uint8Array {
  const filled = fillHoles(
    Uint8Array.from(values, (value) => (value > drawn ? 1 : 0)),
    size,
  );
  const { labels, areas } = connectedComponents(filled, size);
  const order = areas.map((_, label) => label).slice(1);
  order.sort((a, b) => areas[b] - areas[a] || a - b);
  const all = order.reduce((sum, label) => sum + areas[label], 0);
  const kept = new Set<number>();
  let area = 0;
  for (const label of order) {
    if (kept.size === mostOutlines || area >= outlinedShare * all) break;
    kept.add(label);
    area += areas[label];
  }
  const mask = Uint8Array.from(labels, (label) => (kept.has(label) ? 1 : 0));
  const inside = erode(mask, size);
  return mask.map((value, i) => (inside[i] ? 0 : value));
}

/** One polarity of a map as strengths 0-1: clipped channel by channel, then averaged over channels. */
export function polarityMap(
  map: Float32Array,
  shape: Shape,
  polarity: Exclude<Polarity, 'both'>,
  options: IntegratedPictureOptions = defaultIntegratedPicture,
): Float32Array {
  expectLength('polarityMap', 'map', shape, map.length);
  const [height, width, channels = 1] = shape;
  const sign = polarity === 'positive' ? 1 : -1;
  const values = new Float32Array(height * width);
  for (let i = 0; i < map.length; i++) values[Math.floor(i / channels)] += Math.max(0, sign * map[i]) / channels;
  let picture = strengths(values, options);
  if (options.clean) picture = greyOpen(greyClose(picture, { height, width }), { height, width });
  return options.outlines ? Float32Array.from(outline(picture, { height, width })) : picture;
}

/**
 * 0.7 of the frame plus 0.5 of the map, green what raises the target, red what lowers it.
 * @param map [height, width, channel] or [height, width], signed
 * @param frame RGB bytes, [height, width, 3]
 * @returns RGB bytes, [height, width, 3]
 */
export function integratedPicture(
  map: Float32Array,
  shape: Shape,
  frame: Uint8Array,
  given: Partial<IntegratedPictureOptions> = {},
): Uint8ClampedArray {
  const options = { ...defaultIntegratedPicture, ...given };
  if (!polarities.includes(options.polarity)) {
    throw new InputError(`polarity: expected one of ${polarities.join(', ')}, got ${options.polarity}`);
  }
  const [height, width] = shape;
  expectShape('integratedPicture', 'map', shape.length === 3 ? [-1, -1, -1] : [-1, -1], shape);
  expectLength('integratedPicture', 'frame', [height, width, 3], frame.length);
  const picture = Uint8ClampedArray.from(frame, (value) => 0.7 * value);
  const add = (polarity: Exclude<Polarity, 'both'>, colour: number): void => {
    const values = polarityMap(map, shape, polarity, options);
    for (let p = 0; p < values.length; p++) picture[p * 3 + colour] += 0.5 * 255 * values[p];
  };
  if (options.polarity !== 'negative') add('positive', 1);
  if (options.polarity !== 'positive') add('negative', 0);
  return picture;
}
