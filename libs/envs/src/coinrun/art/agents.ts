/**
 * The player's figure, facing right: a small hooded adventurer with a pale face, whose colours occur nowhere else in
 * the world, so that it stands out before every backdrop. Frames: 0 standing, 1 and 2 walking, 3 in the air.
 */
import { darker, lighter, linear, radial } from './paint.ts';
import { blob, disc, ellipse, polygon, roundRect, type Path } from './path.ts';
import type { Pen } from './picture.ts';
import { INK, type Look, type Pixels } from './sprite.ts';

/** Box of the figure in cells: twice its half-sizes. */
export const AGENT_WIDTH = 1;
export const AGENT_HEIGHT = 1.1574;

export const AgentFrame = { stand: 0, walkA: 1, walkB: 2, air: 3 } as const;
export const AGENT_FRAMES = 4;

interface Figure {
  readonly hood: number;
  readonly body: number;
  readonly boots: number;
  readonly accent: number;
  /** What grows from the hood: it gives each figure its silhouette. */
  ears(pen: Pen, lift: number, figure: Figure): void;
  /** Top row of the hand-set pixels. */
  readonly crown: string;
}

const SKIN = 0xffe9cf;
const OUTLINE = 0.04;

function face(pen: Pen, lift: number, figure: Figure): void {
  const y = lift;
  pen.fill(ellipse(0.6, 0.505 + y, 0.3, 0.235), darker(figure.hood, 0.45));
  pen.fill(ellipse(0.605, 0.51 + y, 0.27, 0.21), linear(0.5, 0.3 + y, 0.62, 0.75 + y, 0xfff4e2, SKIN, 0xf6cfa8));
  for (const x of [0.53, 0.74]) {
    pen.fill(ellipse(x, 0.5 + y, 0.045, 0.08), INK);
    pen.fill(disc(x + 0.014, 0.468 + y, 0.02), 0xffffff);
  }
  pen.fill(ellipse(0.45, 0.6 + y, 0.05, 0.03), 0xff8d8d, 0.55);
  pen.fill(ellipse(0.8, 0.6 + y, 0.045, 0.03), 0xff8d8d, 0.55);
  pen.line(
    [
      [0.61, 0.62 + y],
      [0.64, 0.635 + y],
      [0.67, 0.62 + y],
    ],
    0.022,
    0x9c4a4a,
  );
}

function boot(pen: Pen, x: number, y: number, figure: Figure, back: boolean): void {
  const colour = back ? darker(figure.boots, 0.3) : figure.boots;
  pen.outlined(roundRect(x - 0.1, y - 0.13, 0.24, 0.13, [0.05, 0.075, 0.03, 0.03]), colour, INK, OUTLINE * 0.8);
  if (!back) pen.fill(roundRect(x - 0.06, y - 0.115, 0.1, 0.03, 0.015), lighter(colour, 0.4), 0.8);
}

function draw(pen: Pen, frame: number, figure: Figure): void {
  const air = frame === AgentFrame.air;
  const walking = frame === AgentFrame.walkA || frame === AgentFrame.walkB;
  const lift = walking ? -0.015 : air ? -0.01 : 0.01;
  const floor = AGENT_HEIGHT - 0.035;
  const torso: Path = roundRect(0.3, 0.66 + lift, 0.4, 0.36, [0.1, 0.1, 0.14, 0.14]);
  const sleeve = (x: number, y: number, dx: number, dy: number, back: boolean): void => {
    pen.line(
      [
        [x, y],
        [x + dx, y + dy],
      ],
      0.17,
      INK,
    );
    pen.line(
      [
        [x, y],
        [x + dx, y + dy],
      ],
      0.1,
      back ? darker(figure.body, 0.25) : lighter(figure.body, 0.12),
    );
    pen.fill(disc(x + dx, y + dy, 0.052), SKIN);
  };
  // Far arm and boot, body, near boot and arm, head.
  if (air) sleeve(0.66, 0.8, 0.22, -0.09, true);
  else if (walking) sleeve(0.64, 0.8, frame === AgentFrame.walkA ? 0.1 : -0.06, 0.08, true);
  if (air) {
    boot(pen, 0.66, floor - 0.05, figure, true);
    boot(pen, 0.28, floor - 0.01, figure, false);
  } else if (frame === AgentFrame.walkA) {
    boot(pen, 0.3, floor - 0.05, figure, true);
    boot(pen, 0.64, floor, figure, false);
  } else if (frame === AgentFrame.walkB) {
    boot(pen, 0.62, floor - 0.05, figure, true);
    boot(pen, 0.34, floor, figure, false);
  } else {
    boot(pen, 0.61, floor, figure, true);
    boot(pen, 0.36, floor, figure, false);
  }
  pen.outlined(
    torso,
    linear(0.3, 0.66, 0.62, 1.05, lighter(figure.body, 0.18), figure.body, darker(figure.body, 0.25)),
    INK,
    OUTLINE,
  );
  pen.inside(torso, () => {
    pen.fill(ellipse(0.5, 0.68 + lift, 0.3, 0.07), INK, 0.28);
    pen.fill(roundRect(0.28, 0.885 + lift, 0.44, 0.06, 0.01), figure.accent);
    pen.fill(roundRect(0.5, 0.875 + lift, 0.09, 0.08, 0.02), 0xffe28a);
  });
  if (air) sleeve(0.34, 0.8, -0.21, -0.07, false);
  else if (walking) sleeve(0.38, 0.8, frame === AgentFrame.walkA ? -0.09 : 0.08, 0.09, false);
  else sleeve(0.37, 0.79, -0.04, 0.12, false);
  figure.ears(pen, lift, figure);
  const hood = blob(
    [0.5, 0.1 + lift],
    [0.78, 0.17 + lift],
    [0.925, 0.43 + lift],
    [0.84, 0.68 + lift],
    [0.5, 0.77 + lift],
    [0.16, 0.69 + lift],
    [0.07, 0.44 + lift],
    [0.22, 0.18 + lift],
  );
  pen.outlined(
    hood,
    radial(0.38, 0.26 + lift, 0.66, lighter(figure.hood, 0.3), figure.hood, darker(figure.hood, 0.22)),
    INK,
    OUTLINE,
  );
  pen.inside(hood, () => {
    pen.fill(ellipse(0.36, 0.235 + lift, 0.15, 0.06), 0xffffff, 0.4);
    pen.fill(ellipse(0.5, 0.8 + lift, 0.34, 0.08), INK, 0.2);
  });
  face(pen, lift, figure);
}

const TINY: readonly Pixels[] = [
  ['^', 'HHHHH', 'HFEFE', 'hFFFF', '.BBB.', '.K.K.'],
  ['^', 'HHHHH', 'HFEFE', 'hFFFF', '.BBBF', 'K..K.'],
  ['^', 'HHHHH', 'HFEFE', 'hFFFF', 'FBBB.', '.KK..'],
  ['^', 'HHHHH', 'HFEFE', 'hFFFF', 'FBBBF', 'K...K'],
];

function build(figure: Figure): Look {
  return {
    draw: (pen, frame) => draw(pen, frame, figure),
    pixels: (frame) => TINY[frame].map((row) => (row === '^' ? figure.crown : row)),
    palette: {
      H: figure.hood,
      h: darker(figure.hood, 0.25),
      L: lighter(figure.hood, 0.3),
      F: SKIN,
      E: INK,
      B: figure.body,
      K: darker(figure.boots, 0.1),
      A: figure.accent,
    },
    flat: figure.hood,
  };
}

const capped = (pen: Pen, path: Path, paint: number): void => pen.outlined(path, paint, INK, OUTLINE);

export const agents: readonly Look[] = [
  build({
    hood: 0xff3d87,
    body: 0xd81e6a,
    boots: 0x4b2a63,
    accent: 0xffd25a,
    crown: '.LHL.',
    ears(pen, lift, { hood }) {
      for (const x of [0.27, 0.73]) {
        capped(pen, disc(x, 0.2 + lift, 0.12), hood);
        pen.fill(disc(x, 0.2 + lift, 0.062), lighter(hood, 0.55));
      }
    },
  }),
  build({
    hood: 0xf4f7ff,
    body: 0x7a4bff,
    boots: 0x3b2a7a,
    accent: 0x4de0ff,
    crown: '.LLL.',
    ears(pen, lift) {
      pen.line(
        [
          [0.5, 0.16 + lift],
          [0.48, 0.1 + lift],
        ],
        0.075,
        INK,
      );
      pen.fill(disc(0.48, 0.095 + lift, 0.066), INK);
      pen.fill(disc(0.48, 0.095 + lift, 0.04), 0xff4d6d);
    },
  }),
  build({
    hood: 0xff7a2e,
    body: 0x3f6df0,
    boots: 0x2a1b3d,
    accent: 0xffffff,
    crown: 'H.H.H',
    ears(pen, lift, { hood }) {
      for (const s of [-1, 1]) {
        const ear = polygon(
          [0.5 + s * 0.1, 0.16 + lift],
          [0.5 + s * 0.35, 0.085 + lift],
          [0.5 + s * 0.38, 0.34 + lift],
        );
        capped(pen, ear, hood);
        pen.fill(
          polygon([0.5 + s * 0.19, 0.17 + lift], [0.5 + s * 0.32, 0.135 + lift], [0.5 + s * 0.34, 0.26 + lift]),
          0xfff0dc,
        );
      }
    },
  }),
  build({
    hood: 0xffe14d,
    body: 0xe5383b,
    boots: 0x5b2333,
    accent: 0xffffff,
    crown: '.HLH.',
    ears(pen, lift, { hood }) {
      for (const s of [-1, 1]) {
        const wing = blob(
          [0.5 + s * 0.12, 0.15 + lift],
          [0.5 + s * 0.3, 0.075 + lift],
          [0.5 + s * 0.41, 0.13 + lift],
          [0.5 + s * 0.34, 0.28 + lift],
        );
        capped(pen, wing, lighter(hood, 0.5));
      }
    },
  }),
  build({
    hood: 0x35e0c2,
    body: 0xff7a3c,
    boots: 0x27406b,
    accent: 0xffffff,
    crown: 'H.L.H',
    ears(pen, lift, { hood }) {
      for (const s of [-1, 1]) {
        capped(pen, ellipse(0.5 + s * 0.22, 0.19 + lift, 0.085, 0.11), hood);
        pen.fill(ellipse(0.5 + s * 0.22, 0.185 + lift, 0.04, 0.07), 0xffb3c9);
      }
    },
  }),
];
