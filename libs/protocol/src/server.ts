/** Server -> page. */
import { z } from 'zod';
import { float32Array, int32Array, uint8Array } from './binary.ts';
import { environmentInfoSchema, limitsSchema, methodInfoSchema, policyInfoSchema } from './catalogue.ts';
import { actorSchema } from './edit.ts';
import { overlaySchema } from './overlay.ts';
import { layoutSchema, movingSchema } from './scene.ts';

/** `id` of the client's message that this answers. */
const reply = z.int().min(0).optional();

/** How an episode ended. Terminated: coin, saw, lava ...; truncated: out of time. */
const endSchema = z.strictObject({ kind: z.enum(['terminated', 'truncated']), cause: z.string().min(1) });
export type End = z.output<typeof endSchema>;

export const errorCodes = [
  'bad-message',
  'version',
  'not-joined',
  'unknown-session',
  'unknown-policy',
  'bad-value',
  'not-held',
  'not-yours',
  'too-many',
  'too-fast',
  'internal',
] as const;

/** The first message, and what `GET /api/catalogue` answers. */
export const helloSchema = z.strictObject({
  type: z.literal('hello'),
  protocol: z.int(),
  /** Of the package. */
  version: z.string(),
  /** What computes, for people: `ONNX Runtime 1.30 (CPU)`. */
  engine: z.string(),
  policies: z.array(policyInfoSchema),
  environments: z.array(environmentInfoSchema),
  methods: z.array(methodInfoSchema),
  limits: limitsSchema,
});

/** The session as all its viewers see it; sent on joining and on every change. */
const stateSchema = z.strictObject({
  type: z.literal('state'),
  reply,
  session: z.string(),
  playing: z.boolean(),
  stepsPerSecond: z.number(),
  policy: z.string(),
  levelSeed: z.int(),
  /** Of the stream that actions are sampled from. */
  seed: z.int(),
  viewers: z.int().min(0),
  /** Who chooses the actions, and whether this viewer is the one who took over. */
  actor: actorSchema,
  yours: z.boolean(),
  /** Where the present episode began, unless at the start of its level: the global step that it branched from. */
  branchedFrom: z.int().min(0).nullable(),
  /** Global steps that can be seeked to, both included; -1 before the first. */
  oldest: z.int(),
  newest: z.int(),
});

/**
 * An instant: what the agent saw, what it thought, what it chose and what that brought. The instant at which an
 * episode ended is a frame too; nothing is chosen there, so its action is null.
 */
const frameSchema = z.strictObject({
  type: z.literal('frame'),
  reply,
  /** Numbers the frames sent to this viewer; `ack` returns it. */
  frame: z.int().min(0),
  session: z.string(),
  /** Counts episodes of the session from 0. */
  episode: z.int().min(0),
  /** Global: counts instants of the session from 0, across episodes. */
  step: z.int().min(0),
  /** Can be seeked to from here on. */
  oldest: z.int().min(0),
  /** The newest instant of the session: larger than `step` after a seek, or when this viewer is slow. */
  newest: z.int().min(0),
  /** False after a seek: this viewer is held here. */
  live: z.boolean(),
  policy: z.string(),
  levelSeed: z.int(),
  /** RGB bytes 0-255, [height, width, channel]. */
  observation: uint8Array,
  scene: movingSchema,
  /** Index into the policy's actions. */
  action: z.int().min(0).nullable(),
  /** Who chose. */
  actor: actorSchema,
  /** [actions] each; softmax of the logits. */
  probabilities: float32Array,
  logits: float32Array,
  value: z.number(),
  /** What the action brought; 0 where there is none. */
  reward: z.number(),
  /** Sum of the episode's rewards, this one included. */
  return: z.number(),
  /** The end that the action brought; on the instant of the end itself, that end. */
  end: endSchema.nullable(),
  /** One for each of the viewer's requests, in their order, all of this very instant. */
  overlays: z.array(overlaySchema).max(4),
});

/** Numbers of consecutive instants for charts; `action` -1 where nothing was chosen. */
const historySchema = z.strictObject({
  type: z.literal('history'),
  reply,
  session: z.string(),
  /** Global step of the first row. */
  from: z.int().min(0),
  episodes: int32Array,
  actions: int32Array,
  rewards: float32Array,
  values: float32Array,
  /** [rows, actions] */
  probabilities: float32Array,
  /** How an action of these rows ended its episode, by global step of the row. */
  ends: z.array(z.strictObject({ step: z.int(), end: endSchema })),
});

const errorSchema = z.strictObject({
  type: z.literal('error'),
  reply,
  code: z.enum(errorCodes),
  /** One line for people: `layer: expected one of 1a, 2a, got 9z`. */
  message: z.string(),
  expected: z.string().optional(),
  got: z.string().optional(),
});

/** Sent once for each layout, before the first frame that names it. */
const layoutMessageSchema = z.strictObject({ type: z.literal('layout'), session: z.string(), layout: layoutSchema });

export const serverMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  stateSchema,
  layoutMessageSchema,
  frameSchema,
  historySchema,
  errorSchema,
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;
export type HelloMessage = z.output<typeof helloSchema>;
export type StateMessage = z.output<typeof stateSchema>;
export type LayoutMessage = z.output<typeof layoutMessageSchema>;
export type FrameMessage = z.output<typeof frameSchema>;
export type HistoryMessage = z.output<typeof historySchema>;
export type ErrorMessage = z.output<typeof errorSchema>;
export type ErrorCode = ErrorMessage['code'];
