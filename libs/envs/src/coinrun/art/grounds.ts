/**
 * Ground tiles. A frame says which sides are open: bit 0 top, 1 right, 2 bottom, 3 left, and above them a detail 0-3
 * that varies what lies in the earth. Tiles meet without a seam; an open top always carries the lighter edge.
 */
import { darker, lighter, mix, vertical } from './paint.ts';
import { blob, curve, disc, polygon, rect, roundRect, stroke, type Path, type Point } from './path.ts';
import type { Pen } from './picture.ts';
import { INK, type Look, type Pixels } from './sprite.ts';

const GROUND_DETAILS = 4;
export const GROUND_FRAMES = 16 * GROUND_DETAILS;

export const Open = { top: 1, right: 2, bottom: 4, left: 8 } as const;

interface Soil {
  readonly earth: number;
  /** Stones or flecks in the earth. */
  readonly stone: number;
  /** The cover of an open top, and the light on it. */
  readonly cover: number;
  readonly light: number;
  /** How the lower border of the cover hangs. */
  readonly fringe: 'tufts' | 'drift' | 'slab';
  readonly texture: 'stones' | 'strata' | 'bricks' | 'crystals';
}

type Stone = readonly [x: number, y: number, radius: number];

/** Stones just under the surface, clear of the borders, one list a detail. */
const STONES: readonly (readonly Stone[])[] = [
  [
    [0.28, 0.64, 0.085],
    [0.7, 0.8, 0.055],
    [0.74, 0.52, 0.035],
  ],
  [
    [0.66, 0.68, 0.095],
    [0.24, 0.84, 0.045],
  ],
  [
    [0.42, 0.82, 0.065],
    [0.82, 0.58, 0.045],
    [0.18, 0.54, 0.035],
  ],
  [
    [0.34, 0.72, 0.045],
    [0.8, 0.86, 0.04],
  ],
];

/** Fewer, larger stones deep down, so that wide earth stays calm. */
const DEEP_STONES: readonly (readonly Stone[])[] = [
  [
    [0.36, 0.42, 0.12],
    [0.62, 0.56, 0.06],
  ],
  [],
  [
    [0.7, 0.3, 0.05],
    [0.25, 0.75, 0.04],
  ],
  [],
];

function pebble(x: number, y: number, r: number): Path {
  return blob(
    [x - r, y + r * 0.1],
    [x - r * 0.45, y - r * 0.75],
    [x + r * 0.5, y - r * 0.7],
    [x + r, y + r * 0.05],
    [x + r * 0.5, y + r * 0.7],
    [x - r * 0.55, y + r * 0.72],
  );
}

function texture(pen: Pen, soil: Soil, detail: number, buried: boolean): void {
  const strength = buried ? 0.5 : 1;
  if (soil.texture === 'bricks') {
    const mortar = darker(soil.earth, 0.35);
    for (const y of [0.25, 0.5, 0.75, 1]) pen.fill(rect(0, y - 0.03, 1, 0.03), mortar, 0.7);
    for (const [x, y] of [
      [0.5, 0],
      [0, 0.25],
      [0.5, 0.5],
      [0, 0.75],
    ]) {
      pen.fill(rect(x, y, 0.03, 0.25), mortar, 0.7);
      pen.fill(rect(x + 0.03, y, 0.47, 0.025), lighter(soil.earth, 0.3), 0.5 * strength);
      pen.fill(rect(x === 0 ? 0.53 : 0.03, y, x === 0 ? 0.47 : 0.47, 0.025), lighter(soil.earth, 0.3), 0.5 * strength);
    }
    const bx = detail % 2 === 0 ? 0.53 : 0.03;
    pen.fill(rect(bx, detail < 2 ? 0.525 : 0.025, 0.44, 0.195), soil.stone, 0.45 * strength);
    return;
  }
  if (soil.texture === 'strata') {
    const band = (y: number, wave: number, width: number, colour: number, alpha: number): void =>
      pen.fill(
        stroke(
          curve([-0.25, y - wave], [0, y], [0.25, y + wave], [0.5, y], [0.75, y - wave], [1, y], [1.25, y + wave]),
          width,
        ),
        colour,
        alpha * strength,
      );
    pen.inside(rect(0, 0, 1, 1), () => {
      band(0.42, 0.02, 0.05, soil.stone, 0.5);
      band(0.68, -0.025, 0.07, soil.stone, 0.4);
      band(0.9, 0.02, 0.035, darker(soil.earth, 0.3), 0.35);
      band(0.16, 0.02, 0.03, darker(soil.earth, 0.3), 0.3);
    });
  }
  if (buried && soil.texture === 'stones' && detail % 2 === 1) {
    const y = detail === 1 ? 0.34 : 0.66;
    pen.fill(roundRect(0.22, y, 0.3, 0.035, 0.0175), darker(soil.earth, 0.42), 0.4);
    pen.fill(roundRect(0.44, y + 0.09, 0.22, 0.035, 0.0175), darker(soil.earth, 0.42), 0.4);
  }
  for (const [x, y, r] of (buried ? DEEP_STONES : STONES)[detail]) {
    if (soil.texture === 'crystals') {
      const gem = polygon([x, y - r * 1.5], [x + r * 0.8, y - r * 0.2], [x, y + r], [x - r * 0.8, y - r * 0.2]);
      pen.fill(gem, soil.stone, 0.9 * strength);
      pen.fill(
        polygon([x, y - r * 1.5], [x, y + r], [x - r * 0.8, y - r * 0.2]),
        lighter(soil.stone, 0.5),
        0.6 * strength,
      );
      continue;
    }
    pen.fill(pebble(x, y + r * 0.18, r * 1.04), darker(soil.earth, 0.4), 0.6 * strength);
    pen.fill(pebble(x, y, r), soil.stone, strength);
    pen.fill(pebble(x - r * 0.15, y - r * 0.22, r * 0.55), lighter(soil.stone, 0.25), 0.7 * strength);
  }
}

/** Lower border of the cover, from right to left, periodic in x so that neighbours join. */
function fringeLine(fringe: Soil['fringe'], depth: number): Point[] {
  if (fringe === 'slab')
    return [
      [1.05, depth * 0.72],
      [-0.05, depth * 0.72],
    ];
  const drops =
    fringe === 'tufts'
      ? [0.62, 1.06, 0.7, 1.22, 0.66, 0.98, 0.62, 1.14]
      : [0.7, 0.95, 1.05, 0.86, 0.66, 0.8, 0.98, 0.84];
  const points: Point[] = [];
  for (let i = -1; i <= 9; i++) points.push([i / 8, depth * drops[(i + 8) % 8]]);
  return curve(...points).reverse();
}

function cover(pen: Pen, soil: Soil, open: number): void {
  const depth = 0.3;
  const top: Path = polygon([-0.05, -0.05], ...fringeLine(soil.fringe, depth), [1.05, -0.05]).map((contour) => contour);
  pen.fill(
    polygon([-0.05, 0], [-0.05, 0.1], ...[...fringeLine(soil.fringe, depth + 0.06)].reverse(), [1.05, 0]),
    INK,
    0.28,
  );
  pen.fill(top, vertical(0, depth * 1.2, soil.cover, darker(soil.cover, 0.16)));
  pen.fill(rect(0, 0, 1, 0.095), soil.light);
  if (soil.fringe === 'tufts') {
    for (const [x, y] of [
      [0.14, 0.115],
      [0.33, 0.1],
      [0.52, 0.12],
      [0.71, 0.1],
      [0.9, 0.115],
    ])
      pen.fill(disc(x, y, 0.05), soil.light);
    for (const [x, h] of [
      [0.2, 0.2],
      [0.45, 0.22],
      [0.63, 0.18],
      [0.84, 0.21],
    ])
      pen.line(
        [
          [x, 0.13],
          [x + 0.015, h],
        ],
        0.022,
        darker(soil.cover, 0.3),
        0.5,
      );
  } else if (soil.fringe === 'drift') {
    for (const [x, y, r] of [
      [0.1, 0.08, 0.05],
      [0.5, 0.09, 0.06],
      [0.84, 0.08, 0.05],
    ])
      pen.fill(disc(x, y, r), soil.light);
  } else {
    pen.fill(rect(0, 0.19, 1, 0.03), darker(soil.cover, 0.45), 0.8);
    pen.fill(rect(0.49, 0.02, 0.022, 0.18), darker(soil.cover, 0.3), 0.5);
  }
  pen.fill(rect(0, 0, 1, 0.03), lighter(soil.light, 0.55), 0.8);
  if (open & Open.left) pen.fill(rect(0, 0, 0.035, depth * 0.9), darker(soil.cover, 0.45), 0.9);
  if (open & Open.right) pen.fill(rect(0.965, 0, 0.035, depth * 0.9), darker(soil.cover, 0.45), 0.9);
}

function build(soil: Soil): Look {
  const deep = darker(soil.earth, 0.18);
  const draw = (pen: Pen, frame: number): void => {
    const open = frame & 15;
    const radius = 0.14;
    const corner = (a: number, b: number): number => (open & a && open & b ? radius : 0);
    const body = roundRect(0, 0, 1, 1, [
      corner(Open.top, Open.left),
      corner(Open.top, Open.right),
      corner(Open.bottom, Open.right),
      corner(Open.bottom, Open.left),
    ]);
    pen.inside(body, () => {
      pen.fill(rect(0, 0, 1, 1), open & Open.top ? vertical(0.1, 1, lighter(soil.earth, 0.06), deep) : deep);
      texture(pen, soil, frame >> 4, !(open & Open.top));
      if (open & Open.left) {
        pen.fill(rect(0, 0, 0.1, 1), lighter(soil.earth, 0.2), 0.35);
        pen.fill(rect(0, 0, 0.035, 1), darker(soil.earth, 0.55), 0.9);
      }
      if (open & Open.right) {
        pen.fill(rect(0.88, 0, 0.12, 1), INK, 0.2);
        pen.fill(rect(0.965, 0, 0.035, 1), darker(soil.earth, 0.55), 0.9);
      }
      if (open & Open.bottom) {
        pen.fill(rect(0, 0.84, 1, 0.16), INK, 0.28);
        pen.fill(rect(0, 0.965, 1, 0.035), darker(soil.earth, 0.55), 0.9);
      }
      if (open & Open.top) cover(pen, soil, open);
    });
  };
  return {
    draw,
    pixels: (frame) => tinyGround(frame),
    palette: {
      H: lighter(soil.light, 0.25),
      C: soil.cover,
      c: darker(soil.cover, 0.28),
      E: lighter(soil.earth, 0.06),
      e: mix(soil.earth, deep, 0.5),
      d: deep,
      s: mix(deep, soil.stone, 0.45),
      t: mix(deep, soil.stone, 0.22),
      q: darker(soil.earth, 0.25),
      k: darker(soil.earth, 0.45),
    },
    flat: soil.earth,
  };
}

const TINY_TOP: readonly Pixels[] = [
  ['HHHHH', 'CCCCC', 'cEcEE', 'EEEeE', 'eeeee'],
  ['HHHHH', 'CCCCC', 'EcEEc', 'EEEEE', 'eseee'],
  ['HHHHH', 'CCCCC', 'EEcEc', 'EeEEE', 'eeese'],
  ['HHHHH', 'CCCCC', 'cEEcE', 'EEEEE', 'eeeee'],
];
const TINY_EARTH: readonly Pixels[] = [
  ['ddddd', 'dttdd', 'dttdd', 'ddddd', 'ddddd'],
  ['ddddd', 'dqqdd', 'ddqqd', 'ddddd', 'ddddd'],
  ['ddddd', 'dddsd', 'ddddd', 'dsddd', 'ddddd'],
  ['ddddd', 'ddddd', 'ddddd', 'dqqdd', 'ddddd'],
];

function tinyGround(frame: number): Pixels {
  const open = frame & 15;
  const rows = (open & Open.top ? TINY_TOP : TINY_EARTH)[frame >> 4].map((row) => [...row]);
  const first = open & Open.top ? 2 : 0;
  for (let y = first; y < 5; y++) {
    if (open & Open.left) rows[y][0] = 'k';
    if (open & Open.right) rows[y][4] = 'k';
  }
  if (open & Open.bottom) rows[4].fill('k');
  return rows.map((row) => row.join(''));
}

export const grounds: readonly Look[] = [
  build({ earth: 0x8a5a3c, stone: 0xb08158, cover: 0x5fc24a, light: 0xa5e85a, fringe: 'tufts', texture: 'stones' }),
  build({ earth: 0xc98f52, stone: 0xe4b673, cover: 0xf0cc7c, light: 0xffe9a8, fringe: 'drift', texture: 'strata' }),
  build({ earth: 0x5d7391, stone: 0x86a0bd, cover: 0xd4ecfa, light: 0xffffff, fringe: 'drift', texture: 'stones' }),
  build({ earth: 0x655a72, stone: 0x86789a, cover: 0x9a8fae, light: 0xcdc3de, fringe: 'slab', texture: 'bricks' }),
  build({ earth: 0x6e4436, stone: 0x8f6048, cover: 0xd9722e, light: 0xffb347, fringe: 'tufts', texture: 'stones' }),
  build({ earth: 0x564f8c, stone: 0x58d0d6, cover: 0x7a5ad6, light: 0xc49bff, fringe: 'tufts', texture: 'crystals' }),
];
