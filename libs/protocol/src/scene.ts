/**
 * The scene on the wire, in two parts: the layout (cells and theme), sent once, and what moves, sent with every
 * frame. Positions travel as float64, so that a decoded scene equals the encoded one and draws the same pixels.
 * The types match the `Scene` of @saccade/envs by structure: this lib does not know the world.
 */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { float64Array, uint8Array } from './binary.ts';

const objectKinds = ['coin', 'saw', 'enemy', 'crate'] as const;

const themeSchema = z.strictObject({
  background: z.int().min(0),
  ground: z.int().min(0),
  agent: z.int().min(0),
  monochrome: z.boolean(),
  backgrounds: z.boolean(),
});

const agentSchema = z.strictObject({
  x: z.number(),
  y: z.number(),
  vx: z.number(),
  vy: z.number(),
  supported: z.boolean(),
  facing: z.union([z.literal(-1), z.literal(1)]),
});

/** What stays while a level is played. */
export const layoutSchema = z
  .strictObject({
    /** Numbers the layouts of a session; frames name theirs. */
    layout: z.int().min(0),
    levelSeed: z.int().min(0),
    /** Cells. */
    width: z.int().min(1).max(1024),
    height: z.int().min(1).max(1024),
    /** Cell codes of the world, [height, width], row 0 at the bottom. */
    cells: uint8Array,
    theme: themeSchema,
    /** Lava is drawn as if its cells were empty. */
    lavaHidden: z.boolean(),
  })
  .refine(({ width, height, cells }) => cells.length === width * height, {
    message: 'expected cells [height, width]',
    path: ['cells'],
  });
export type Layout = z.output<typeof layoutSchema>;

/** Columns of `objects`: id, kind, x, y, vx, variant, visible (0 or 1), tint (-1 for none). */
export const objectColumns = 8;

/** What moves. */
export const movingSchema = z
  .strictObject({
    /** Of the layout that this belongs to. */
    layout: z.int().min(0),
    /** Steps since the episode began. */
    step: z.int().min(0),
    agent: agentSchema,
    /** [objects, 8]; see `objectColumns`. */
    objects: float64Array,
  })
  .refine(({ objects }) => objects.length % objectColumns === 0, {
    message: `expected objects [n, ${objectColumns}]`,
    path: ['objects'],
  });
export type Moving = z.output<typeof movingSchema>;

/** `Scene` of @saccade/envs, by structure. */
export interface WireScene {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  readonly objects: readonly {
    readonly id: number;
    readonly kind: (typeof objectKinds)[number];
    x: number;
    y: number;
    vx: number;
    readonly variant: number;
    visible: boolean;
    tint?: number;
  }[];
  readonly agent: { x: number; y: number; vx: number; vy: number; supported: boolean; facing: -1 | 1 };
  readonly theme: {
    readonly background: number;
    readonly ground: number;
    readonly agent: number;
    readonly monochrome: boolean;
    readonly backgrounds: boolean;
  };
  readonly lavaHidden?: boolean;
  step: number;
}

/** Copies: the scene may move on afterwards. */
export function encodeLayout(scene: WireScene, layout: number, levelSeed: number): Layout {
  const { width, height, cells, theme } = scene;
  const { background, ground, agent, monochrome, backgrounds } = theme;
  return {
    layout,
    levelSeed,
    width,
    height,
    cells: cells.slice(),
    theme: { background, ground, agent, monochrome, backgrounds },
    lavaHidden: scene.lavaHidden ?? false,
  };
}

/** Copies: the scene may move on afterwards. */
export function encodeMoving(scene: WireScene, layout: number): Moving {
  const objects = new Float64Array(scene.objects.length * objectColumns);
  scene.objects.forEach(({ id, kind, x, y, vx, variant, visible, tint }, i) => {
    objects.set([id, objectKinds.indexOf(kind), x, y, vx, variant, visible ? 1 : 0, tint ?? -1], i * objectColumns);
  });
  const { x, y, vx, vy, supported, facing } = scene.agent;
  return { layout, step: scene.step, agent: { x, y, vx, vy, supported, facing }, objects };
}

/** @throws InputError when the parts belong to different layouts, or an object is of no known kind */
export function decodeScene(layout: Layout, moving: Moving): WireScene {
  if (layout.layout !== moving.layout) {
    throw new InputError(`decodeScene: expected what moves in layout ${layout.layout}, got ${moving.layout}`);
  }
  const objects: WireScene['objects'][number][] = [];
  for (let at = 0; at < moving.objects.length; at += objectColumns) {
    const [id, code, x, y, vx, variant, visible, tint] = moving.objects.subarray(at, at + objectColumns);
    const kind = objectKinds[code];
    if (!kind) throw new InputError(`decodeScene: expected an object kind below ${objectKinds.length}, got ${code}`);
    objects.push({ id, kind, x, y, vx, variant, visible: visible !== 0, ...(tint >= 0 ? { tint } : {}) });
  }
  const { width, height, cells, theme, lavaHidden } = layout;
  return { width, height, cells, theme, lavaHidden, objects, agent: { ...moving.agent }, step: moving.step };
}
