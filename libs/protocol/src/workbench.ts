/**
 * Asking "what if": a held instant with its level edited or factors of the policy turned down, beside the instant as
 * it was. Nothing of this changes the session, but turnFactors, which makes its agent play on with them turned down.
 */
import { z } from 'zod';
import { float32Array, int32Array, uint8Array } from './binary.ts';
import { editsSchema } from './edit.ts';
import { overlayRequestSchema, overlaySchema } from './overlay.ts';
import { layoutSchema, movingSchema } from './scene.ts';

const name = z.string().min(1).max(100);
const share = z.number().min(0).max(1);
const step = z.int().min(0);

/** A factor of a layer's dictionary that what reads the layer sees less of. */
export const turnSchema = z.strictObject({
  layer: name,
  factor: z.int().min(0).max(255),
  /** How much of its direction is projected out of the next layer's weights: 1 is all of it. */
  strength: share,
});
export type FactorTurn = z.output<typeof turnSchema>;
export const turnsSchema = z.array(turnSchema).max(16);

/** Fields of the messages from a page. */
export const supposeFields = {
  step,
  edits: editsSchema,
  turns: turnsSchema,
  /** A map to be computed of both. */
  overlay: overlayRequestSchema.optional(),
  /** Where the policy would go from every free place, before and after. */
  field: z.boolean().default(false),
};
export const readFactorsFields = {
  layer: name,
  target: name,
  /** Where to read them: an instant, as the edits leave it, and a place of its observation, 0-1 from the top left. */
  step,
  edits: editsSchema,
  x: share,
  y: share,
};
export const measureFields = { turns: turnsSchema.min(1), levels: z.int().min(10).max(1000) };

/** What a policy makes of an instant. Plain lists: a message carries at most ten binary parts. */
const thoughtSchema = z.strictObject({
  probabilities: z.array(z.number()).max(64),
  value: z.number(),
  overlay: overlaySchema.nullable(),
});
export type Thought = z.output<typeof thoughtSchema>;

/** Fields of the answers. */
export const supposedFields = {
  session: z.string(),
  step,
  layout: layoutSchema,
  scene: movingSchema,
  /** RGB bytes 0-255, [height, width, channel], of the edited level. */
  observation: uint8Array,
  /** The instant as it was, and the policy as it is trained. */
  original: thoughtSchema,
  /** The level edited, the factors turned down. */
  edited: thoughtSchema,
  field: z
    .strictObject({
      /** Column and row of the agent's feet, [places, 2]. */
      places: int32Array,
      /** Mean direction of the actions' input, -1 to 1 in x and y (up), [places, 2]. */
      original: float32Array,
      edited: float32Array,
    })
    .nullable(),
  milliseconds: z.number(),
};

export const factorReadingsFields = {
  layer: name,
  /** Row and column of the layer's position. */
  row: z.int().min(0),
  column: z.int().min(0),
  factors: z
    .array(
      z.strictObject({
        /** 0xRRGGBB */
        colour: z.int().min(0).max(0xffffff),
        /** How active it is here, and at most anywhere in this frame. */
        strength: z.number(),
        most: z.number(),
        /** What it adds here to the target, in its units. */
        attribution: z.number(),
      }),
    )
    .max(256),
  /** Pixels along a side of an example, and examples of each factor. */
  side: z.int().min(1).max(64),
  count: z.int().min(0).max(16),
  /** What made each factor most active among typical frames: RGB bytes 0-255, [factors, count, side, side, 3]. */
  examples: uint8Array,
};

const armSchema = z.strictObject({
  /** Levels failed, of those played. */
  failed: z.int().min(0),
  /** Wilson's 95% interval of the share that fails. */
  low: share,
  high: share,
});

export const measuredFields = {
  session: z.string(),
  turns: turnsSchema,
  /** Levels played by both, and to be played. */
  played: z.int().min(0),
  levels: z.int().min(1),
  running: z.boolean(),
  original: armSchema,
  edited: armSchema,
  /** Edited less original, as a share, with the level bootstrap's 95% interval; null before the first level. */
  difference: z.strictObject({ estimate: z.number(), low: z.number(), high: z.number() }).nullable(),
};
