/**
 * From a map to colours: the one code that page, PNG export and video use, so that what is seen is what was computed.
 * A map becomes one number a position, a scale says which number is which colour, and paint is RGBA over a frame.
 */
import { expectLength, InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { isSigned, paletteNamed, signedPalettes } from './palettes.ts';
import type { PaletteName } from './palettes.ts';
import { resizeBilinear, resizeNearest } from './resize.ts';
import type { Size } from './resize.ts';

/** Which value has which colour, in the map's own units, so that a legend can say so. */
export interface ColourScale {
  readonly palette: PaletteName;
  /** The magnitude painted in the last colour; larger ones are clipped to it. At least 0. */
  readonly limit: number;
}

/** One number a position, [height, width]. */
export interface FlatMap extends Size {
  readonly values: Float32Array;
  readonly signed: boolean;
}

/**
 * Sums the channels of a signed map (so its total stays what it was) and takes the largest of an unsigned one.
 * A dense layer's [features] becomes one row.
 */
export function flatten(map: Float32Array, shape: Shape, signed: boolean): FlatMap {
  expectLength('flatten', 'map', shape, map.length);
  const [height, width, channels] = shape.length === 1 ? [1, shape[0], 1] : shape.length === 2 ? [...shape, 1] : shape;
  if (channels === 1) return { values: map.slice(), height, width, signed };
  const values = new Float32Array(height * width);
  for (let p = 0, at = 0; p < values.length; p++) {
    let value = 0;
    for (let c = 0; c < channels; c++, at++) value = signed ? value + map[at] : Math.max(value, map[at]);
    values[p] = value;
  }
  return { values, height, width, signed };
}

/**
 * The value that `share` of the magnitudes do not exceed (linear interpolation between ranks).
 * @throws InputError when a value is not finite: a broken map is never drawn
 */
export function magnitudeQuantile(values: Float32Array, share: number): number {
  const magnitudes = Float32Array.from(values, Math.abs).sort();
  if (magnitudes.length === 0) return 0;
  if (!Number.isFinite(magnitudes[magnitudes.length - 1])) {
    throw new InputError(`colour scale: expected finite values, got ${magnitudes[magnitudes.length - 1]} in the map`);
  }
  const rank = share * (magnitudes.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(low + 1, magnitudes.length - 1);
  return magnitudes[low] + (rank - low) * (magnitudes[high] - magnitudes[low]);
}

export interface ScaleOptions {
  readonly palette?: PaletteName;
  /** Share of positions that the scale spans without clipping, 0-1. 1 by default. */
  readonly clip?: number;
  /** Fixes the limit, in the map's units: for maps that are to be compared. */
  readonly limit?: number;
}

/** A scale for one or several maps that share it. */
export function colourScale(maps: FlatMap | readonly FlatMap[], options: ScaleOptions = {}): ColourScale {
  const all = Array.isArray(maps) ? (maps as readonly FlatMap[]) : [maps as FlatMap];
  const signed = all.some((map) => map.signed);
  const { palette = signed ? signedPalettes[0] : 'inferno', clip = 1, limit } = options;
  if (!(clip > 0 && clip <= 1)) throw new InputError(`colour scale: expected a clip from 0 to 1, got ${clip}`);
  if (limit !== undefined && !(limit >= 0 && limit < Infinity)) {
    throw new InputError(`colour scale: expected a limit of at least 0, got ${limit}`);
  }
  const limits = all.map((map) => magnitudeQuantile(map.values, clip));
  return { palette, limit: limit ?? Math.max(0, ...limits) };
}

/** Where a value stands on its palette, 0-255: signed palettes have zero at 127.5, unsigned ones at 0. */
function paletteIndex(value: number, { limit, palette }: ColourScale): number {
  const share = limit === 0 ? 0 : Math.min(Math.max(value / limit, -1), 1);
  return Math.round(isSigned(palette) ? 127.5 + 127.5 * share : 255 * Math.max(0, share));
}

export interface PaintOptions {
  /** Of the last colour, 0-1. 1 by default. */
  readonly opacity?: number;
  /** Makes small values transparent, so that the frame shows through. True by default; off for a map on its own. */
  readonly fade?: boolean;
}

/** RGBA bytes with straight alpha, [height, width, 4]. */
export interface Paint extends Size {
  readonly data: Uint8ClampedArray;
}

/** @throws InputError when a value is not finite */
export function paint(map: FlatMap, scale: ColourScale, { opacity = 1, fade = true }: PaintOptions = {}): Paint {
  const { values, height, width } = map;
  expectLength('paint', 'map', [height, width], values.length);
  if (!(opacity >= 0 && opacity <= 1)) throw new InputError(`paint: expected an opacity from 0 to 1, got ${opacity}`);
  const table = paletteNamed(scale.palette);
  const data = new Uint8ClampedArray(height * width * 4);
  for (let p = 0, at = 0; p < values.length; p++, at += 4) {
    const value = values[p];
    if (!Number.isFinite(value)) throw new InputError(`paint: expected finite values, got ${value} at element ${p}`);
    const colour = paletteIndex(value, scale) * 3;
    const strength = fade ? Math.min(1, scale.limit === 0 ? 0 : Math.abs(value) / scale.limit) : 1;
    data[at] = table[colour];
    data[at + 1] = table[colour + 1];
    data[at + 2] = table[colour + 2];
    data[at + 3] = 255 * opacity * strength;
  }
  return { data, height, width };
}

/** The map at the size of a frame: `smooth` blends between the layer's positions, else each stays a square. */
export function resizeMap(map: FlatMap, to: Size, smooth = true): FlatMap {
  const resize = smooth ? resizeBilinear : resizeNearest;
  return { ...to, values: resize(map.values, map, to), signed: map.signed };
}

/**
 * Paint over an opaque picture of the same size.
 * @param picture RGB bytes, [height, width, 3]
 * @returns RGB bytes, [height, width, 3]
 */
export function paintOver(picture: Uint8Array | Uint8ClampedArray, { data, height, width }: Paint): Uint8ClampedArray {
  expectLength('paintOver', 'picture', [height, width, 3], picture.length);
  const result = new Uint8ClampedArray(picture.length);
  for (let p = 0; p < height * width; p++) {
    const alpha = data[p * 4 + 3] / 255;
    for (let c = 0; c < 3; c++) result[p * 3 + c] = picture[p * 3 + c] * (1 - alpha) + data[p * 4 + c] * alpha;
  }
  return result;
}

export interface LegendEntry {
  /** In the map's units. */
  readonly value: number;
  /** RGB bytes. */
  readonly colour: readonly [number, number, number];
}

/** Evenly spaced values of a scale with their colours, ascending: -limit (or 0) to limit. */
export function legend(scale: ColourScale, entries = 11): LegendEntry[] {
  const lowest = isSigned(scale.palette) ? -scale.limit : 0;
  const table = paletteNamed(scale.palette);
  return Array.from({ length: entries }, (_, i) => {
    const value = entries === 1 ? scale.limit : lowest + (i / (entries - 1)) * (scale.limit - lowest);
    const at = paletteIndex(value, scale) * 3;
    return { value, colour: [table[at], table[at + 1], table[at + 2]] };
  });
}
