/**
 * One frame at one layer, read from several sides: by channel, by place, cell by cell. After The Building Blocks of
 * Interpretability (Olah et al. 2018). Plain functions over an attribution or an activation [height, width, channel].
 */
import { InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { principalComponents } from '@saccade/attribution';

function expectSpatial(where: string, values: ArrayLike<number>, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3 || values.length !== shape[0] * shape[1] * shape[2]) {
    throw new InputError(
      `${where}: expected values [height, width, channel], got ${values.length} for [${shape.join(', ')}]`,
    );
  }
  return [shape[0], shape[1], shape[2]];
}

export interface SignedSums {
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/** What each channel contributed over all positions, its positive and negative parts apart: [channels]. */
export function channelAttribution(map: ArrayLike<number>, shape: Shape): SignedSums {
  const [, , channels] = expectSpatial('channelAttribution', map, shape);
  const positive = new Float64Array(channels);
  const negative = new Float64Array(channels);
  for (let at = 0; at < map.length; at++) (map[at] > 0 ? positive : negative)[at % channels] += map[at];
  return { positive, negative };
}

/** What each position contributed over all channels: [height, width]. */
export function spatialAttribution(map: ArrayLike<number>, shape: Shape): Float64Array {
  const [height, width, channels] = expectSpatial('spatialAttribution', map, shape);
  const sums = new Float64Array(height * width);
  for (let at = 0; at < map.length; at++) sums[Math.floor(at / channels)] += map[at];
  return sums;
}

export interface CellEntry {
  readonly channel: number;
  readonly activation: number;
}

/** The semantic dictionary of a cell: its most active channels, strongest first. */
export function cellDictionary(
  activation: ArrayLike<number>,
  shape: Shape,
  row: number,
  column: number,
  count = 4,
): CellEntry[] {
  const [height, width, channels] = expectSpatial('cellDictionary', activation, shape);
  if (!(row >= 0 && row < height && column >= 0 && column < width)) {
    throw new InputError(`cellDictionary: expected a cell of ${height} x ${width}, got (${row}, ${column})`);
  }
  const from = (row * width + column) * channels;
  return Array.from({ length: channels }, (_, channel) => ({ channel, activation: activation[from + channel] }))
    .filter((entry) => entry.activation > 0)
    .sort((a, b) => b.activation - a.activation || a.channel - b.channel)
    .slice(0, count);
}

export interface ActivationGrid {
  /** Length of each cell's activation over the largest, 0-1: its size on the screen, [height, width]. */
  readonly sizes: Float64Array;
  /** 0xRRGGBB by the first three principal components of the frame's cells, [height, width]. */
  readonly colours: Uint32Array;
  /** Most active channel of each cell, [height, width]; -1 where none is. */
  readonly channels: Int32Array;
}

/** The whole layer at a glance: cells sized by magnitude and coloured by kind. */
export function activationGrid(activation: ArrayLike<number>, shape: Shape): ActivationGrid {
  const [height, width, channels] = expectSpatial('activationGrid', activation, shape);
  const cells = height * width;
  const lengths = new Float64Array(cells);
  const top = new Int32Array(cells).fill(-1);
  for (let cell = 0; cell < cells; cell++) {
    let squared = 0;
    let best = 0;
    for (let c = 0; c < channels; c++) {
      const value = activation[cell * channels + c];
      squared += value * value;
      if (value > best) {
        best = value;
        top[cell] = c;
      }
    }
    lengths[cell] = Math.sqrt(squared);
  }
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const axes = Math.min(3, channels, cells);
  const { coordinates } = principalComponents(activation, channels, axes);
  const lows = new Array<number>(axes).fill(Infinity);
  const highs = new Array<number>(axes).fill(-Infinity);
  for (let at = 0; at < coordinates.length; at++) {
    lows[at % axes] = Math.min(lows[at % axes], coordinates[at]);
    highs[at % axes] = Math.max(highs[at % axes], coordinates[at]);
  }
  const colours = Uint32Array.from({ length: cells }, (_, cell) => {
    let colour = 0;
    for (let k = 0; k < 3; k++) {
      const span = k < axes ? highs[k] - lows[k] : 0;
      const share = span > 0 ? (coordinates[cell * axes + k] - lows[k]) / span : 0;
      colour = colour * 256 + Math.round(255 * share);
    }
    return colour;
  });
  return { sizes: longest > 0 ? lengths.map((length) => length / longest) : lengths, colours, channels: top };
}
