/** Wooden crates, four builds. Light top edge and dark frame tell them from ground at any size. */
import { darker, lighter, linear, vertical } from './paint.ts';
import { disc, polygon, rect, roundRect, type Point } from './path.ts';
import type { Pen } from './picture.ts';
import { INK, type Look } from './sprite.ts';

interface Wood {
  readonly plank: number;
  readonly frame: number;
  /** Drawn between frame and nails. */
  brace(pen: Pen, wood: Wood): void;
  readonly pixels: readonly string[];
}

function build(wood: Wood): Look {
  const { plank, frame } = wood;
  const dark = darker(frame, 0.45);
  return {
    draw(pen) {
      pen.fill(roundRect(0, 0, 1, 1, 0.07), INK);
      pen.fill(roundRect(0.028, 0.028, 0.944, 0.944, 0.05), frame);
      pen.fill(rect(0.13, 0.13, 0.74, 0.74), vertical(0.13, 0.87, plank, darker(plank, 0.14)));
      for (const y of [0.305, 0.49, 0.675]) {
        pen.fill(rect(0.13, y, 0.74, 0.022), dark, 0.75);
        pen.fill(rect(0.13, y + 0.022, 0.74, 0.014), lighter(plank, 0.35), 0.6);
      }
      const grain = (x: number, y: number, w: number): void => pen.fill(roundRect(x, y, w, 0.014, 0.007), dark, 0.35);
      grain(0.2, 0.21, 0.22);
      grain(0.55, 0.25, 0.2);
      grain(0.42, 0.4, 0.26);
      grain(0.2, 0.58, 0.18);
      grain(0.52, 0.61, 0.24);
      grain(0.26, 0.78, 0.3);
      pen.fill(rect(0.13, 0.13, 0.74, 0.05), INK, 0.25);
      wood.brace(pen, wood);
      // The frame: four beams, lit from above.
      pen.fill(
        roundRect(0.028, 0.028, 0.944, 0.12, [0.05, 0.05, 0, 0]),
        vertical(0.028, 0.148, lighter(frame, 0.45), frame),
      );
      pen.fill(rect(0.028, 0.852, 0.944, 0.12), linear(0, 0.852, 0, 0.972, frame, darker(frame, 0.3)));
      pen.fill(rect(0.028, 0.148, 0.11, 0.704), linear(0.028, 0, 0.138, 0, lighter(frame, 0.2), frame));
      pen.fill(rect(0.862, 0.148, 0.11, 0.704), linear(0.862, 0, 0.972, 0, frame, darker(frame, 0.25)));
      pen.line(
        [
          [0.14, 0.148],
          [0.86, 0.148],
        ],
        0.016,
        dark,
        0.6,
      );
      pen.line(
        [
          [0.14, 0.852],
          [0.86, 0.852],
        ],
        0.016,
        dark,
        0.6,
      );
      for (const x of [0.085, 0.915]) {
        for (const y of [0.085, 0.915]) {
          pen.fill(disc(x, y, 0.026), dark);
          pen.fill(disc(x - 0.006, y - 0.008, 0.012), 0xfff3d6, 0.8);
        }
      }
    },
    pixels: () => wood.pixels,
    palette: { L: lighter(frame, 0.5), F: frame, D: darker(frame, 0.4), P: plank, M: darker(plank, 0.28) },
    flat: plank,
  };
}

const beam = (pen: Pen, from: Point, to: Point, wood: Wood): void => {
  pen.line([from, to], 0.17, darker(wood.frame, 0.5));
  pen.line([from, to], 0.13, lighter(wood.frame, 0.16));
};

export const crates: readonly Look[] = [
  build({
    plank: 0xe3a55c,
    frame: 0xb9722f,
    brace: (pen, wood) => pen.inside(rect(0.13, 0.13, 0.74, 0.74), () => beam(pen, [0.1, 0.9], [0.9, 0.1], wood)),
    pixels: ['LLLLL', 'FPPMD', 'FPMPD', 'FMPPD', 'DDDDD'],
  }),
  build({
    plank: 0xd8b078,
    frame: 0x9a6b3d,
    brace: (pen, wood) =>
      pen.inside(rect(0.13, 0.13, 0.74, 0.74), () => {
        beam(pen, [0.1, 0.1], [0.9, 0.9], wood);
        beam(pen, [0.1, 0.9], [0.9, 0.1], wood);
      }),
    pixels: ['LLLLL', 'FMPMD', 'FPMPD', 'FMPMD', 'DDDDD'],
  }),
  build({
    plank: 0xcf8a55,
    frame: 0x8c4f34,
    brace: (pen, wood) => pen.inside(rect(0.13, 0.13, 0.74, 0.74), () => beam(pen, [0.5, 0.1], [0.5, 0.9], wood)),
    pixels: ['LLLLL', 'FPMPD', 'FPMPD', 'FPMPD', 'DDDDD'],
  }),
  build({
    plank: 0xe6c07a,
    frame: 0xc08a3a,
    brace(pen, wood) {
      const label = polygon([0.5, 0.3], [0.7, 0.5], [0.5, 0.7], [0.3, 0.5]);
      pen.outlined(label, 0xd8433b, darker(wood.frame, 0.5), 0.03);
      pen.fill(polygon([0.5, 0.38], [0.62, 0.5], [0.5, 0.5], [0.38, 0.5]), 0xffffff, 0.35);
    },
    pixels: ['LLLLL', 'FPPPD', 'FPMPD', 'FPPPD', 'DDDDD'],
  }),
];
