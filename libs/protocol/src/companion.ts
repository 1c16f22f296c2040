/**
 * Companions: further agents that play beside a session's own, instant by instant on its clock, so that policies and
 * seeds can be compared on one level. All begin together; whoever is done waits at the end of its episode.
 */
import { z } from 'zod';
import { endSchema } from './end.ts';
import { overlaySchema } from './overlay.ts';

/** Agents of one session at most, its own included: as many as a person can watch, and an engine can explain. */
export const mostPanes = 4;

const name = z.string().min(1).max(100);
/** Level seeds and action seeds are unsigned 32-bit integers. */
const seed32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const companionRequestSchema = z.strictObject({
  policy: name,
  /** Of the stream that its actions are sampled from. */
  seed: seed32,
  /** A level of its own, which keeps its distance from the session's; left out: the session's. */
  levelSeed: seed32.optional(),
});
/** One agent to play beside the session's. */
export type CompanionRequest = z.output<typeof companionRequestSchema>;

export const companionsSchema = z
  .array(companionRequestSchema)
  .max(mostPanes - 1, { message: `expected at most ${mostPanes - 1} agents beside the session's own` });

/** What a companion saw, thought and did at an instant; fields as those of the frame that carries it. */
export const companionSchema = z.strictObject({
  policy: z.string(),
  seed: z.int(),
  levelSeed: z.int(),
  /** Steps since its episode began. */
  step: z.int().min(0),
  /** Its episode was over before this instant: it waits for the others. */
  waiting: z.boolean(),
  /** Where its observation lies in the frame's `companionObservations`: from this byte, before that one. */
  observation: z.tuple([z.int().min(0), z.int().min(0)]),
  /** Index into its policy's actions; null at its end. */
  action: z.int().min(0).nullable(),
  /** [actions]; a plain list, since a message carries at most ten binary parts. */
  probabilities: z.array(z.number()).max(64),
  value: z.number(),
  reward: z.number(),
  return: z.number(),
  end: endSchema.nullable(),
  /** The viewer's first request, answered for this agent; null where nothing was asked. */
  overlay: overlaySchema.nullable(),
});
export type Companion = z.output<typeof companionSchema>;
