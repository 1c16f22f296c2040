/** Creatures that keep low: slime, beetle, turtle, crab. */
import { OUTLINE, body, eye, eyes, feet, type Creature } from './creature.ts';
import { vertical } from './paint.ts';
import { blob, disc, ellipse, polygon, roundRect, union } from './path.ts';
import { INK } from './sprite.ts';

export const slime: Creature = {
  draw(pen, frame) {
    const squash = frame === 0 ? 0 : 0.07;
    const top = 0.3 + squash;
    const wide = squash * 0.5;
    const shape = blob(
      [0.5, top],
      [0.78 + wide, top + 0.13],
      [0.92 + wide * 0.8, 0.78],
      [0.94, 0.92],
      [0.5, 0.945],
      [0.06, 0.92],
      [0.08 - wide * 0.8, 0.78],
      [0.22 - wide, top + 0.13],
    );
    pen.outlined(shape, body(0xe0344f, 0.38, top + 0.12), INK, OUTLINE);
    pen.inside(shape, () => {
      pen.fill(ellipse(0.5, 1.0, 0.55, 0.13), INK, 0.25);
      pen.fill(ellipse(0.34, top + 0.12, 0.13, 0.055), 0xffffff, 0.5);
      pen.fill(disc(0.22, 0.72, 0.05), 0xff8d94, 0.6);
      pen.fill(disc(0.85, 0.8, 0.035), 0xff8d94, 0.6);
      pen.fill(disc(0.36, 0.85, 0.03), 0xff8d94, 0.6);
    });
    eyes(pen, 0.6, top + 0.27, 0.28, 0.105);
    pen.line(
      [
        [0.5, 0.79],
        [0.6, 0.755],
        [0.72, 0.79],
      ],
      0.04,
      INK,
    );
  },
  pixels: [
    ['.....', '.RRR.', 'RWKWK', 'RRRRR', 'RRRRR'],
    ['.....', '.....', 'RRRRR', 'RWKWK', 'RRRRR'],
  ],
  palette: { R: 0xe0344f },
};

export const beetle: Creature = {
  draw(pen, frame) {
    const bob = frame === 0 ? 0 : 0.015;
    for (const [i, x] of [0.2, 0.45, 0.7].entries()) {
      const step = (i % 2 === 0) === (frame === 0) ? 0.05 : -0.03;
      pen.line(
        [
          [x, 0.8],
          [x + step, 0.95],
        ],
        0.075,
        INK,
      );
    }
    pen.outlined(blob([0.72, 0.5], [0.9, 0.5], [0.945, 0.68], [0.9, 0.86], [0.72, 0.88]), 0x37344f, INK, OUTLINE);
    pen.line(
      [
        [0.86, 0.5 + bob],
        [0.9, 0.34 + bob],
        [0.95, 0.29 + bob],
      ],
      0.035,
      INK,
    );
    const shell = blob(
      [0.04, 0.84],
      [0.07, 0.48 + bob],
      [0.26, 0.26 + bob],
      [0.5, 0.21 + bob],
      [0.72, 0.34 + bob],
      [0.83, 0.6],
      [0.82, 0.86],
      [0.4, 0.9],
    );
    pen.outlined(shell, body(0xf0473a, 0.34, 0.34), INK, OUTLINE);
    pen.inside(shell, () => {
      pen.line(
        [
          [0.46, 0.2],
          [0.52, 0.55],
          [0.5, 0.92],
        ],
        0.03,
        INK,
        0.8,
      );
      for (const [x, y, r] of [
        [0.26, 0.48, 0.085],
        [0.22, 0.74, 0.07],
        [0.64, 0.46, 0.07],
        [0.68, 0.73, 0.075],
        [0.4, 0.68, 0.05],
      ]) {
        pen.fill(disc(x, y + bob, r), INK, 0.9);
      }
      pen.fill(ellipse(0.32, 0.3 + bob, 0.12, 0.045), 0xffffff, 0.55);
    });
    eye(pen, 0.88, 0.64, 0.08, -1);
  },
  pixels: [
    ['.....', '.RRR.', 'RkRRK', 'RRkWK', 'K.K.K'],
    ['.....', '.RRR.', 'RkRRK', 'RRkWK', '.K.K.'],
  ],
  palette: { R: 0xf0473a, k: 0x6d1430 },
};

export const turtle: Creature = {
  draw(pen, frame) {
    const bob = frame === 0 ? 0 : 0.02;
    feet(pen, frame, 0xc9a83c, 0.22, 0.62, 0.2);
    pen.outlined(
      blob([0.72, 0.44 + bob], [0.86, 0.36 + bob], [0.955, 0.48 + bob], [0.94, 0.66 + bob], [0.8, 0.74], [0.66, 0.72]),
      body(0xe3c552, 0.84, 0.44),
      INK,
      OUTLINE,
    );
    const shell = blob(
      [0.03, 0.82],
      [0.06, 0.5 + bob],
      [0.24, 0.26 + bob],
      [0.46, 0.22 + bob],
      [0.68, 0.36 + bob],
      [0.8, 0.62 + bob],
      [0.8, 0.83],
      [0.4, 0.87],
    );
    pen.outlined(shell, body(0x2f9d57, 0.3, 0.34), INK, OUTLINE);
    pen.inside(shell, () => {
      for (const [x, y, s] of [
        [0.42, 0.46, 0.15],
        [0.16, 0.6, 0.12],
        [0.68, 0.62, 0.11],
        [0.42, 0.78, 0.1],
      ]) {
        const plate = polygon(
          [x - s, y],
          [x - s * 0.5, y - s * 0.85],
          [x + s * 0.5, y - s * 0.85],
          [x + s, y],
          [x + s * 0.5, y + s * 0.85],
          [x - s * 0.5, y + s * 0.85],
        );
        pen.outlined(plate, 0x5cc979, 0x1f6b45, 0.022);
      }
      pen.fill(roundRect(0, 0.79, 0.85, 0.1, 0.02), 0xf0e0a0);
      pen.fill(ellipse(0.26, 0.34 + bob, 0.1, 0.04), 0xffffff, 0.45);
    });
    eye(pen, 0.87, 0.5 + bob, 0.07, -1);
  },
  pixels: [
    ['.....', '.GGG.', 'GgGgY', 'GGGYK', 'Y..Y.'],
    ['.....', '.GGG.', 'GgGgY', 'GGGYK', '.YY..'],
  ],
  palette: { G: 0x2f9d57, g: 0x74da8c, Y: 0xe3c552 },
};

export const crab: Creature = {
  draw(pen, frame) {
    const shift = frame === 0 ? 0.03 : -0.03;
    for (const x of [0.2, 0.34, 0.66, 0.8]) {
      const lean = x < 0.5 ? -0.06 : 0.06;
      pen.line(
        [
          [x, 0.78],
          [x + lean + (x === 0.2 || x === 0.66 ? shift : -shift), 0.95],
        ],
        0.07,
        INK,
      );
    }
    for (const s of [-1, 1] as const) {
      const lift = (frame === 0) === (s === 1) ? 0 : 0.06;
      const x = (d: number): number => 0.5 + s * d;
      pen.line(
        [
          [x(0.3), 0.64],
          [x(0.4), 0.5 + lift],
        ],
        0.12,
        INK,
      );
      const claw = union(
        blob(
          [x(0.26), 0.3 + lift],
          [x(0.3), 0.12 + lift],
          [x(0.38), 0.2 + lift],
          [x(0.4), 0.34 + lift],
          [x(0.36), 0.46 + lift],
        ),
        blob(
          [x(0.34), 0.46 + lift],
          [x(0.4), 0.3 + lift],
          [x(0.46), 0.14 + lift],
          [x(0.46), 0.3 + lift],
          [x(0.46), 0.46 + lift],
          [x(0.4), 0.5 + lift],
        ),
      );
      pen.outlined(claw, vertical(0.1, 0.55, 0xff9a5c, 0xd9442b), INK, OUTLINE * 0.9);
    }
    for (const x of [0.42, 0.64]) {
      pen.line(
        [
          [x, 0.56],
          [x, 0.4],
        ],
        0.07,
        INK,
      );
    }
    const shape = blob(
      [0.5, 0.48],
      [0.78, 0.53],
      [0.88, 0.7],
      [0.76, 0.86],
      [0.5, 0.9],
      [0.24, 0.86],
      [0.12, 0.7],
      [0.22, 0.53],
    );
    pen.outlined(shape, body(0xef5a35, 0.4, 0.56), INK, OUTLINE);
    pen.inside(shape, () => {
      pen.fill(ellipse(0.5, 0.92, 0.36, 0.13), 0xffd9a8, 0.6);
      pen.fill(ellipse(0.36, 0.58, 0.12, 0.04), 0xffffff, 0.45);
    });
    eye(pen, 0.42, 0.38, 0.085, 1);
    eye(pen, 0.64, 0.38, 0.085, -1);
    pen.line(
      [
        [0.44, 0.75],
        [0.53, 0.71],
        [0.62, 0.75],
      ],
      0.04,
      INK,
    );
  },
  pixels: [
    ['O...O', 'oW.Wo', '.OOO.', 'OOoOO', 'o.o.o'],
    ['.O.O.', 'oW.Wo', '.OOO.', 'OOoOO', '.o.o.'],
  ],
  palette: { O: 0xef5a35, o: 0xa92a26 },
};
