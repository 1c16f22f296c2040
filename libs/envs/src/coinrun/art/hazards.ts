/** What kills without moving: saw blades and lava. They must read at a glance, at any size and before any backdrop. */
import { darker, glow, radial, vertical } from './paint.ts';
import { blob, curve, disc, ellipse, polygon, rect, ring, scaled, turned, type Path, type Point } from './path.ts';
import { INK, type Look, type Pixels } from './sprite.ts';

/** Cosine and sine of an eighth of a turn, and of a quarter of that (one saw frame). */
const EIGHTH = 0.7071067811865476;
const FRAME_COS = 0.9807852804032304;
const FRAME_SIN = 0.19509032201612825;

/** The blade repeats after four frames: eight teeth, a quarter of a tooth a frame. */
export const SAW_FRAMES = 4;

function blade(frame: number): Path {
  // One hooked tooth, turned eight times.
  const tooth: Path = polygon([0.5, 0.5], [0.33, 0.24], [0.4, 0.13], [0.545, 0.005], [0.57, 0.1], [0.63, 0.2]);
  let path: Path = tooth;
  let next = tooth;
  for (let i = 1; i < 8; i++) {
    next = turned(next, EIGHTH, EIGHTH, 0.5, 0.5);
    path = [...path, ...next];
  }
  path = [...path, ...disc(0.5, 0.5, 0.355)];
  for (let i = 0; i < frame; i++) path = turned(path, FRAME_COS, FRAME_SIN, 0.5, 0.5);
  return scaled(path, 0.92, 0.92, 0.5, 0.5);
}

const SAW_PIXELS: readonly Pixels[] = [
  ['.WWL.', 'WWDWG', 'WDRDG', 'LWDGG', '.LGG.'],
  ['W.W.W', '.WDL.', 'WDRDG', '.LDG.', 'W.G.G'],
];

export const saw: Look = {
  draw(pen, frame) {
    const shape = blade(frame % SAW_FRAMES);
    pen.outlined(shape, radial(0.4, 0.34, 0.62, 0xffffff, 0xe3ebf4, 0xa3b4c8), INK, 0.028);
    pen.inside(shape, () => {
      pen.fill(ring(0.5, 0.5, 0.345, 0.315), 0x8396ad, 0.55);
      pen.fill(ellipse(0.36, 0.28, 0.2, 0.13), 0xffffff, 0.55);
      pen.fill(ellipse(0.66, 0.76, 0.24, 0.14), 0x5d7089, 0.22);
    });
    pen.fill(disc(0.5, 0.5, 0.235), INK);
    pen.fill(disc(0.5, 0.5, 0.205), radial(0.45, 0.42, 0.28, 0xff6a5e, 0xe0243f, 0x98113a));
    // Four bolts that turn with the blade.
    let bolts: Path = disc(0.5, 0.375, 0.03);
    for (let i = 1; i < 4; i++)
      bolts = [...bolts, ...turned(disc(0.5, 0.375, 0.03), i === 2 ? -1 : 0, i === 1 ? 1 : i === 3 ? -1 : 0, 0.5, 0.5)];
    for (let i = 0; i < frame % SAW_FRAMES; i++) bolts = turned(bolts, FRAME_COS, FRAME_SIN, 0.5, 0.5);
    pen.fill(bolts, 0x5c0b2c);
    pen.fill(disc(0.5, 0.5, 0.06), 0xfff1d6);
  },
  pixels: (frame) => SAW_PIXELS[frame % 2],
  palette: { W: 0xffffff, L: 0xe6edf5, G: 0xa9b9cb, D: 0x3a2748, R: 0xff2e4d },
  flat: 0xf2f5fa,
};

/** Lava frames: bit 0 is an open surface above, the rest is a detail 0-3. */
const LAVA_BODY = ['ooooo', 'ooyoo', 'ooooo', 'orroo', 'ooooo'];
const LAVA_BODY_2 = ['ooooo', 'ooooo', 'rrooo', 'oooyo', 'ooooo'];
const LAVA_TOP = ['HHYHH', 'YYyYY', 'yyoyy', 'ooooo', 'oroyo'];
const LAVA_TOP_2 = ['HYHHH', 'YyYYY', 'yoyyo', 'ooooo', 'oyoro'];

export const lava: Look = {
  draw(pen, frame) {
    const surface = (frame & 1) === 1;
    const detail = frame >> 1;
    pen.fill(rect(0, 0, 1, 1), surface ? vertical(0, 1, 0xffb128, 0xff8a1e, 0xff6a1b, 0xf4511e) : 0xf4511e);
    const cell = (path: Path): void => pen.fill(path, 0xd93a1b, 0.6);
    const spark = (x: number, y: number, r: number): void => {
      pen.fill(disc(x, y, r * 2.2), glow(x, y, r * 2.2, 0xffd04a, 0.55));
      pen.fill(disc(x, y, r), 0xffc53d);
    };
    if (detail % 2 === 0) {
      cell(blob([0.1, 0.72], [0.3, 0.62], [0.52, 0.72], [0.44, 0.86], [0.2, 0.88]));
      if (!surface) cell(blob([0.55, 0.25], [0.78, 0.16], [0.92, 0.3], [0.74, 0.42]));
      spark(0.74, 0.6, 0.055);
      spark(0.3, surface ? 0.48 : 0.3, 0.035);
    } else {
      cell(blob([0.52, 0.6], [0.8, 0.54], [0.92, 0.68], [0.72, 0.82], [0.56, 0.76]));
      if (!surface) cell(blob([0.08, 0.2], [0.3, 0.12], [0.42, 0.26], [0.2, 0.36]));
      spark(0.26, 0.66, 0.05);
      spark(0.62, surface ? 0.42 : 0.36, 0.04);
    }
    if (surface) {
      const wave = (y: number, lift: number): Point[] =>
        curve([-0.25, y], [0, y], [0.25, y - lift], [0.5, y], [0.75, y - lift], [1, y], [1.25, y]);
      pen.inside(rect(0, 0, 1, 1), () => {
        pen.fill(polygon([-0.3, -0.1], ...wave(0.27, 0.05), [1.3, -0.1]), 0xffc83a);
        pen.fill(polygon([-0.3, -0.1], ...wave(0.15, 0.05), [1.3, -0.1]), 0xfff3a8);
      });
    }
  },
  pixels(frame) {
    const other = (frame >> 1) % 2 === 1;
    if ((frame & 1) === 1) return other ? LAVA_TOP_2 : LAVA_TOP;
    return other ? LAVA_BODY_2 : LAVA_BODY;
  },
  palette: { H: 0xfff3a8, Y: 0xffcf3f, y: 0xffa026, o: 0xf4511e, r: darker(0xf4511e, 0.16) },
  flat: 0xff6a1b,
};
