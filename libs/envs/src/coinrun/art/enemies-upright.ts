/** Creatures that stand or float: the default spiky one, bat, toadstool, robot, ghost. */
import { OUTLINE, body, eyes, feet, type Creature } from './creature.ts';
import { glow, radial, vertical } from './paint.ts';
import { blob, curve, disc, ellipse, polygon, roundRect, union, type Path, type Point } from './path.ts';
import { INK } from './sprite.ts';

/** Purple spiky thing: the default enemy. */
export const spiky: Creature = {
  draw(pen, frame) {
    const colour = 0x7d3cf0;
    const bob = frame === 0 ? 0 : 0.02;
    feet(pen, frame, 0x3b1a7a, 0.32, 0.7);
    const spikes = union(
      polygon([0.12, 0.55 + bob], [0.045, 0.34 + bob], [0.3, 0.32 + bob]),
      polygon([0.16, 0.36 + bob], [0.19, 0.1 + bob], [0.46, 0.26 + bob]),
      polygon([0.35, 0.28 + bob], [0.5, 0.045 + bob], [0.65, 0.28 + bob]),
      polygon([0.54, 0.26 + bob], [0.81, 0.1 + bob], [0.84, 0.36 + bob]),
      polygon([0.7, 0.32 + bob], [0.955, 0.34 + bob], [0.88, 0.55 + bob]),
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

/** A bat that flies low. */
export const bat: Creature = {
  draw(pen, frame) {
    const flap = frame === 0 ? 0 : 0.3;
    const wing = (s: 1 | -1): Path => {
      const x = (d: number): number => 0.5 + s * d;
      return polygon(
        [x(0.1), 0.42],
        [x(0.3), 0.24 + flap],
        [x(0.455), 0.14 + flap * 1.5],
        [x(0.45), 0.42 + flap * 0.9],
        [x(0.38), 0.5 + flap * 0.5],
        [x(0.36), 0.62 + flap * 0.3],
        [x(0.26), 0.58],
        [x(0.2), 0.7],
        [x(0.1), 0.68],
      );
    };
    pen.outlined(union(wing(1), wing(-1)), vertical(0.1, 0.8, 0x5a5fd6, 0x343a9e), INK, OUTLINE);
    const ears = union(
      polygon([0.3, 0.38], [0.29, 0.1], [0.48, 0.28]),
      polygon([0.7, 0.38], [0.71, 0.1], [0.52, 0.28]),
    );
    pen.outlined(ears, 0x4a4fc4, INK, OUTLINE);
    const shape = blob(
      [0.5, 0.24],
      [0.72, 0.34],
      [0.75, 0.58],
      [0.64, 0.8],
      [0.5, 0.88],
      [0.36, 0.8],
      [0.25, 0.58],
      [0.28, 0.34],
    );
    pen.outlined(shape, body(0x4a4fc4), INK, OUTLINE);
    pen.inside(shape, () => pen.fill(ellipse(0.52, 0.82, 0.16, 0.18), 0x8f94f0, 0.7));
    eyes(pen, 0.54, 0.47, 0.24, 0.105);
    pen.fill(polygon([0.46, 0.655], [0.52, 0.655], [0.49, 0.73]), 0xffffff);
    pen.fill(polygon([0.58, 0.655], [0.64, 0.655], [0.61, 0.73]), 0xffffff);
  },
  pixels: [
    ['N...N', 'NN.NN', 'NWNWN', '.nNn.', '..n..'],
    ['.....', '.N.N.', '.WNW.', 'NNnNN', 'N...N'],
  ],
  palette: { N: 0x5359dc, n: 0x383ea6 },
};

/** A toadstool with a temper. */
export const fungus: Creature = {
  draw(pen, frame) {
    const bob = frame === 0 ? 0 : 0.025;
    feet(pen, frame, 0x8a5a3a, 0.34, 0.66, 0.22);
    const stem = blob([0.28, 0.5], [0.72, 0.5], [0.78, 0.72], [0.7, 0.9], [0.3, 0.9], [0.22, 0.72]);
    pen.outlined(stem, vertical(0.5, 0.95, 0xfff0d2, 0xe0bd92), INK, OUTLINE);
    const cap = blob(
      [0.05, 0.52 + bob],
      [0.12, 0.24 + bob],
      [0.36, 0.07 + bob],
      [0.64, 0.07 + bob],
      [0.88, 0.24 + bob],
      [0.95, 0.52 + bob],
      [0.75, 0.6 + bob],
      [0.25, 0.6 + bob],
    );
    pen.outlined(cap, body(0xd8368f, 0.36, 0.2), INK, OUTLINE);
    pen.inside(cap, () => {
      for (const [x, y, rx, ry] of [
        [0.5, 0.22, 0.12, 0.1],
        [0.18, 0.38, 0.08, 0.09],
        [0.83, 0.37, 0.075, 0.09],
        [0.38, 0.47, 0.055, 0.04],
        [0.66, 0.46, 0.055, 0.04],
      ]) {
        pen.fill(ellipse(x, y + bob, rx, ry), 0xffe9f4);
      }
      pen.fill(ellipse(0.5, 0.61 + bob, 0.46, 0.07), INK, 0.25);
    });
    eyes(pen, 0.55, 0.7 + bob * 0.5, 0.24, 0.085);
  },
  pixels: [
    ['.MmM.', 'MMMMM', 'MmMmM', '.WKWK', '.S.S.'],
    ['.....', '.MmM.', 'MMMMM', '.WKWK', 'S...S'],
  ],
  palette: { M: 0xc92a86, m: 0xffdcef, S: 0xd9b48a },
};

export const robot: Creature = {
  draw(pen, frame) {
    const bob = frame === 0 ? 0 : 0.02;
    // Tracks.
    pen.outlined(roundRect(0.08, 0.76, 0.84, 0.19, 0.095), 0x3a3850, INK, OUTLINE * 0.8);
    for (let i = 0; i < 4; i++) {
      const x = 0.2 + i * 0.2 + (frame === 0 ? 0 : 0.04);
      pen.fill(disc(x, 0.855, 0.055), 0x77758f);
      pen.fill(disc(x, 0.855, 0.02), INK);
    }
    pen.line(
      [
        [0.34, 0.3 + bob],
        [0.3, 0.1 + bob],
      ],
      0.05,
      INK,
    );
    pen.outlined(disc(0.3, 0.1 + bob, 0.06), frame === 0 ? 0xff4d4d : 0xffd24d, INK, 0.03);
    const hull = roundRect(0.12, 0.25 + bob, 0.76, 0.53 - bob, [0.16, 0.16, 0.06, 0.06]);
    pen.outlined(hull, vertical(0.25, 0.8, 0xb4c3d6, 0x7f92ad, 0x55647f), INK, OUTLINE);
    pen.inside(hull, () => {
      pen.fill(roundRect(0.16, 0.28 + bob, 0.5, 0.06, 0.03), 0xffffff, 0.55);
      pen.fill(roundRect(0.12, 0.68, 0.76, 0.035, 0.01), INK, 0.35);
      for (const x of [0.2, 0.8]) pen.fill(disc(x, 0.735, 0.025), INK, 0.6);
    });
    const visor = roundRect(0.3, 0.4 + bob, 0.56, 0.2, 0.1);
    pen.outlined(visor, 0x2b1430, INK, 0.03);
    for (const x of [0.5, 0.72]) {
      pen.fill(disc(x, 0.5 + bob, 0.1), glow(x, 0.5 + bob, 0.1, 0xff3d5a, 0.9));
      pen.fill(ellipse(x, 0.5 + bob, 0.05, 0.06), 0xff5d6e);
      pen.fill(disc(x + 0.012, 0.485 + bob, 0.02), 0xffffff);
    }
  },
  pixels: [
    ['.r...', 'AAAAA', 'aKrKr', 'aaaaa', 'KgKgK'],
    ['.y...', 'AAAAA', 'aKrKr', 'aaaaa', 'gKgKg'],
  ],
  palette: { A: 0xb4c3d6, a: 0x7486a3, r: 0xff3d5a, y: 0xffd24d, g: 0x77758f },
};

export const ghost: Creature = {
  draw(pen, frame) {
    const sway = frame === 0 ? 0 : 0.06;
    const hem: Point[] = [];
    for (let i = 0; i <= 6; i++) hem.push([0.86 - i * 0.12, (i % 2 === 0) === (frame === 0) ? 0.93 : 0.82]);
    const shape = polygon(
      ...curve([0.14, 0.86], [0.12, 0.5], [0.2, 0.22], [0.5, 0.07], [0.8, 0.22], [0.88, 0.5], [0.86, 0.86]),
      ...curve(...hem),
    );
    pen.fill(disc(0.5, 0.5, 0.5), glow(0.5, 0.5, 0.5, 0x9ad0ff, 0.35));
    pen.outlined(shape, radial(0.4, 0.3, 0.75, 0xc4ccff, 0x8d94ee, 0x5c55c9), INK, OUTLINE);
    pen.inside(shape, () => {
      pen.fill(ellipse(0.34, 0.22, 0.12, 0.07), 0xffffff, 0.6);
      pen.fill(ellipse(0.5, 0.98, 0.5, 0.18), 0x2b2a78, 0.3);
    });
    for (const x of [0.16, 0.86])
      pen.outlined(ellipse(x, 0.6 + (x < 0.5 ? sway : -sway), 0.09, 0.07), 0x9aa0f2, INK, 0.03);
    for (const x of [0.44, 0.7]) {
      pen.fill(ellipse(x, 0.42, 0.085, 0.115), INK);
      pen.fill(disc(x + 0.025, 0.39, 0.032), 0xffffff);
    }
    pen.line(
      [
        [0.34, 0.27],
        [0.5, 0.32],
      ],
      0.045,
      INK,
    );
    pen.line(
      [
        [0.8, 0.27],
        [0.64, 0.32],
      ],
      0.045,
      INK,
    );
    pen.fill(ellipse(0.58, 0.64, 0.09, 0.07), INK);
    pen.fill(ellipse(0.58, 0.67, 0.05, 0.03), 0xe0507a);
  },
  pixels: [
    ['.VVV.', 'VKVKV', 'VKVKV', 'VVVVV', 'V.V.V'],
    ['.VVV.', 'VKVKV', 'VKVKV', 'VVVVV', '.V.V.'],
  ],
  palette: { V: 0x9aa2f6 },
};
