/** What a viewer asks to be explained, and the map that answers. */
import { z } from 'zod';
import { float32Array } from './binary.ts';
import { shapeSchema } from './catalogue.ts';

export const overlayRequestSchema = z.strictObject({
  /** The page's own name for this overlay; results carry it. */
  id: z.string().min(1).max(64),
  method: z.string().min(1).max(100),
  layer: z.string().min(1).max(100),
  target: z.string().min(1).max(100),
  /** Which factor of a decomposition; left out: all of them. */
  factor: z.int().min(0).max(255).optional(),
  options: z.record(z.string().max(100), z.union([z.number(), z.boolean(), z.string().max(200)])).default({}),
});
export type OverlayRequest = z.output<typeof overlayRequestSchema>;

/** A map over the observation at the layer's resolution, or the reason why there is none. */
export const overlaySchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    /** `id` of the request. */
    request: z.string(),
    method: z.string(),
    layer: z.string(),
    target: z.string(),
    factor: z.int().optional(),
    /** [height, width], or [factor, height, width] where a decomposition was asked for without one factor. */
    shape: shapeSchema,
    /** Row-major, one number a position (channels are flattened already). Units of the target. */
    map: float32Array,
    /** Has the map a sign, and so a diverging palette? */
    signed: z.boolean(),
    /** The absolute value that is drawn at full strength: the page and the PNG must use this one. */
    scale: z.number(),
    /** The target itself at this frame. */
    score: z.number(),
    /** Relative to what the sum should be; only of methods that have one (completeness). */
    integrationError: z.number().optional(),
    /** Of a decomposition: each factor's colour (0xRRGGBB), and the sums of its positive and negative parts. */
    factors: z
      .array(z.strictObject({ colour: z.int().min(0).max(0xffffff), positive: z.number(), negative: z.number() }))
      .optional(),
    /**
     * Of a map with several channels: the sums over positions of what is positive and of what is negative in each,
     * [channel]. The negative ones are all 0 where the map has no sign. Plain lists: a message carries at most ten
     * binary parts.
     */
    channels: z
      .strictObject({ positive: z.array(z.number()).max(4096), negative: z.array(z.number()).max(4096) })
      .optional(),
    /** What a reader of this map must know. */
    warning: z.string().optional(),
    /**
     * Of a map that is not finished: the share of the work done. The same instant follows with a better one, and at
     * last with the map itself, which has no such field.
     */
    draft: z.number().min(0).max(1).optional(),
    /** Time that computing took; 0 when it came from the cache. */
    milliseconds: z.number(),
  }),
  z.strictObject({ ok: z.literal(false), request: z.string(), error: z.string() }),
]);
export type Overlay = z.output<typeof overlaySchema>;
