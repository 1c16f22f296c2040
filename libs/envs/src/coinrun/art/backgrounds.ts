/**
 * Backdrops: layered landscapes, kept softer and closer in tone than anything that matters in front of them. A
 * backdrop is 32 x 32 cells, repeats sideways, and its height 0 (the horizon's foot) lies 24 cells below its top.
 */
import { createStream } from '@saccade/core';
import { fade, glow, mix, vertical } from './paint.ts';
import { curve, disc, ellipse, polygon, rect, union, type Path, type Point } from './path.ts';
import type { Pen } from './picture.ts';

/** Cells across and up of one backdrop, and where its height 0 lies above its bottom. */
export const BACKDROP_SIZE = 32;
export const BACKDROP_FOOT = 8;
/** How much of the camera's motion a backdrop follows: it moves past at this share of the speed. */
export const PARALLAX = 0.4;

/** Picture row of a height above the foot. */
const up = (height: number): number => BACKDROP_SIZE - BACKDROP_FOOT - height;

/** A ridge through evenly spaced heights, repeating sideways, filled down to the bottom. */
function ridge(heights: readonly number[], smooth = true): Path {
  const n = heights.length;
  const step = BACKDROP_SIZE / n;
  const points: Point[] = [];
  for (let i = -2; i <= n + 2; i++) points.push([i * step, up(heights[(i + 2 * n) % n])]);
  const line = smooth ? curve(...points) : points;
  return polygon([-2 * step, BACKDROP_SIZE + 1], ...line, [BACKDROP_SIZE + 2 * step, BACKDROP_SIZE + 1]);
}

/** Draws three copies a backdrop apart, so that what crosses one border comes in at the other. */
function repeated(pen: Pen, draw: (dx: number) => void, x: number, reach: number): void {
  void pen;
  for (const dx of [-BACKDROP_SIZE, 0, BACKDROP_SIZE])
    if (x + dx + reach > 0 && x + dx - reach < BACKDROP_SIZE) draw(dx);
}

function cloud(pen: Pen, x: number, height: number, size: number, colour: number, alpha: number): void {
  repeated(
    pen,
    (dx) => {
      const cx = x + dx;
      const cy = up(height);
      const puffs = union(
        ellipse(cx, cy, 1.5 * size, 0.34 * size),
        disc(cx - 0.62 * size, cy - 0.16 * size, 0.44 * size),
        disc(cx + 0.05 * size, cy - 0.4 * size, 0.62 * size),
        disc(cx + 0.72 * size, cy - 0.2 * size, 0.46 * size),
      );
      pen.fill(puffs, fade(cy - size, cy + 0.34 * size, colour, alpha, alpha * 0.55));
    },
    x,
    2 * size,
  );
}

/** Round-headed trees standing on a ridge's height. */
function roundTree(pen: Pen, x: number, height: number, size: number, crown: number, trunk: number): void {
  repeated(
    pen,
    (dx) => {
      const y = up(height);
      pen.fill(rect(x + dx - 0.07 * size, y - 0.8 * size, 0.14 * size, size), trunk);
      pen.fill(
        union(
          disc(x + dx, y - 1.25 * size, 0.5 * size),
          disc(x + dx - 0.36 * size, y - 0.95 * size, 0.38 * size),
          disc(x + dx + 0.36 * size, y - 0.95 * size, 0.38 * size),
        ),
        crown,
      );
      pen.fill(disc(x + dx - 0.14 * size, y - 1.36 * size, 0.26 * size), mix(crown, 0xffffff, 0.12));
    },
    x,
    size,
  );
}

export interface Backdrop {
  readonly name: string;
  /** The colour of the plain backdrop that goes with it. */
  readonly plain: number;
  draw(pen: Pen): void;
}

const all = rect(-1, -1, BACKDROP_SIZE + 2, BACKDROP_SIZE + 2);

const hills: Backdrop = {
  name: 'hills',
  plain: 0x6fb6de,
  draw(pen) {
    const stream = createStream('art', 'hills');
    pen.fill(all, vertical(up(20), up(2), 0x2f7fc8, 0x4b9fdc, 0x74bde6, 0x9ad3ea));
    repeated(
      pen,
      (dx) => {
        pen.fill(disc(23 + dx, up(9.6), 4), glow(23 + dx, up(9.6), 4, 0xf2fbff, 0.55));
        pen.fill(disc(23 + dx, up(9.6), 1.15), 0xfff7df);
      },
      23,
      4,
    );
    for (const [x, h, s] of [
      [3.5, 8.2, 1.25],
      [10.5, 6.3, 0.9],
      [15.5, 9.6, 1.4],
      [28.4, 7.0, 1.05],
      [20.2, 12.4, 1.3],
      [7, 12.6, 1.2],
      [26.5, 15, 1.4],
      [13.5, 15.4, 1.1],
    ]) {
      cloud(pen, x, h, s, 0xe4f3fb, 0.62);
    }
    pen.fill(ridge([4.2, 5.4, 3.6, 4.6, 6.2, 4.4, 3.4, 5.2]), vertical(up(6.4), up(1), 0x74b4d6, 0x86c4d8));
    pen.fill(ridge([2.9, 3.7, 4.5, 3.1, 2.6, 3.4, 4.4, 3.6, 2.7, 2.5]), vertical(up(4.6), up(0), 0x5ea3bd, 0x74b8bb));
    for (let i = 0; i < 13; i++)
      roundTree(
        pen,
        i * 2.46 + stream.next() * 1.2,
        1.5 + stream.next() * 0.5,
        0.5 + stream.next() * 0.25,
        0x539a9f,
        0x4a8590,
      );
    pen.fill(
      ridge([1.7, 2.3, 1.9, 1.3, 2.0, 2.6, 1.8, 1.4, 2.1, 2.4, 1.6, 1.3]),
      vertical(up(2.6), up(-3), 0x5aa79c, 0x4a9389),
    );
    for (let i = 0; i < 9; i++)
      roundTree(
        pen,
        i * 3.56 + stream.next() * 2,
        -0.5 + stream.next() * 0.5,
        0.75 + stream.next() * 0.35,
        0x468f86,
        0x3c7a78,
      );
    pen.fill(ridge([0.1, 0.7, 0.3, -0.3, 0.4, 0.9, 0.2, -0.2]), vertical(up(1), up(-8), 0x4c9a86, 0x35746c));
  },
};

export const backdrops: readonly Backdrop[] = [hills];
