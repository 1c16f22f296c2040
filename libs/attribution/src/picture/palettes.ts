/**
 * Palettes as tables of bytes. All are readable with the common colour deficiencies: amber against violet, orange
 * against purple and red against blue for signed maps, ramps of even lightness for the others.
 */
import {
  interpolateCividis,
  interpolateInferno,
  interpolatePuOr,
  interpolateRdBu,
  interpolateViridis,
} from 'd3-scale-chromatic';

/** RGB bytes, [256, 3]; signed palettes have zero in the middle and the most positive value at the end. */
export type Palette = Uint8Array;

function channels(colour: string): readonly number[] {
  if (colour.startsWith('#')) return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return [...colour.matchAll(/\d+/g)].map(Number);
}

function tabulate(interpolate: (t: number) => string): Palette {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.set(channels(interpolate(i / 255)), i * 3);
  return table;
}

/** The middle four fifths: the very ends are nearly black, which a picture under the paint would swallow. */
const vivid =
  (interpolate: (t: number) => string) =>
  (t: number): string =>
    interpolate(0.1 + 0.8 * t);

/**
 * One hue for each sign. Paint is already more transparent where a map is weaker, so a pale middle would only lay fog
 * over the picture; violet and amber stay apart for every kind of colour vision.
 */
const twoHues = (t: number): string => (t < 0.5 ? '#7c3aff' : '#ff8a00');

const interpolators = {
  signed: {
    'violet-amber': twoHues,
    'purple-orange': vivid(interpolatePuOr),
    'blue-red': vivid((t) => interpolateRdBu(1 - t)),
  },
  unsigned: {
    inferno: interpolateInferno,
    viridis: interpolateViridis,
    cividis: interpolateCividis,
  },
} as const;

export const signedPalettes = Object.keys(interpolators.signed) as (keyof typeof interpolators.signed)[];
export const unsignedPalettes = Object.keys(interpolators.unsigned) as (keyof typeof interpolators.unsigned)[];
export type SignedPalette = (typeof signedPalettes)[number];
export type UnsignedPalette = (typeof unsignedPalettes)[number];
export type PaletteName = SignedPalette | UnsignedPalette;

const tables = new Map<PaletteName, Palette>();

export function isSigned(name: PaletteName): name is SignedPalette {
  return Object.hasOwn(interpolators.signed, name);
}

export function paletteNamed(name: PaletteName): Palette {
  let table = tables.get(name);
  if (!table) {
    table = tabulate(isSigned(name) ? interpolators.signed[name] : interpolators.unsigned[name]);
    tables.set(name, table);
  }
  return table;
}
