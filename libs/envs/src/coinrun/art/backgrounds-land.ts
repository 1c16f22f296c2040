/** Open landscapes by daylight and dusk. */
import { createStream } from '@saccade/core';
import { darker, fade, lighter, mix, vertical } from './paint.ts';
import { disc, ellipse, polygon, rect, roundRect, union, type Path } from './path.ts';
import type { Pen } from './picture.ts';
import {
  BACKDROP_SIZE,
  cloud,
  everywhere,
  orb,
  pine,
  repeated,
  ridge,
  ridgeHeight,
  roundTree,
  streak,
  up,
  type Backdrop,
} from './scenery.ts';

/** Sharp peaks with a lit and a shaded side and, where `cap` is given, snow on top. */
function peaks(pen: Pen, heights: readonly number[], light: number, dark: number, cap?: number): void {
  const n = heights.length;
  const step = BACKDROP_SIZE / n;
  pen.fill(ridge(heights, false), light);
  for (let i = 0; i < n; i++) {
    const [before, here, after] = [heights[(i + n - 1) % n], heights[i], heights[(i + 1) % n]];
    if (here <= before || here <= after) continue;
    repeated(i * step, 2 * step, (x) => {
      pen.fill(
        polygon(
          [x, up(here)],
          [x + step, up(after)],
          [x + step * 0.2, up(after - 1.5)],
          [x - step * 0.12, up(here - (here - after) * 0.55)],
        ),
        dark,
      );
      if (cap === undefined) return;
      const left = (here - before) / step;
      const right = (here - after) / step;
      const d = Math.min(0.55, 0.36 * step);
      const snow = polygon(
        [x, up(here)],
        [x + d, up(here - right * d)],
        [x + d * 0.5, up(here - right * d * 0.75)],
        [x + d * 0.1, up(here - d * 1.35)],
        [x - d * 0.35, up(here - left * d * 0.7)],
        [x - d, up(here - left * d)],
      );
      pen.fill(snow, cap);
    });
  }
}

const dusk: Backdrop = {
  name: 'dusk',
  plain: 0x8b5a9a,
  draw(pen) {
    const stream = createStream('art', 'dusk');
    pen.fill(everywhere, vertical(up(16), up(1), 0x2c2a6b, 0x5a3f8f, 0x96528f, 0xc96f80, 0xdf9a7c));
    orb(pen, 9, 4.6, 1.5, 0xf7c48d, 0xffc79a, 0.55);
    for (const [x, h, l] of [
      [5, 8.2, 3.4],
      [18, 7, 2.8],
      [27, 9.6, 3.6],
      [12, 11, 3],
      [22, 12.8, 3.2],
    ])
      streak(pen, x, h, l, 0.2, 0xe79aa0, 0.4);
    peaks(pen, [3.4, 5.6, 3.2, 6.8, 4.2, 5.4, 2.9, 7.2, 3.6, 5.0], 0x8a5590, 0x75478a);
    peaks(pen, [2.0, 3.6, 2.4, 2.8, 4.2, 2.2, 3.4, 1.9, 3.9, 2.3, 3.1, 2.0], 0x6a4484, 0x593a78);
    const near = [1.0, 1.8, 1.2, 0.8, 1.5, 2.0, 1.1, 0.9, 1.7, 1.3];
    for (let i = 0; i < 26; i++) {
      const x = i * 1.23 + stream.next() * 0.9;
      pine(pen, x, ridgeHeight(near, x) - 0.35, 0.5 + stream.next() * 0.4, 0x473268);
    }
    pen.fill(ridge(near), vertical(up(2), up(-4), 0x473268, 0x33265a));
    pen.fill(ridge([-0.4, 0.2, -0.2, 0.5, 0.0, -0.5, 0.3, -0.1]), vertical(up(0.5), up(-8), 0x38295c, 0x281f4a));
  },
};

function cactus(pen: Pen, x: number, height: number, size: number, colour: number): void {
  repeated(x, size, (cx) => {
    const y = up(height);
    const s = size;
    const shape: Path = union(
      roundRect(cx - 0.11 * s, y - 1.3 * s, 0.22 * s, 1.5 * s, 0.11 * s),
      roundRect(cx - 0.42 * s, y - 0.72 * s, 0.36 * s, 0.16 * s, 0.08 * s),
      roundRect(cx - 0.42 * s, y - 1.02 * s, 0.16 * s, 0.46 * s, 0.08 * s),
      roundRect(cx + 0.06 * s, y - 0.56 * s, 0.34 * s, 0.16 * s, 0.08 * s),
      roundRect(cx + 0.26 * s, y - 0.84 * s, 0.16 * s, 0.44 * s, 0.08 * s),
    );
    pen.fill(shape, colour);
  });
}

function mesa(pen: Pen, x: number, height: number, width: number, tall: number, colour: number): void {
  repeated(x, width * 1.6, (cx) => {
    const y = up(height);
    const shape = polygon(
      [cx - width * 1.5, y + 1],
      [cx - width * 1.05, y - tall * 0.35],
      [cx - width, y - tall],
      [cx + width * 0.85, y - tall],
      [cx + width, y - tall * 0.4],
      [cx + width * 1.5, y + 1],
    );
    pen.fill(shape, colour);
    pen.inside(shape, () => {
      pen.fill(rect(cx + width * 0.35, y - tall - 1, width * 2, tall + 3), darker(colour, 0.16));
      for (const band of [0.24, 0.5, 0.78])
        pen.fill(rect(cx - width * 2, y - tall * band - 0.08, width * 4, 0.16), darker(colour, 0.22), 0.5);
      pen.fill(rect(cx - width * 2, y - tall, width * 4, 0.14), lighter(colour, 0.2), 0.7);
    });
  });
}

const desert: Backdrop = {
  name: 'desert',
  plain: 0x5fa3b8,
  draw(pen) {
    const stream = createStream('art', 'desert');
    pen.fill(everywhere, vertical(up(16), up(1.5), 0x2f7f9f, 0x4a9bb0, 0x7db5b4, 0xc4bf9c));
    orb(pen, 26, 8.6, 1.2, 0xf4e6bd, 0xfff0c8, 0.5);
    for (const [x, h, l] of [
      [6, 9.5, 2.6],
      [16, 7.6, 2],
      [29, 12, 2.6],
      [12, 13.5, 2.4],
    ])
      streak(pen, x, h, l, 0.16, 0xcfe3dc, 0.4);
    mesa(pen, 5, 1.5, 1.7, 3.4, 0xb0836b);
    mesa(pen, 9.4, 1.5, 0.8, 2.4, 0xb0836b);
    mesa(pen, 19.5, 1.5, 2.3, 3.9, 0xb0836b);
    mesa(pen, 28.5, 1.5, 1.2, 2.9, 0xb0836b);
    pen.fill(ridge([2.2, 1.7, 2.4, 1.5, 2.1, 2.7, 1.8, 1.6]), vertical(up(2.7), up(0), 0xb88b62, 0xa87c58));
    for (let i = 0; i < 7; i++)
      cactus(pen, i * 4.5 + stream.next() * 2.5, 1 + stream.next() * 0.5, 0.6 + stream.next() * 0.4, 0x6f7f5f);
    pen.fill(ridge([1.0, 1.5, 0.9, 0.6, 1.3, 1.6, 0.8, 0.5, 1.2, 0.9]), vertical(up(1.6), up(-3), 0xa37750, 0x8a6245));
    for (let i = 0; i < 5; i++)
      cactus(pen, i * 6.3 + stream.next() * 3, -0.6 + stream.next() * 0.4, 0.9 + stream.next() * 0.4, 0x5b6e52);
    pen.fill(ridge([0, 0.5, -0.1, -0.5, 0.3, 0.1, -0.4, -0.2]), vertical(up(0.5), up(-8), 0x8b6144, 0x65452f));
  },
};

const forest: Backdrop = {
  name: 'forest',
  plain: 0x4d8a74,
  draw(pen) {
    const stream = createStream('art', 'forest');
    pen.fill(everywhere, vertical(up(16), up(0), 0x2c6b68, 0x4b8f7c, 0x78b08a, 0x9cc39a));
    repeated(13, 9, (x) => {
      for (const [dx, lean, w] of [
        [-3, -3.4, 0.7],
        [0, -3, 1.1],
        [3.4, -2.6, 0.8],
      ]) {
        pen.fill(
          polygon(
            [x + dx, up(20)],
            [x + dx + w, up(20)],
            [x + dx + lean + w * 1.8, up(0)],
            [x + dx + lean - w * 0.6, up(0)],
          ),
          fade(up(18), up(1), 0xf4ffd2, 0.3, 0),
        );
      }
    });
    const layer = (count: number, foot: number, width: number, colour: number, crown: number): void => {
      for (let i = 0; i < count; i++) {
        const x = (i * BACKDROP_SIZE) / count + stream.next() * (20 / count);
        const top = crown + stream.next() * 2.5;
        const w = width * (0.7 + 0.6 * stream.next());
        repeated(x, 3, (cx) => {
          pen.fill(
            polygon(
              [cx - w * 1.5, up(foot - 2)],
              [cx - w * 0.55, up(foot + 1)],
              [cx - w * 0.4, up(top)],
              [cx + w * 0.4, up(top)],
              [cx + w * 0.55, up(foot + 1)],
              [cx + w * 1.5, up(foot - 2)],
            ),
            colour,
          );
          pen.fill(
            union(
              disc(cx, up(top + 0.4), 1.5),
              disc(cx - 1.2, up(top - 0.2), 1.05),
              disc(cx + 1.25, up(top - 0.1), 1.1),
              disc(cx + 0.3, up(top + 1.3), 1.1),
            ),
            colour,
          );
        });
      }
    };
    layer(11, 1.5, 0.16, 0x6aa688, 5.4);
    pen.fill(ridge([2.0, 2.6, 1.8, 2.3, 2.9, 1.9, 2.2, 2.6]), vertical(up(2.9), up(0), 0x5f9c80, 0x528d76));
    layer(8, 0.8, 0.24, 0x4f8c74, 6.0);
    for (let i = 0; i < 12; i++)
      roundTree(
        pen,
        i * 2.7 + stream.next() * 1.5,
        0.7 + stream.next() * 0.4,
        0.55 + stream.next() * 0.3,
        0x47816c,
        0x3f7365,
      );
    pen.fill(ridge([1.1, 1.5, 0.9, 1.3, 1.7, 1.0, 0.8, 1.4, 1.2, 0.9]), vertical(up(1.6), up(-3), 0x417a66, 0x36695a));
    layer(5, -0.6, 0.34, 0x37695a, 7.2);
    pen.fill(ridge([-0.1, 0.4, 0.0, -0.4, 0.3, 0.6, -0.2, -0.3]), vertical(up(0.5), up(-8), 0x32614f, 0x24483e));
  },
};

const snow: Backdrop = {
  name: 'snow',
  plain: 0x6f93b8,
  draw(pen) {
    const stream = createStream('art', 'snow');
    pen.fill(everywhere, vertical(up(16), up(2), 0x3a5f92, 0x5781ae, 0x7fa5c6, 0xa6c4d8));
    for (const [x, h, s] of [
      [4, 9, 1.3],
      [12, 11.5, 1.1],
      [21, 8.8, 1.2],
      [28.5, 12, 1.3],
      [16.5, 14.6, 1.2],
    ])
      cloud(pen, x, h, s, 0xc4d6e6, 0.5);
    peaks(pen, [3.2, 7.2, 3.6, 5.4, 8.0, 3.8, 6.2, 3.0, 7.4, 4.2], 0x7396bb, 0x6184ac, 0xc3d6e6);
    peaks(pen, [2.2, 3.6, 5.0, 2.6, 4.4, 2.4, 3.8, 5.4, 2.8, 4.0, 2.3, 3.4], 0x6083a8, 0x50739a, 0xaec5da);
    const near = [1.4, 2.0, 1.5, 1.1, 1.8, 2.2, 1.4, 1.2, 1.9, 1.6];
    for (let i = 0; i < 24; i++) {
      const x = i * 1.33 + stream.next() * 0.9;
      pine(pen, x, ridgeHeight(near, x) - 0.35, 0.55 + stream.next() * 0.4, 0x46688c, 0x9db7cf);
    }
    pen.fill(ridge(near), vertical(up(2.2), up(-2), 0x8aa9c6, 0x6f91b4));
    for (let i = 0; i < 9; i++)
      pine(pen, i * 3.6 + stream.next() * 2, -0.7 + stream.next() * 0.4, 1.0 + stream.next() * 0.5, 0x3c5c80, 0x92adc8);
    pen.fill(ridge([0.1, 0.6, 0.2, -0.3, 0.4, 0.7, 0.1, -0.2]), vertical(up(0.7), up(-8), 0x7495b6, 0x4c6d92));
  },
};

const sea: Backdrop = {
  name: 'sea',
  plain: 0x4c9fb5,
  draw(pen) {
    pen.fill(everywhere, vertical(up(17), up(3), 0x2b6fb0, 0x4a96c6, 0x7fbcd2, 0xb9d8cf));
    orb(pen, 7, 8.8, 1.1, 0xf6ead0, 0xfff4da, 0.5);
    for (const [x, h, s] of [
      [14, 8.4, 1.1],
      [22.5, 10.6, 1.4],
      [29.5, 7.4, 0.9],
      [3.6, 12.6, 1.2],
      [17, 14, 1.2],
    ])
      cloud(pen, x, h, s, 0xd9ebf0, 0.55);
    const island = (x: number, width: number, tall: number, colour: number): void =>
      repeated(x, width * 1.4, (cx) => {
        pen.fill(ellipse(cx, up(2.9), width, tall), colour);
        pen.fill(ellipse(cx + width * 0.45, up(2.9), width * 0.6, tall * 0.62), mix(colour, 0x2b4d66, 0.2));
      });
    island(11, 2.6, 1.9, 0x6fa7b0);
    island(25, 3.4, 2.5, 0x679fab);
    island(1.5, 1.7, 1.1, 0x76aeb5);
    pen.fill(rect(-1, up(3), BACKDROP_SIZE + 2, 13), vertical(up(3), up(-8), 0x5fb0bf, 0x3f8fae, 0x2a6c96, 0x1f5482));
    const sail = (x: number, h: number, s: number): void =>
      repeated(x, s * 2, (cx) => {
        const y = up(h);
        pen.fill(
          polygon([cx - 0.5 * s, y], [cx + 0.6 * s, y], [cx + 0.4 * s, y + 0.22 * s], [cx - 0.36 * s, y + 0.22 * s]),
          0x8a5f57,
        );
        pen.fill(
          polygon([cx + 0.02 * s, y - 1.2 * s], [cx + 0.02 * s, y - 0.08 * s], [cx - 0.46 * s, y - 0.08 * s]),
          0xd9e3e4,
        );
        pen.fill(
          polygon([cx + 0.08 * s, y - 1.05 * s], [cx + 0.08 * s, y - 0.08 * s], [cx + 0.5 * s, y - 0.08 * s]),
          0xc5d3d8,
        );
      });
    sail(17.5, 2.4, 0.9);
    sail(5, 1.5, 1.1);
    const stream = createStream('art', 'sea');
    for (let i = 0; i < 70; i++) {
      const depth = stream.next();
      const h = 2.8 - depth * 6;
      repeated(stream.next() * BACKDROP_SIZE, 1.4, (cx) =>
        pen.fill(ellipse(cx, up(h), 0.3 + depth * 0.8, 0.03 + depth * 0.03), 0xbfe6e2, 0.16 + 0.16 * (1 - depth)),
      );
    }
  },
};

export const landBackdrops: readonly Backdrop[] = [dusk, desert, forest, snow, sea];
