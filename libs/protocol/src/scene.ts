/**
 * The scene on the wire, in two parts: the layout (cells and theme), sent once, and what moves, sent with every
 * frame. Positions travel as float64, so that a decoded scene equals the encoded one and draws the same pixels.
 * The types match the `Scene` of @saccade/envs by structure: this lib does not know the world.
 */
import { z } from 'zod';
import { float64Array, uint8Array } from './binary.ts';
import { objectColumns } from './sceneCodec.ts';

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
