/** Places under the earth and long left behind. */
import { createStream } from '@saccade/core';
import { darker, glow, lighter, mix, vertical } from './paint.ts';
import { blob, disc, ellipse, polygon, rect, roundRect, union } from './path.ts';
import type { Pen } from './picture.ts';
import { BACKDROP_SIZE, everywhere, repeated, ridge, streak, up, type Backdrop } from './scenery.ts';

function crystals(pen: Pen, x: number, height: number, size: number, colour: number): void {
  repeated(x, size * 2.5, (cx) => {
    const y = up(height);
    pen.fill(disc(cx, y - size * 0.5, size * 2.2), glow(cx, y - size * 0.5, size * 2.2, colour, 0.32));
    for (const [dx, lean, tall, w] of [
      [-0.4, -0.3, 0.9, 0.22],
      [0.35, 0.35, 1.0, 0.24],
      [0, 0.04, 1.5, 0.28],
    ]) {
      const left = cx + (dx - w) * size;
      const right = cx + (dx + w) * size;
      const tip = cx + (dx + lean) * size;
      const top = y - tall * size;
      const shoulder = y - tall * size * 0.72;
      const foot = y + 0.25 * size;
      pen.fill(
        polygon(
          [left, foot],
          [left + lean * size * 0.7, shoulder],
          [tip, top],
          [right + lean * size * 0.7, shoulder],
          [right, foot],
        ),
        mix(colour, 0x241a4d, 0.35),
      );
      pen.fill(
        polygon([left, foot], [left + lean * size * 0.7, shoulder], [tip, top], [cx + dx * size, foot]),
        mix(colour, 0xffffff, 0.05),
        0.75,
      );
    }
  });
}

export const cave: Backdrop = {
  name: 'cave',
  plain: 0x3a3466,
  draw(pen) {
    const stream = createStream('art', 'cave');
    pen.fill(everywhere, vertical(up(16), up(-2), 0x17153a, 0x2a2658, 0x3f3a78, 0x4a4684));
    for (const [x, h] of [
      [6, 5],
      [19, 6.5],
      [28, 4],
    ])
      repeated(x, 6, (cx) => pen.fill(disc(cx, up(h), 5.5), glow(cx, up(h), 5.5, 0x6f7fd0, 0.4)));
    const fangs = (count: number, base: number, long: number, colour: number): void => {
      pen.fill(rect(-1, -1, BACKDROP_SIZE + 2, up(base) + 1.02), colour);
      for (let i = 0; i < count; i++) {
        const w = 0.5 + stream.next() * 0.8;
        const drop = long * (0.35 + 0.65 * stream.next());
        repeated((i * BACKDROP_SIZE) / count + stream.next(), w, (cx) =>
          pen.fill(
            polygon(
              [cx - w, up(base)],
              [cx - w * 0.25, up(base - drop * 0.55)],
              [cx, up(base - drop)],
              [cx + w * 0.3, up(base - drop * 0.5)],
              [cx + w, up(base)],
            ),
            colour,
          ),
        );
      }
    };
    fangs(17, 11.5, 4.2, 0x2c2860);
    pen.fill(
      ridge([2.6, 4.8, 3.0, 5.4, 2.4, 3.8, 5.8, 2.8, 4.2, 2.2], false),
      vertical(up(5.5), up(0), 0x37336c, 0x312d66),
    );
    fangs(12, 13.4, 4.8, 0x221f4f);
    for (const [x, h, s, c] of [
      [3.5, 2.0, 0.8, 0x58c7d8],
      [12.6, 2.0, 0.65, 0xa36fe0],
      [21.4, 2.1, 0.9, 0x58c7d8],
      [29, 1.8, 0.6, 0xa36fe0],
    ])
      crystals(pen, x, h, s, c);
    pen.fill(ridge([1.8, 2.4, 1.6, 2.2, 2.8, 1.7, 2.0, 2.6, 1.6, 2.1]), vertical(up(2.8), up(-3), 0x2b2759, 0x221f4c));
    for (const [x, h, s, c] of [
      [8, -0.2, 0.8, 0xa36fe0],
      [17, 0.0, 0.7, 0x58c7d8],
      [26, -0.2, 0.9, 0xa36fe0],
    ])
      crystals(pen, x, h, s, c);
    pen.fill(ridge([0.2, 0.7, 0.1, -0.3, 0.5, 0.8, 0.0, -0.2]), vertical(up(0.8), up(-8), 0x211d4a, 0x16133a));
  },
};

/** A giant mushroom; its foot at a height. */
function toadstool(pen: Pen, x: number, height: number, size: number, cap: number, stem: number): void {
  repeated(x, size * 1.3, (cx) => {
    const y = up(height);
    const s = size;
    pen.fill(
      polygon(
        [cx - 0.2 * s, y + 1.5],
        [cx - 0.12 * s, y - 1.3 * s],
        [cx + 0.12 * s, y - 1.3 * s],
        [cx + 0.2 * s, y + 1.5],
      ),
      stem,
    );
    const head = blob(
      [cx - 1.05 * s, y - 1.25 * s],
      [cx - 0.7 * s, y - 1.85 * s],
      [cx, y - 2.15 * s],
      [cx + 0.7 * s, y - 1.85 * s],
      [cx + 1.05 * s, y - 1.25 * s],
      [cx + 0.5 * s, y - 1.12 * s],
      [cx - 0.5 * s, y - 1.12 * s],
    );
    pen.fill(head, vertical(y - 2.1 * s, y - 1.1 * s, lighter(cap, 0.1), darker(cap, 0.16)));
    pen.inside(head, () => {
      for (const [dx, dy, r] of [
        [-0.5, -1.55, 0.16],
        [0.05, -1.82, 0.2],
        [0.55, -1.5, 0.14],
      ])
        pen.fill(disc(cx + dx * s, y + dy * s, r * s), lighter(cap, 0.3), 0.7);
      pen.fill(ellipse(cx, y - 1.13 * s, 0.8 * s, 0.1 * s), darker(cap, 0.4), 0.7);
    });
  });
}

export const fungi: Backdrop = {
  name: 'fungi',
  plain: 0x2f6577,
  draw(pen) {
    const stream = createStream('art', 'fungi');
    pen.fill(everywhere, vertical(up(15), up(-1), 0x12304e, 0x1c4a66, 0x2d6d80, 0x4a9396));
    for (let i = 0; i < 60; i++) {
      const x = stream.next() * BACKDROP_SIZE;
      const h = -1 + stream.next() * 16;
      pen.fill(disc(x, up(h), 0.16), glow(x, up(h), 0.16, 0xbff5e0, 0.5));
    }
    for (const [x, s] of [
      [2, 2.4],
      [9, 3.0],
      [15.5, 2.2],
      [22, 2.9],
      [28, 2.5],
    ])
      toadstool(pen, x, 1.6, s, 0x38798a, 0x316f80);
    pen.fill(ridge([2.0, 2.6, 1.8, 2.3, 2.8, 1.9, 2.2, 2.5]), vertical(up(2.8), up(0), 0x2c6878, 0x275f70));
    for (const [x, s, c] of [
      [5.5, 1.5, 0x4b6a94],
      [12.6, 1.2, 0x3a7f86],
      [19, 1.6, 0x4b6a94],
      [26, 1.3, 0x3a7f86],
      [31, 1.1, 0x4b6a94],
    ])
      toadstool(pen, x, 1.0, s, c, 0x2b6072);
    pen.fill(ridge([1.0, 1.5, 0.9, 1.3, 1.7, 1.1, 0.8, 1.4, 1.2, 0.9]), vertical(up(1.7), up(-3), 0x225466, 0x1b4557));
    for (const [x, s] of [
      [3, 0.8],
      [10, 0.7],
      [16.5, 0.9],
      [24, 0.75],
      [29.5, 0.65],
    ])
      toadstool(pen, x, -0.4, s, 0x4a5f92, 0x1f4c60);
    pen.fill(ridge([0, 0.5, 0.1, -0.4, 0.3, 0.6, 0.0, -0.3]), vertical(up(0.6), up(-8), 0x19404f, 0x102c3d));
  },
};

export const ruins: Backdrop = {
  name: 'ruins',
  plain: 0x66857f,
  draw(pen) {
    const stream = createStream('art', 'ruins');
    pen.fill(everywhere, vertical(up(14), up(0), 0x2f4f74, 0x4f7488, 0x8a9c8f, 0xd0ae82));
    for (const [x, h, l] of [
      [6, 8.6, 3],
      [17, 10.2, 2.6],
      [27, 7.4, 2.6],
    ])
      streak(pen, x, h, l, 0.2, 0xe0cfa8, 0.35);
    pen.fill(ridge([3.4, 4.8, 3.0, 4.2, 5.6, 3.6, 3.1, 4.6]), vertical(up(5.6), up(0), 0x84938a, 0x8f9782));
    const arch = (x: number, foot: number, s: number, colour: number): void =>
      repeated(x, 2.2 * s, (cx) => {
        const y = up(foot);
        const pillar = (px: number, tall: number): void => {
          pen.fill(rect(px - 0.26 * s, y - tall * s, 0.52 * s, tall * s + 2), colour);
          pen.fill(rect(px - 0.36 * s, y - tall * s, 0.72 * s, 0.2 * s), lighter(colour, 0.1));
          pen.fill(rect(px + 0.06 * s, y - tall * s + 0.2 * s, 0.2 * s, tall * s + 2), darker(colour, 0.14));
        };
        pillar(cx - 1.2 * s, 3.2);
        pillar(cx + 1.2 * s, 3.2);
        pen.fill(roundRect(cx - 1.7 * s, y - 3.75 * s, 3.4 * s, 0.6 * s, 0.05 * s), lighter(colour, 0.05));
        pen.fill(
          polygon(
            [cx - 1.5 * s, y - 3.75 * s],
            [cx, y - 4.5 * s],
            [cx + 1.1 * s, y - 3.95 * s],
            [cx + 1.3 * s, y - 3.75 * s],
          ),
          colour,
        );
      });
    arch(5, 1.6, 1.1, 0x74806f);
    arch(14.5, 1.6, 0.9, 0x74806f);
    arch(24.5, 1.6, 1.2, 0x74806f);
    pen.fill(ridge([2.1, 2.5, 1.8, 2.2, 2.7, 1.9, 2.0, 2.4]), vertical(up(2.7), up(0), 0x64745f, 0x586b5a));
    for (let i = 0; i < 9; i++) {
      const x = i * 3.5 + stream.next() * 2;
      const tall = 0.8 + stream.next() * 2.2;
      repeated(x, 1, (cx) => {
        pen.fill(
          polygon(
            [cx - 0.28, up(-1)],
            [cx - 0.28, up(0.8 + tall)],
            [cx + 0.05, up(0.95 + tall)],
            [cx + 0.28, up(0.6 + tall)],
            [cx + 0.28, up(-1)],
          ),
          0x54675a,
        );
        pen.fill(union(rect(cx + 0.08, up(0.7 + tall), 0.2, tall + 2)), 0x475a50);
      });
    }
    pen.fill(ridge([1.0, 1.4, 0.9, 1.2, 1.6, 1.0, 0.8, 1.3, 1.1, 0.9]), vertical(up(1.6), up(-3), 0x4a6152, 0x3c5348));
    pen.fill(ridge([0, 0.5, 0.1, -0.4, 0.3, 0.6, 0.0, -0.3]), vertical(up(0.6), up(-8), 0x3a5247, 0x263c38));
  },
};
