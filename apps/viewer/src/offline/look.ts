/** How a map of the episode is painted, by the code of the page; only its opacity is the reader's. */
import { colourScale, isSigned, paint, resizeMap } from '@saccade/attribution';
import type { ColourScale, FlatMap, Paint, PaletteName } from '@saccade/attribution';
import { mapValues } from '@saccade/protocol';
import type { AnnotatedLens, AnnotatedMap } from '@saccade/protocol';

function flatOf(map: AnnotatedMap, { signed }: AnnotatedLens): FlatMap {
  return { values: mapValues(map), height: map.height, width: map.width, signed };
}

function scaleOf(flat: FlatMap, { limit }: AnnotatedMap, { palette }: AnnotatedLens): ColourScale {
  return colourScale(flat, { limit, palette: palette as PaletteName });
}

/** @param side pixels along a side of the observation */
export function paintOf(map: AnnotatedMap, lens: AnnotatedLens, side: number, opacity: number): Paint {
  const flat = flatOf(map, lens);
  return paint(resizeMap(flat, { width: side, height: side }, lens.smooth), scaleOf(flat, map, lens), { opacity });
}

/** The legend: every value from the lowest to the highest, one row. */
export function legendOf(map: AnnotatedMap, lens: AnnotatedLens, width: number): Paint {
  const scale = scaleOf(flatOf(map, lens), map, lens);
  const lowest = isSigned(scale.palette) ? -scale.limit : 0;
  const values = Float32Array.from({ length: width }, (_, i) => lowest + (i / (width - 1)) * (scale.limit - lowest));
  return paint({ values, height: 1, width, signed: lens.signed }, scale);
}

/** In the target's units, at a point of the observation in shares of its sides. */
export function valueAt({ values, peak, height, width }: AnnotatedMap, x: number, y: number): number {
  const column = Math.min(Math.max(Math.floor(x * width), 0), width - 1);
  const row = Math.min(Math.max(Math.floor(y * height), 0), height - 1);
  return (values[row * width + column] / 32767) * peak;
}
