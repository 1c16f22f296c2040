/** The goal: a gold coin. The brightest warm thing in the picture. */
import { glow, linear, radial } from './paint.ts';
import { blob, disc, ellipse, polygon, ring } from './path.ts';
import type { Look } from './sprite.ts';

export const coin: Look = {
  draw(pen) {
    pen.fill(disc(0.5, 0.5, 0.5), glow(0.5, 0.5, 0.5, 0xfff2a0, 0.6));
    pen.outlined(disc(0.5, 0.5, 0.385), linear(0.25, 0.15, 0.75, 0.9, 0xffe873, 0xffc62b, 0xf09a12), 0x7a3c0c, 0.038);
    pen.fill(ring(0.5, 0.5, 0.33, 0.285), 0xd9820f, 0.75);
    pen.fill(disc(0.5, 0.5, 0.285), radial(0.42, 0.4, 0.36, 0xfff09a, 0xffd23f, 0xf5ad1c));
    // A five-pointed star, pressed into the face.
    const star = polygon(
      [0.5, 0.28],
      [0.556, 0.423],
      [0.709, 0.432],
      [0.59, 0.529],
      [0.629, 0.678],
      [0.5, 0.595],
      [0.371, 0.678],
      [0.41, 0.529],
      [0.291, 0.432],
      [0.444, 0.423],
    );
    pen.fill(star, 0xc26a08, 0.55);
    pen.inside(star, () =>
      pen.fill(polygon([0.5, 0.28], [0.709, 0.432], [0.629, 0.678], [0.5, 0.595], [0.5, 0.5]), 0xa65400, 0.25),
    );
    pen.fill(
      blob([0.235, 0.42], [0.33, 0.24], [0.48, 0.175], [0.36, 0.28], [0.27, 0.42], [0.25, 0.47]),
      0xffffff,
      0.85,
    );
    pen.fill(ellipse(0.73, 0.7, 0.03, 0.03), 0xffffff, 0.7);
  },
  pixels: () => ['.YYY.', 'YWYYO', 'YYOYO', 'YYYYO', '.OOO.'],
  palette: { W: 0xfffbe0, Y: 0xffdb34, O: 0xe58a0c },
  flat: 0xffdb34,
};
