/**
 * Colours and gradients of the procedural art. Colours are 0xRRGGBB; blending happens in sRGB bytes, as painters'
 * programs do by default. Only + - * / and sqrt, so that every machine makes the same bytes.
 */

export interface Stop {
  /** Position along the gradient, 0-1, ascending. */
  readonly at: number;
  readonly colour: number;
  /** 0-1, 1 where absent. */
  readonly alpha?: number;
}

/** What fills a shape. Coordinates are the picture's. */
export type Paint =
  | number
  | {
      readonly kind: 'linear';
      readonly x0: number;
      readonly y0: number;
      readonly x1: number;
      readonly y1: number;
      readonly stops: readonly Stop[];
    }
  | {
      readonly kind: 'radial';
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly stops: readonly Stop[];
    };

/** `from` at t = 0, `to` at t = 1, channel by channel. */
export function mix(from: number, to: number, t: number): number {
  const blend = (shift: number): number => {
    const a = (from >> shift) & 255;
    const b = (to >> shift) & 255;
    return Math.floor(a + (b - a) * t + 0.5) << shift;
  };
  return blend(16) | blend(8) | blend(0);
}

export const lighter = (colour: number, t: number): number => mix(colour, 0xffffff, t);
/** Darkens towards a deep plum rather than black, which keeps shadows alive. */
export const darker = (colour: number, t: number): number => mix(colour, 0x1b1030, t);

const evenly = (colours: readonly number[]): Stop[] =>
  colours.map((colour, i) => ({ at: colours.length > 1 ? i / (colours.length - 1) : 0, colour }));

/** A top-to-bottom gradient over [y0, y1] through evenly spaced colours. */
export function vertical(y0: number, y1: number, ...colours: number[]): Paint {
  return { kind: 'linear', x0: 0, y0, x1: 0, y1, stops: evenly(colours) };
}

export function linear(x0: number, y0: number, x1: number, y1: number, ...colours: number[]): Paint {
  return { kind: 'linear', x0, y0, x1, y1, stops: evenly(colours) };
}

/** From the centre outwards through evenly spaced colours. */
export function radial(x: number, y: number, radius: number, ...colours: number[]): Paint {
  return { kind: 'radial', x, y, radius, stops: evenly(colours) };
}

/** A soft glow: `colour` at the centre with `alpha`, nothing at the rim. */
export function glow(x: number, y: number, radius: number, colour: number, alpha: number): Paint {
  const stops = [
    { at: 0, colour, alpha },
    { at: 0.4, colour, alpha: alpha * 0.45 },
    { at: 1, colour, alpha: 0 },
  ];
  return { kind: 'radial', x, y, radius, stops };
}

/** A top-to-bottom fade of one colour between two opacities. */
export function fade(y0: number, y1: number, colour: number, alpha0: number, alpha1: number): Paint {
  const stops = [
    { at: 0, colour, alpha: alpha0 },
    { at: 1, colour, alpha: alpha1 },
  ];
  return { kind: 'linear', x0: 0, y0, x1: 0, y1, stops };
}

/** Colour and opacity along a gradient, written into `out` as r, g, b (0-255) and alpha (0-1). */
export function sampleStops(stops: readonly Stop[], t: number, out: Float64Array): void {
  let upper = 0;
  while (upper < stops.length - 1 && stops[upper].at < t) upper++;
  const b = stops[upper];
  const a = stops[upper > 0 ? upper - 1 : 0];
  const span = b.at - a.at;
  const raw = span > 0 ? (t - a.at) / span : 1;
  const f = raw < 0 ? 0 : raw > 1 ? 1 : raw;
  const alphaA = a.alpha ?? 1;
  const alphaB = b.alpha ?? 1;
  out[0] = (a.colour >> 16) + ((b.colour >> 16) - (a.colour >> 16)) * f;
  out[1] = ((a.colour >> 8) & 255) + (((b.colour >> 8) & 255) - ((a.colour >> 8) & 255)) * f;
  out[2] = (a.colour & 255) + ((b.colour & 255) - (a.colour & 255)) * f;
  out[3] = alphaA + (alphaB - alphaA) * f;
}
