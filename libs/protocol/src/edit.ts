/**
 * Changes to a running level on the wire and in recordings. The forms match the `Edit` of @saccade/envs by structure;
 * whether an edit makes sense in its level is checked there, when it is applied.
 */
import { z } from 'zod';

const objectId = z.int().min(0).max(65_535);
const coordinate = z.number().min(-1024).max(1024);
const tint = z.int().min(0).max(0xffffff);
const look = z.int().min(0).max(1000);

export const editSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('add'),
    object: z.strictObject({
      kind: z.enum(['coin', 'saw', 'enemy', 'crate']),
      x: coordinate,
      y: coordinate,
      /** Cells a step. */
      vx: z.number().min(-1).max(1).optional(),
      variant: look.optional(),
    }),
  }),
  z.strictObject({ kind: z.literal('move'), id: objectId, x: coordinate, y: coordinate }),
  z.strictObject({ kind: z.literal('remove'), id: objectId }),
  /** Multiplies the object's colour by 0xRRGGBB; null shows it as it was. */
  z.strictObject({ kind: z.literal('recolour'), id: objectId, tint: tint.nullable() }),
  z.strictObject({ kind: z.literal('show'), id: objectId, visible: z.boolean() }),
  /** Row 0 is the bottom. */
  z.strictObject({
    kind: z.literal('cell'),
    column: z.int().min(0).max(1024),
    row: z.int().min(0).max(1024),
    cell: z.enum(['.', '#', '~', '|']),
  }),
  z.strictObject({
    kind: z.literal('agent'),
    x: coordinate,
    y: coordinate,
    vx: z.number().min(-2).max(2).optional(),
    vy: z.number().min(-2).max(2).optional(),
  }),
  z.strictObject({
    kind: z.literal('theme'),
    theme: z
      .strictObject({
        background: look,
        ground: look,
        agent: look,
        monochrome: z.boolean(),
        backgrounds: z.boolean(),
      })
      .partial(),
  }),
]);
/** `Edit` of @saccade/envs, by structure. */
export type WireEdit = z.output<typeof editSchema>;

/** Edits of one message. */
export const editsSchema = z.array(editSchema).max(256);

/** Who chose an action. */
export const actorSchema = z.enum(['policy', 'human', 'script']);
export type WireActor = z.output<typeof actorSchema>;
