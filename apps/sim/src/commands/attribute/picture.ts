/** The overlay as a picture: the page's own steps, from map to colours, over the enlarged frame. */
import { paint, paintOver, resizeMap } from '@saccade/attribution';
import type { FlatMap, PaintOptions, Size } from '@saccade/attribution';
import { colourScale } from '@saccade/attribution';
import type { OverlayMap } from '@saccade/session';

export interface Picture extends Size {
  /** RGB bytes, [height, width, 3]. */
  readonly data: Uint8ClampedArray;
}

/** A decomposition is drawn as the sum of its factors: what they contributed together. */
export function flatMap({ map, shape, signed }: OverlayMap): FlatMap {
  const [height, width] = shape.slice(-2);
  const positions = height * width;
  if (map.length === positions) return { values: map, height, width, signed };
  const values = new Float32Array(positions);
  for (let at = 0; at < map.length; at++) values[at % positions] += map[at];
  return { values, height, width, signed };
}

/** Each pixel of the frame as a square of `scale` pixels. */
function enlarge(frame: Uint8Array, { height, width }: Size, scale: number): Uint8Array {
  const large = new Uint8Array(frame.length * scale * scale);
  const row = width * scale * 3;
  for (let y = 0; y < height; y++) {
    const start = y * scale * row;
    for (let x = 0; x < width * scale; x++) {
      const from = (y * width + Math.floor(x / scale)) * 3;
      for (let c = 0; c < 3; c++) large[start + x * 3 + c] = frame[from + c];
    }
    for (let copy = 1; copy < scale; copy++) large.copyWithin(start + copy * row, start, start + row);
  }
  return large;
}

/** @param frame RGB bytes, [height, width, 3] */
export function overlayPicture(
  frame: Uint8Array,
  size: Size,
  overlay: OverlayMap,
  { opacity, scale }: Pick<PaintOptions, 'opacity'> & { readonly scale: number },
): Picture {
  const map = flatMap(overlay);
  const limit = overlay.shape.length === 3 ? undefined : overlay.scale;
  const colours = colourScale(map, { limit });
  const large = { height: size.height * scale, width: size.width * scale };
  const painted = paint(resizeMap(map, large), colours, { opacity });
  return { ...large, data: paintOver(enlarge(frame, size, scale), painted) };
}
