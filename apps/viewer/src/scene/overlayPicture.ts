/**
 * From the map on the wire to what is painted: the flat map at the size of the observation, its colours, its legend.
 * All colours come from the code that the PNG export uses.
 */
import type { ColourScale, FlatMap, Paint, PaletteName } from '@saccade/attribution';
import { colourScale, flatten, paint, resizeMap } from '@saccade/attribution';
import type { Overlay } from '@saccade/protocol';

export type DrawnOverlay = Extract<Overlay, { ok: true }>;

export interface PictureOptions {
  /** 0-1. */
  readonly opacity: number;
  /** Blends between the layer's positions; else each stays a square. */
  readonly smooth: boolean;
  readonly palette?: PaletteName;
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
}

/** Sum over factors, so that what is drawn is the whole; a map without factors stays as it is. */
function wholeOf({ map, shape }: DrawnOverlay): { map: Float32Array; shape: readonly number[] } {
  if (shape.length !== 3) return { map, shape };
  const [factors, height, width] = shape;
  const sum = new Float32Array(height * width);
  for (let f = 0, at = 0; f < factors; f++) for (let p = 0; p < sum.length; p++, at++) sum[p] += map[at];
  return { map: sum, shape: [height, width] };
}

/** @throws InputError when the map is not what its shape says, or holds a value that is not finite */
export function pictureOf(overlay: DrawnOverlay, options: PictureOptions): OverlayPicture {
  const { opacity, smooth, palette, height, width } = options;
  const whole = wholeOf(overlay);
  const flat = flatten(whole.map, whole.shape, overlay.signed);
  const scale = colourScale(flat, { limit: overlay.scale, palette });
  return { overlay, scale, flat, paint: paint(resizeMap(flat, { height, width }, smooth), scale, { opacity }) };
}

/** The map's value at a point of the observation, both from 0 to 1, left to right and top to bottom. */
export function valueAt({ flat }: OverlayPicture, x: number, y: number): number {
  const column = Math.min(Math.max(Math.floor(x * flat.width), 0), flat.width - 1);
  const row = Math.min(Math.max(Math.floor(y * flat.height), 0), flat.height - 1);
  return flat.values[row * flat.width + column];
}
