/** Places by night. */
import { createStream, type RandomStream } from '@saccade/core';
import { fade, glow, lighter, vertical } from './paint.ts';
import { disc, polygon, rect } from './path.ts';
import type { Pen } from './picture.ts';
import {
  BACKDROP_SIZE,
  everywhere,
  orb,
  pine,
  repeated,
  ridge,
  ridgeHeight,
  stars,
  streak,
  up,
  type Backdrop,
} from './scenery.ts';

export const night: Backdrop = {
  name: 'night',
  plain: 0x26366b,
  draw(pen) {
    const stream = createStream('art', 'night');
    pen.fill(everywhere, vertical(up(16), up(1), 0x0e1742, 0x1a2a63, 0x2c4684, 0x47699c));
    stars(pen, stream, 190, 3, 23, 0xdfeaff);
    orb(pen, 20.5, 8.4, 1.25, 0xdfe6ee, 0xbcd0f2, 0.4);
    for (const [dx, dy, r] of [
      [-0.4, 0.3, 0.24],
      [0.35, -0.25, 0.3],
      [0.25, 0.55, 0.16],
      [-0.5, -0.45, 0.14],
    ])
      pen.fill(disc(20.5 + dx, up(8.4) + dy, r), 0xc0cbdb);
    for (const [x, h, l] of [
      [8, 7.6, 2.6],
      [26, 6.2, 2.4],
      [14, 11.4, 2.8],
    ])
      streak(pen, x, h, l, 0.17, 0x6c86b8, 0.35);
    pen.fill(ridge([3.2, 4.6, 3.4, 5.2, 3.8, 4.4, 3.0, 4.9]), vertical(up(5), up(0), 0x2e4a80, 0x2b4677));
    pen.fill(ridge([2.0, 2.7, 3.3, 2.2, 1.9, 2.9, 3.4, 2.4, 2.0, 2.2]), vertical(up(3.4), up(0), 0x253c70, 0x223868));
    // A village: lit windows far away.
    for (const [x, h, s] of [
      [4, 2.05, 0.55],
      [5.1, 2.15, 0.45],
      [6.4, 2.25, 0.6],
      [17.5, 2.25, 0.5],
      [18.7, 2.4, 0.6],
      [26.8, 1.8, 0.5],
    ]) {
      repeated(x, 1, (cx) => {
        const y = up(h);
        pen.fill(
          polygon(
            [cx - 0.5 * s, y + s],
            [cx - 0.5 * s, y - 0.5 * s],
            [cx, y - s],
            [cx + 0.5 * s, y - 0.5 * s],
            [cx + 0.5 * s, y + s],
          ),
          0x1d2f5c,
        );
        pen.fill(rect(cx - 0.14 * s, y - 0.34 * s, 0.28 * s, 0.32 * s), 0xe9b872, 0.85);
        pen.fill(disc(cx, y - 0.2 * s, 0.6 * s), glow(cx, y - 0.2 * s, 0.6 * s, 0xffc983, 0.3));
      });
    }
    const near = [1.2, 1.7, 1.3, 0.9, 1.5, 1.9, 1.2, 1.0, 1.6, 1.3];
    for (let i = 0; i < 20; i++) {
      const x = i * 1.6 + stream.next();
      pine(pen, x, ridgeHeight(near, x) - 0.35, 0.55 + stream.next() * 0.4, 0x1b2e5c);
    }
    pen.fill(ridge(near), vertical(up(1.9), up(-3), 0x1d3262, 0x182a56));
    pen.fill(ridge([0, 0.5, 0.1, -0.4, 0.3, 0.6, 0.0, -0.3]), vertical(up(0.6), up(-8), 0x172852, 0x0f1d42));
  },
};

function skyline(
  pen: Pen,
  stream: RandomStream,
  base: number,
  tall: number,
  wall: number,
  lamp: number,
  lit: number,
): void {
  let x = 0;
  while (x < BACKDROP_SIZE) {
    const w = Math.min(BACKDROP_SIZE - x, 1.1 + stream.next() * 1.5);
    const h = base + tall * (0.35 + 0.65 * stream.next());
    const roof = stream.integer(3);
    const left = x;
    pen.fill(rect(left, up(h), w + 0.02, 40), wall);
    pen.fill(rect(left, up(h), 0.1, 40), lighter(wall, 0.14));
    if (roof === 1) pen.fill(rect(left + w * 0.45, up(h + 0.9), 0.07, 1), wall);
    if (roof === 2) pen.fill(rect(left + w * 0.2, up(h + 0.3), w * 0.5, 0.4), wall);
    for (let y = h - 0.35; y > base - 3; y -= 0.46) {
      for (let wx = 0.24; wx < w - 0.25; wx += 0.36)
        if (stream.chance(lit)) pen.fill(rect(left + wx, up(y), 0.17, 0.22), lamp, 0.4 + 0.4 * stream.next());
    }
    x += w;
  }
}

export const city: Backdrop = {
  name: 'city',
  plain: 0x4a4f86,
  draw(pen) {
    const stream = createStream('art', 'city');
    pen.fill(everywhere, vertical(up(16), up(0), 0x1f2350, 0x383a78, 0x5f5596, 0x9a759f));
    stars(pen, stream, 70, 9, 23, 0xd9d6ff);
    orb(pen, 11.5, 9.2, 1.0, 0xe8dcd8, 0xd9c6f0, 0.4);
    for (const [x, h, l] of [
      [4, 8, 2.4],
      [24, 9.4, 2.8],
      [17, 12.6, 2.6],
    ])
      streak(pen, x, h, l, 0.17, 0xa88fc0, 0.35);
    skyline(pen, stream, 2.4, 4.6, 0x575392, 0xb9a6cf, 0.16);
    skyline(pen, stream, 1.0, 4.0, 0x433f7a, 0xd9b48f, 0.2);
    pen.fill(everywhere, fade(up(3), up(-1), 0x6a5a9c, 0, 0.4));
    skyline(pen, stream, -0.4, 2.6, 0x2f2c60, 0xe0b47c, 0.22);
    pen.fill(ridge([-1.4, -1.0, -1.3, -1.6, -1.1, -0.9, -1.4, -1.2]), vertical(up(-0.9), up(-8), 0x262450, 0x1a193d));
  },
};
