/** A frame enlarged, and maps of a layer painted over it: the pictures of `saccade frame`. */
import { colourScale, paint, paintOver, resizeMap } from '@saccade/attribution';
import type { ColourScale, FlatMap } from '@saccade/attribution';
import type { ActivationGrid, Picture } from '@saccade/insight';

const scale = 3;
const opacity = 0.85;

interface Frame {
  /** RGB bytes, [height, width, 3]. */
  readonly bytes: Uint8Array;
  readonly height: number;
  readonly width: number;
}

function enlarge({ bytes, height, width }: Frame): Uint8Array {
  const large = new Uint8Array(height * width * 3 * scale * scale);
  for (let y = 0, to = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3;
      for (let c = 0; c < 3; c++) large[to++] = bytes[from + c];
    }
  }
  return large;
}

function opaque(rgb: ArrayLike<number>, width: number, height: number): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = rgb[3 * pixel + c];
  return { width, height, rgba };
}

export function framePicture(frame: Frame): Picture {
  return opaque(enlarge(frame), frame.width * scale, frame.height * scale);
}

export function scaleOf(maps: readonly FlatMap[]): ColourScale {
  return colourScale(maps, { clip: 0.995 });
}

/** A map over the frame, its small values transparent. Maps that are compared share `colours`. */
export function overlayOf(frame: Frame, map: FlatMap, colours: ColourScale = scaleOf([map])): Picture {
  const size = { width: frame.width * scale, height: frame.height * scale };
  // The frame is grey, so that colours of the map are not taken for colours of the world.
  const under = enlarge(frame);
  for (let at = 0; at < under.length; at += 3) {
    under.fill(0.5 * (0.3 * under[at] + 0.59 * under[at + 1] + 0.11 * under[at + 2]) + 50, at, at + 3);
  }
  return opaque(paintOver(under, paint(resizeMap(map, size, false), colours, { opacity })), size.width, size.height);
}

/** The activation grid: a square a cell, as large as its activity, coloured by kind. */
export function gridPicture({ sizes, colours }: ActivationGrid, height: number, width: number): Picture {
  const cell = Math.max(4, Math.floor((64 * scale) / Math.max(height, width)));
  const picture: Picture = {
    width: width * cell,
    height: height * cell,
    rgba: new Uint8ClampedArray(width * height * cell * cell * 4),
  };
  sizes.forEach((size, at) => {
    const side = Math.round(Math.sqrt(size) * cell);
    const top = Math.floor(at / width) * cell + ((cell - side) >> 1);
    const left = (at % width) * cell + ((cell - side) >> 1);
    const colour = colours[at];
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) {
        picture.rgba.set([(colour >> 16) & 255, (colour >> 8) & 255, colour & 255, 255], (y * picture.width + x) * 4);
      }
    }
  });
  return picture;
}
