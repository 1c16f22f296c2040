/**
 * Page -> server. Play, pause, step, speed, policy and level belong to the session, and change it for all of its
 * viewers, and so do takeOver, act, handBack, branch and edit; overlays, seek and follow belong to the one viewer. Every message may carry an `id`: the answer or the
 * error that it causes carries it as `reply`.
 */
import { z } from 'zod';
import { companionsSchema } from './companion.ts';
import { editsSchema } from './edit.ts';
import { featurePictureRequest, featuresRequest } from './features.ts';
import { overlayRequestSchema } from './overlay.ts';
import { measureFields, readFactorsFields, supposeFields, turnsSchema } from './workbench.ts';
import { recordingIdSchema } from './recording/info.ts';

const id = z.int().min(0).optional();
const name = z.string().min(1).max(100);
/** Level seeds are unsigned 32-bit integers. */
export const levelSeedSchema = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const clientMessageSchema = z.discriminatedUnion('type', [
  /** First. Names an existing session to watch it with others (or to resume it); without one, a new one begins. */
  z.strictObject({
    type: z.literal('join'),
    id,
    protocol: z.int(),
    session: name.optional(),
    /** For a new session; each has a default. */
    policy: name.optional(),
    levelSeed: levelSeedSchema.optional(),
    /** Seed of the stream that actions are sampled from. */
    seed: levelSeedSchema.optional(),
    playing: z.boolean().optional(),
    /** For a new session that shows a recording, from the list of `GET /api/recordings`; policy and level are its own. */
    recording: recordingIdSchema.optional(),
  }),
  z.strictObject({ type: z.literal('play'), id }),
  z.strictObject({ type: z.literal('pause'), id }),
  /** Pauses, then makes `count` steps. */
  z.strictObject({ type: z.literal('step'), id, count: z.int().min(1).max(1000).default(1) }),
  z.strictObject({ type: z.literal('setSpeed'), id, stepsPerSecond: z.number().positive() }),
  z.strictObject({ type: z.literal('setPolicy'), id, policy: name }),
  /** Begins an episode in this level. */
  z.strictObject({ type: z.literal('setLevel'), id, levelSeed: levelSeedSchema }),
  /** Begins an episode in a level drawn as text, docs/environments.md; it is played again until another is chosen. */
  z.strictObject({ type: z.literal('setLevelText'), id, text: z.string().max(30_000) }),
  /** Begins an episode in the level with the next seed. */
  z.strictObject({ type: z.literal('nextLevel'), id }),
  /** From now on this viewer chooses, not the policy: one viewer at a time, until it hands back or leaves. */
  z.strictObject({ type: z.literal('takeOver'), id }),
  /** What the viewer who took over wants, an index into the policy's actions: held until the next such message. */
  z.strictObject({ type: z.literal('act'), id, action: z.int().min(0).max(63) }),
  /** The policy chooses again. */
  z.strictObject({ type: z.literal('handBack'), id }),
  /** Begins an episode at the instant with this global step: the same world, another future. */
  z.strictObject({
    type: z.literal('branch'),
    id,
    step: z.int().min(0),
    /** Of another stream of action noise; the session's own unless given. */
    seed: levelSeedSchema.optional(),
  }),
  /** The same with the level changed first, all edits or none; without a step, at the newest instant. */
  z.strictObject({
    type: z.literal('edit'),
    id,
    step: z.int().min(0).optional(),
    edits: editsSchema.min(1),
    seed: levelSeedSchema.optional(),
  }),
  /** "What if": the instant edited and the factors turned down, beside what it was. Changes nothing. */
  z.strictObject({ type: z.literal('suppose'), id, ...supposeFields }),
  /** What each factor of a layer does at a place of an instant. */
  z.strictObject({ type: z.literal('readFactors'), id, ...readFactorsFields }),
  /** The session's agent plays on with these factors turned down; none: as it is trained. */
  z.strictObject({ type: z.literal('turnFactors'), id, turns: turnsSchema }),
  /** Plays held-out levels with and without these factors turned down, in the background; answers as it goes. */
  z.strictObject({ type: z.literal('measure'), id, ...measureFields }),
  z.strictObject({ type: z.literal('stopMeasuring'), id }),
  /**
   * Replaces the agents that play beside the session's own: the episode begins again with them, and goes on to where
   * the instant with this global step stood (left out: the newest).
   */
  z.strictObject({
    type: z.literal('setCompanions'),
    id,
    companions: companionsSchema,
    step: z.int().min(0).optional(),
  }),
  /** Records the present episode, from now on or from its beginning, until stopRecording or its end. */
  z.strictObject({ type: z.literal('record'), id, from: z.enum(['now', 'episode']) }),
  z.strictObject({ type: z.literal('stopRecording'), id }),
  /** What the factors of a policy's layer are: answered at once where known, else with progress, then the answer. */
  z.strictObject({ type: z.literal('features'), id, ...featuresRequest }),
  /** A picture that one of them likes: the same. */
  z.strictObject({ type: z.literal('featurePicture'), id, ...featurePictureRequest }),
  /** Replaces this viewer's overlays. */
  z.strictObject({ type: z.literal('setOverlays'), id, overlays: z.array(overlayRequestSchema).max(4) }),
  /** Shows this viewer the instant with this global step, and holds it there; the session plays on. */
  z.strictObject({ type: z.literal('seek'), id, step: z.int().min(0) }),
  /** Back to live after a seek. */
  z.strictObject({ type: z.literal('follow'), id }),
  /** Asks for the numbers of steps from <= step < to, those that are still held. */
  z.strictObject({ type: z.literal('history'), id, from: z.int().min(0), to: z.int().min(0) }),
  /** Asks for small pictures of what the agent saw at these global steps, those that are still held. */
  z.strictObject({ type: z.literal('thumbnails'), id, steps: z.array(z.int().min(0)).min(1).max(64) }),
  /** "I have drawn frame `frame`": the next one may come. */
  z.strictObject({ type: z.literal('ack'), id, frame: z.int().min(0) }),
]);
/** As a page writes it (defaults may be left out). */
export type ClientMessageInput = z.input<typeof clientMessageSchema>;
/** As a server reads it. */
export type ClientMessage = z.output<typeof clientMessageSchema>;
