/**
 * The creatures that patrol, facing right, each with a silhouette of its own. Two frames of a walk. All of them share
 * white eyes under a frown, which no harmless thing has.
 */
import { darker, lighter, radial, vertical } from './paint.ts';
import { blob, disc, ellipse, polygon, roundRect, union } from './path.ts';
import type { Pen } from './picture.ts';
import { INK, type Look, type Pixels } from './sprite.ts';

export const ENEMY_FRAMES = 2;

const OUTLINE = 0.042;

/** A cross eye: white, with a pupil that looks where it goes, under a slanted brow. */
function eye(pen: Pen, x: number, y: number, r: number, brow: -1 | 0 | 1 = -1): void {
  pen.outlined(disc(x, y, r), 0xffffff, INK, 0.022);
  pen.fill(disc(x + r * 0.3, y + r * 0.1, r * 0.52), INK);
  pen.fill(disc(x + r * 0.42, y - r * 0.12, r * 0.18), 0xffffff);
  if (brow !== 0)
    pen.line(
      [
        [x - r * 1.15, y - r * (1 + 0.45 * brow)],
        [x + r * 1.15, y - r * (1 - 0.45 * brow)],
      ],
      r * 0.62,
      INK,
    );
}

const eyes = (pen: Pen, x: number, y: number, gap: number, r: number): void => {
  eye(pen, x - gap / 2, y, r, 1);
  eye(pen, x + gap / 2, y, r, -1);
};

/** A pair of feet whose stride swaps with the frame. */
function feet(pen: Pen, frame: number, colour: number, left: number, right: number, width = 0.2): void {
  const lift = [frame === 0 ? 0 : 0.045, frame === 0 ? 0.045 : 0];
  [left, right].forEach((x, i) => {
    pen.outlined(
      roundRect(x - width / 2, 0.85 - lift[i], width, 0.12, [0.06, 0.06, 0.03, 0.03]),
      colour,
      INK,
      OUTLINE * 0.8,
    );
  });
}

const body = (colour: number, x = 0.4, y = 0.35): ReturnType<typeof radial> =>
  radial(x, y, 0.66, lighter(colour, 0.32), colour, darker(colour, 0.34));

interface Creature {
  draw(pen: Pen, frame: number): void;
  readonly pixels: readonly [Pixels, Pixels];
  readonly palette: Readonly<Record<string, number>>;
}

const build = (creature: Creature): Look => ({
  draw: creature.draw,
  pixels: (frame) => creature.pixels[frame % 2],
  palette: { K: INK, W: 0xffffff, ...creature.palette },
  flat: 0x9b4dff,
});

/** Purple spiky thing: the default enemy. */
const spiky: Creature = {
  draw(pen, frame) {
    const colour = 0x7d3cf0;
    const bob = frame === 0 ? 0 : 0.02;
    feet(pen, frame, 0x3b1a7a, 0.32, 0.7);
    const spikes = union(
      polygon([0.12, 0.55 + bob], [0.0, 0.32 + bob], [0.3, 0.32 + bob]),
      polygon([0.16, 0.36 + bob], [0.17, 0.07 + bob], [0.46, 0.26 + bob]),
      polygon([0.35, 0.28 + bob], [0.5, 0.0 + bob], [0.65, 0.28 + bob]),
      polygon([0.54, 0.26 + bob], [0.83, 0.07 + bob], [0.84, 0.36 + bob]),
      polygon([0.7, 0.32 + bob], [1.0, 0.32 + bob], [0.88, 0.55 + bob]),
    );
    pen.outlined(spikes, vertical(0, 0.4, 0xf3d9ff, 0xb98cff), INK, OUTLINE * 0.8);
    const shape = blob(
      [0.5, 0.2 + bob],
      [0.8, 0.3 + bob],
      [0.92, 0.6 + bob],
      [0.8, 0.86],
      [0.5, 0.91],
      [0.2, 0.86],
      [0.08, 0.6 + bob],
      [0.2, 0.3 + bob],
    );
    pen.outlined(shape, body(colour), INK, OUTLINE);
    pen.inside(shape, () => {
      pen.fill(ellipse(0.5, 0.98, 0.5, 0.2), INK, 0.22);
      pen.fill(ellipse(0.34, 0.31 + bob, 0.15, 0.06), 0xffffff, 0.3);
    });
    eyes(pen, 0.58, 0.53 + bob, 0.3, 0.125);
    const mouth = polygon([0.38, 0.735 + bob], [0.8, 0.735 + bob], [0.73, 0.83 + bob], [0.45, 0.83 + bob]);
    pen.fill(mouth, INK);
    pen.fill(polygon([0.43, 0.735 + bob], [0.51, 0.735 + bob], [0.47, 0.79 + bob]), 0xffffff);
    pen.fill(polygon([0.66, 0.735 + bob], [0.74, 0.735 + bob], [0.7, 0.79 + bob]), 0xffffff);
  },
  pixels: [
    ['S.S.S', 'PPPPP', 'PWKWK', 'PPPPP', 'K...K'],
    ['S.S.S', 'PPPPP', 'PWKWK', 'PPPPP', '.K.K.'],
  ],
  palette: { P: 0x7a35ee, S: 0xcfa6ff },
};

export const enemies: readonly Look[] = [spiky].map(build);
