/**
 * Backdrops: layered landscapes, kept softer, darker and closer in tone than anything that matters in front of them.
 * A backdrop is 32 x 32 cells and repeats sideways. Number 0 is the easy mode's: its pixels are fixed, since policies
 * are trained on them.
 */
import { createStream } from '@saccade/core';
import { cave, fungi, ruins } from './backgrounds-below.ts';
import { landBackdrops } from './backgrounds-land.ts';
import { city, night } from './backgrounds-night.ts';
import { glow, vertical } from './paint.ts';
import { disc } from './path.ts';
import { cloud, everywhere, repeated, ridge, roundTree, up, type Backdrop } from './scenery.ts';

/** How much of the camera's motion a backdrop follows: it moves past at this share of the speed. */
export const PARALLAX = 0.4;

const hills: Backdrop = {
  name: 'hills',
  plain: 0x6fb6de,
  draw(pen) {
    const stream = createStream('art', 'hills');
    pen.fill(everywhere, vertical(up(20), up(2), 0x2f7fc8, 0x4b9fdc, 0x74bde6, 0x9ad3ea));
    repeated(23, 4, (x) => {
      pen.fill(disc(x, up(9.6), 4), glow(x, up(9.6), 4, 0xf2fbff, 0.55));
      pen.fill(disc(x, up(9.6), 1.15), 0xfff7df);
    });
    const clouds = [
      [3.5, 8.2, 1.25],
      [10.5, 6.3, 0.9],
      [15.5, 9.6, 1.4],
      [28.4, 7.0, 1.05],
      [20.2, 12.4, 1.3],
      [7, 12.6, 1.2],
      [26.5, 15, 1.4],
      [13.5, 15.4, 1.1],
    ];
    for (const [x, height, size] of clouds) cloud(pen, x, height, size, 0xe4f3fb, 0.62);
    pen.fill(ridge([4.2, 5.4, 3.6, 4.6, 6.2, 4.4, 3.4, 5.2]), vertical(up(6.4), up(1), 0x74b4d6, 0x86c4d8));
    pen.fill(ridge([2.9, 3.7, 4.5, 3.1, 2.6, 3.4, 4.4, 3.6, 2.7, 2.5]), vertical(up(4.6), up(0), 0x5ea3bd, 0x74b8bb));
    for (let i = 0; i < 13; i++) {
      roundTree(
        pen,
        i * 2.46 + stream.next() * 1.2,
        1.5 + stream.next() * 0.5,
        0.5 + stream.next() * 0.25,
        0x539a9f,
        0x4a8590,
      );
    }
    pen.fill(
      ridge([1.7, 2.3, 1.9, 1.3, 2.0, 2.6, 1.8, 1.4, 2.1, 2.4, 1.6, 1.3]),
      vertical(up(2.6), up(-3), 0x5aa79c, 0x4a9389),
    );
    for (let i = 0; i < 9; i++) {
      roundTree(
        pen,
        i * 3.56 + stream.next() * 2,
        -0.5 + stream.next() * 0.5,
        0.75 + stream.next() * 0.35,
        0x468f86,
        0x3c7a78,
      );
    }
    pen.fill(ridge([0.1, 0.7, 0.3, -0.3, 0.4, 0.9, 0.2, -0.2]), vertical(up(1), up(-8), 0x4c9a86, 0x35746c));
  },
};

export const backdrops: readonly Backdrop[] = [hills, ...landBackdrops, cave, night, city, fungi, ruins];
