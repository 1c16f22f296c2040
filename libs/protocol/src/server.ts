/** Server -> page. */
import { z } from 'zod';
import { float32Array, int32Array, uint8Array } from './binary.ts';
import { environmentInfoSchema, limitsSchema, methodInfoSchema, policyInfoSchema } from './catalogue.ts';
import { companionSchema, mostPanes } from './companion.ts';
import { actorSchema } from './edit.ts';
import { endSchema } from './end.ts';
import { featurePictureAnswer, featuresAnswer } from './features.ts';
import { overlaySchema } from './overlay.ts';
import { recordingInfoSchema } from './recording/info.ts';
import { layoutSchema, movingSchema } from './scene.ts';
import { factorReadingsFields, measuredFields, supposedFields, turnsSchema } from './workbench.ts';

/** `id` of the client's message that this answers. */
const reply = z.int().min(0).optional();

export const errorCodes = [
  'bad-message',
  'version',
  'not-joined',
  'unknown-session',
  'unknown-policy',
  'unknown-recording',
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
  /** Who plays beside the session's own agent. */
  companions: z
    .array(z.strictObject({ policy: z.string(), seed: z.int(), levelSeed: z.int(), ownLevel: z.boolean() }))
    .max(mostPanes - 1),
  /** Factors that the agent plays with turned down. */
  turns: turnsSchema,
  /** The level was drawn as text; its seed chooses the looks alone. */
  drawn: z.boolean(),
  /** The present episode is being recorded, from the instant with this global step on. */
  recorder: z.strictObject({ since: z.int().min(0) }).nullable(),
  /** The session shows a recording: no agent plays on, until somebody branches from a step of it. */
  recording: z
    .strictObject({
      info: recordingInfoSchema,
      /** Is the policy whose thoughts it holds offered here? If not, maps are of another one, `policy`. */
      known: z.boolean(),
      /** The first step that did not replay as recorded; the instants up to it are held. */
      mismatch: z.strictObject({ step: z.int().min(0), message: z.string() }).nullable(),
    })
    .nullable(),
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
  /** The agent's episode was over before this instant: it waits for its companions. */
  waiting: z.boolean(),
  companions: z.array(companionSchema).max(mostPanes - 1),
  /** Of all companions, one after the other: RGB bytes 0-255, [height, width, channel] each. */
  companionObservations: uint8Array,
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

/** A recording that this session made is complete and listed. */
const recordedSchema = z.strictObject({
  type: z.literal('recorded'),
  session: z.string(),
  recording: recordingInfoSchema,
});

/** What the agent saw, small, for a strip of pictures. */
const thumbnailsSchema = z.strictObject({
  type: z.literal('thumbnails'),
  reply,
  session: z.string(),
  /** Pixels of a side. */
  size: z.int().min(1).max(64),
  /** Global steps of the pictures, among those that were asked for. */
  steps: int32Array,
  /** RGB bytes 0-255, [pictures, size, size, 3]. */
  pixels: uint8Array,
});

const supposedSchema = z.strictObject({ type: z.literal('supposed'), reply, ...supposedFields });
const factorReadingsSchema = z.strictObject({ type: z.literal('factorReadings'), reply, ...factorReadingsFields });
const measuredSchema = z.strictObject({ type: z.literal('measured'), reply, ...measuredFields });

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

/** What the factors of a policy's layer are, or how far the computation is. */
const featuresSchema = z.strictObject({ type: z.literal('features'), reply, ...featuresAnswer });
/** The picture that one of them likes, or how far it is. */
const featurePictureSchema = z.strictObject({ type: z.literal('featurePicture'), reply, ...featurePictureAnswer });

export const serverMessageSchema = z.discriminatedUnion('type', [
  featuresSchema,
  featurePictureSchema,
  helloSchema,
  stateSchema,
  layoutMessageSchema,
  frameSchema,
  historySchema,
  recordedSchema,
  thumbnailsSchema,
  supposedSchema,
  factorReadingsSchema,
  measuredSchema,
  errorSchema,
]);
export type ServerMessage = z.output<typeof serverMessageSchema>;
export type FeaturesMessage = z.output<typeof featuresSchema>;
export type FeaturePictureMessage = z.output<typeof featurePictureSchema>;
export type HelloMessage = z.output<typeof helloSchema>;
export type StateMessage = z.output<typeof stateSchema>;
export type LayoutMessage = z.output<typeof layoutMessageSchema>;
export type FrameMessage = z.output<typeof frameSchema>;
export type HistoryMessage = z.output<typeof historySchema>;
export type RecordedMessage = z.output<typeof recordedSchema>;
export type ThumbnailsMessage = z.output<typeof thumbnailsSchema>;
export type SupposedMessage = z.output<typeof supposedSchema>;
export type FactorReadingsMessage = z.output<typeof factorReadingsSchema>;
export type MeasuredMessage = z.output<typeof measuredSchema>;
export type ErrorMessage = z.output<typeof errorSchema>;
export type ErrorCode = ErrorMessage['code'];
