/**
 * From the map on the wire to what is painted: the flat map at the size of the observation, its colours, its legend.
 * All colours come from the code that the PNG export uses.
 */
import type { ColourScale, FlatMap, Paint, PaletteName } from '@saccade/attribution';
import { colourScale, flatten, isSigned, paint, resizeMap } from '@saccade/attribution';
import { paintFactors } from './factorPaint.ts';
import type { Overlay } from '@saccade/protocol';

export type DrawnOverlay = Extract<Overlay, { ok: true }>;

export interface PictureOptions {
  /** 0-1. */
  readonly opacity: number;
  /** Blends between the layer's positions; else each stays a square. */
  readonly smooth: boolean;
  /** Which part of a signed map is drawn. */
  readonly sign: 'both' | 'positive' | 'negative';
  /** Share of the positions that the colours span; 1: the scale that the server states. */
  readonly clip: number;
  readonly palette?: PaletteName;
  /** Draws one factor of a decomposition; null: their sum. */
  readonly factor: number | null;
  /** Draws all factors at once each in its own colour, not their sum. */
  readonly coloured?: boolean;
  /** Size of the observation, pixels. */
  readonly height: number;
  readonly width: number;
}

export interface OverlayPicture {
  readonly overlay: DrawnOverlay;
  readonly scale: ColourScale;
  /** At the layer's own resolution: what numbers under the pointer come from. */
  readonly flat: FlatMap;
  /** At the observation's size; straight alpha. */
  readonly paint: Paint;
  /** Colours say which factor acts, and strength how much, not the sign. */
  readonly byFactor: boolean;
}

/** One factor of a decomposition or the sum of all; a map without factors stays as it is. */
function plane({ map, shape }: DrawnOverlay, factor: number | null): { map: Float32Array; shape: readonly number[] } {
  if (shape.length !== 3) return { map, shape };
  const [factors, height, width] = shape;
  const size = height * width;
  if (factor !== null && factor < factors) {
    return { map: map.subarray(factor * size, (factor + 1) * size), shape: [height, width] };
  }
  const sum = new Float32Array(size);
  for (let at = 0; at < map.length; at++) sum[at % size] += map[at];
  return { map: sum, shape: [height, width] };
}

/** What the colours span, in the map's units; undefined: whatever the map holds. */
function limitOf(overlay: DrawnOverlay, { clip, factor }: PictureOptions): number | undefined {
  // A sum of factors has no scale of its own on the wire; a single one is drawn on the scale that all share.
  return clip < 1 || (overlay.shape.length === 3 && factor === null) ? undefined : overlay.scale;
}

/** @throws InputError when the map is not what its shape says, or holds a value that is not finite */
export function pictureOf(overlay: DrawnOverlay, options: PictureOptions): OverlayPicture {
  const { opacity, smooth, sign, clip, palette, factor, height, width } = options;
  const { map, shape } = plane(overlay, factor);
  const flat = flatten(map, shape, overlay.signed);
  const scale = colourScale(flat, { limit: limitOf(overlay, options), clip, palette });
  const drawn = sign === 'both' || !overlay.signed ? flat : { ...flat, values: flat.values.map(only[sign]) };
  if (options.coloured && factor === null && overlay.factors && overlay.shape.length === 3) {
    const colours = overlay.factors.map(({ colour }) => colour);
    // All share one scale: strongest where the strongest factor is.
    const limit = clip < 1 ? scale.limit : overlay.scale;
    const drawn = paintFactors({ map: overlay.map, shape: overlay.shape, colours, limit }, options);
    return { overlay, scale: { ...scale, limit }, flat, byFactor: true, paint: drawn };
  }
  return {
    overlay,
    scale,
    flat,
    byFactor: false,
    paint: paint(resizeMap(drawn, { height, width }, smooth), scale, { opacity }),
  };
}

const only = {
  positive: (value: number): number => Math.max(value, 0),
  negative: (value: number): number => Math.min(value, 0),
};

/** The map's value at a point of the observation, both from 0 to 1, left to right and top to bottom. */
export function valueAt({ flat }: OverlayPicture, x: number, y: number): number {
  const column = Math.min(Math.max(Math.floor(x * flat.width), 0), flat.width - 1);
  const row = Math.min(Math.max(Math.floor(y * flat.height), 0), flat.height - 1);
  return flat.values[row * flat.width + column];
}

/** Where the map is largest in magnitude, in shares of the picture; null where it is nothing everywhere. */
export function strongestOf({ flat }: OverlayPicture): { readonly x: number; readonly y: number } | null {
  let best = 0;
  let at = -1;
  flat.values.forEach((value, i) => {
    if (Math.abs(value) <= best) return;
    best = Math.abs(value);
    at = i;
  });
  if (at < 0) return null;
  return { x: ((at % flat.width) + 0.5) / flat.width, y: (Math.floor(at / flat.width) + 0.5) / flat.height };
}

/** Every value of a scale from its lowest to its highest, one row: a map whose picture is the legend. */
export function rampOf({ palette, limit }: ColourScale, width: number): FlatMap {
  const signed = isSigned(palette);
  const lowest = signed ? -limit : 0;
  const values = Float32Array.from({ length: width }, (_, i) => lowest + (i / (width - 1)) * (limit - lowest));
  return { values, height: 1, width, signed };
}
