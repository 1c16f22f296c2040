/** What creatures have in common: frowning eyes, feet, round bodies lit from the upper left. */
import { darker, lighter, radial } from './paint.ts';
import { disc, roundRect } from './path.ts';
import type { Pen } from './picture.ts';
import { INK, type Pixels } from './sprite.ts';

/** Width of outlines, cells. */
export const OUTLINE = 0.042;

/** A cross eye: white, with a pupil that looks where it goes, under a slanted brow. */
export function eye(pen: Pen, x: number, y: number, r: number, brow: -1 | 0 | 1 = -1): void {
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

export const eyes = (pen: Pen, x: number, y: number, gap: number, r: number): void => {
  eye(pen, x - gap / 2, y, r, 1);
  eye(pen, x + gap / 2, y, r, -1);
};

/** A pair of feet whose stride swaps with the frame. */
export function feet(pen: Pen, frame: number, colour: number, left: number, right: number, width = 0.2): void {
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

export const body = (colour: number, x = 0.4, y = 0.35): ReturnType<typeof radial> =>
  radial(x, y, 0.66, lighter(colour, 0.32), colour, darker(colour, 0.34));

/** What sets one creature apart: its drawing, its hand-set pixels and their colours. */
export interface Creature {
  draw(pen: Pen, frame: number): void;
  readonly pixels: readonly [Pixels, Pixels];
  readonly palette: Readonly<Record<string, number>>;
}
