/** What backdrops are built from: ridges, clouds, trees and stars that carry on where the backdrop repeats. */
import type { RandomStream } from '@saccade/core';
import { fade, glow, mix, type Paint } from './paint.ts';
import { curve, disc, ellipse, polygon, rect, union, type Path, type Point } from './path.ts';
import type { Pen } from './picture.ts';

/** Cells across and up of one backdrop. */
export const BACKDROP_SIZE = 32;
/** Where its height 0, the horizon's foot, lies above its bottom. */
export const BACKDROP_FOOT = 8;

export interface Backdrop {
  readonly name: string;
  /** The colour that stands in for it where backgrounds are switched off. */
  readonly plain: number;
  draw(pen: Pen): void;
}

/** Picture row of a height above the foot. */
export const up = (height: number): number => BACKDROP_SIZE - BACKDROP_FOOT - height;

/** The whole canvas. */
export const everywhere = rect(-1, -1, BACKDROP_SIZE + 2, BACKDROP_SIZE + 2);

/** A ridge through evenly spaced heights, repeating sideways, filled down to the bottom. */
export function ridge(heights: readonly number[], smooth = true): Path {
  const n = heights.length;
  const step = BACKDROP_SIZE / n;
  const points: Point[] = [];
  for (let i = -2; i <= n + 2; i++) points.push([i * step, up(heights[(i + 2 * n) % n])]);
  const line = smooth ? curve(...points) : points;
  return polygon([-2 * step, BACKDROP_SIZE + 1], ...line, [BACKDROP_SIZE + 2 * step, BACKDROP_SIZE + 1]);
}

/** Height of a straight-edged ridge at x. */
export function ridgeHeight(heights: readonly number[], x: number): number {
  const n = heights.length;
  const at = (x / BACKDROP_SIZE) * n;
  const low = Math.floor(at);
  const part = at - low;
  return heights[((low % n) + n) % n] * (1 - part) + heights[(((low + 1) % n) + n) % n] * part;
}

/** Draws copies a backdrop apart, so that what crosses one border comes in at the other. */
export function repeated(x: number, reach: number, draw: (x: number) => void): void {
  for (const dx of [-BACKDROP_SIZE, 0, BACKDROP_SIZE]) {
    if (x + dx + reach > 0 && x + dx - reach < BACKDROP_SIZE) draw(x + dx);
  }
}

export function cloud(pen: Pen, x: number, height: number, size: number, colour: number, alpha: number): void {
  repeated(x, 2 * size, (cx) => {
    const cy = up(height);
    const puffs = union(
      ellipse(cx, cy, 1.5 * size, 0.34 * size),
      disc(cx - 0.62 * size, cy - 0.16 * size, 0.44 * size),
      disc(cx + 0.05 * size, cy - 0.4 * size, 0.62 * size),
      disc(cx + 0.72 * size, cy - 0.2 * size, 0.46 * size),
    );
    pen.fill(puffs, fade(cy - size, cy + 0.34 * size, colour, alpha, alpha * 0.55));
  });
}

/** A long flat streak of mist or cloud. */
export function streak(
  pen: Pen,
  x: number,
  height: number,
  length: number,
  thickness: number,
  colour: number,
  alpha: number,
): void {
  repeated(x, length, (cx) => {
    const y = up(height);
    pen.fill(
      union(
        ellipse(cx, y, length, thickness),
        ellipse(cx + length * 0.35, y - thickness * 0.8, length * 0.5, thickness * 0.8),
      ),
      colour,
      alpha,
    );
  });
}

/** A round-headed tree whose foot is at a height. */
export function roundTree(pen: Pen, x: number, height: number, size: number, crown: number, trunk: number): void {
  repeated(x, size, (cx) => {
    const y = up(height);
    pen.fill(rect(cx - 0.07 * size, y - 0.8 * size, 0.14 * size, size), trunk);
    const leaves = union(
      disc(cx, y - 1.25 * size, 0.5 * size),
      disc(cx - 0.36 * size, y - 0.95 * size, 0.38 * size),
      disc(cx + 0.36 * size, y - 0.95 * size, 0.38 * size),
    );
    pen.fill(leaves, crown);
    pen.fill(disc(cx - 0.14 * size, y - 1.36 * size, 0.26 * size), mix(crown, 0xffffff, 0.12));
  });
}

/** A conifer in three tiers. */
export function pine(pen: Pen, x: number, height: number, size: number, colour: Paint, snow?: number): void {
  repeated(x, size, (cx) => {
    const y = up(height);
    const tier = (base: number, half: number, tip: number): Path =>
      polygon([cx - half * size, y - base * size], [cx, y - tip * size], [cx + half * size, y - base * size]);
    pen.fill(
      union(
        rect(cx - 0.06 * size, y - 0.3 * size, 0.12 * size, 0.5 * size),
        tier(0.2, 0.5, 1.1),
        tier(0.7, 0.4, 1.5),
        tier(1.15, 0.3, 1.9),
      ),
      colour,
    );
    if (snow !== undefined)
      pen.fill(
        union(
          tier(1.5, 0.155, 1.9),
          polygon([cx - 0.28 * size, y - 0.92 * size], [cx, y - 1.3 * size], [cx + 0.1 * size, y - 0.92 * size]),
        ),
        snow,
        0.8,
      );
  });
}

/** Scattered points of light in a band of heights. */
export function stars(pen: Pen, stream: RandomStream, count: number, low: number, high: number, colour: number): void {
  for (let i = 0; i < count; i++) {
    const x = stream.next() * BACKDROP_SIZE;
    const y = up(low + (high - low) * stream.next());
    const size = 0.025 + 0.045 * stream.next() * stream.next();
    pen.fill(disc(x, y, size), colour, 0.35 + 0.5 * stream.next());
  }
}

/** A heavenly body with its halo. */
export function orb(
  pen: Pen,
  x: number,
  height: number,
  radius: number,
  colour: number,
  halo: number,
  alpha: number,
): void {
  repeated(x, radius * 4, (cx) => {
    pen.fill(disc(cx, up(height), radius * 4), glow(cx, up(height), radius * 4, halo, alpha));
    pen.fill(disc(cx, up(height), radius), colour);
  });
}
