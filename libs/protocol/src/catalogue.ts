/** What a server offers: the menus of the page are built from these, never from a list of the page's own. */
import { z } from 'zod';

const name = z.string().min(1).max(100);
const text = z.string().max(2000);
export const shapeSchema = z.array(z.int().min(0)).max(8);

/** One setting of a method. */
export const optionInfoSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    name,
    description: text,
    default: z.number(),
    min: z.number(),
    max: z.number(),
    /** Whole numbers only. */
    integer: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('boolean'), name, description: text, default: z.boolean() }),
  z.strictObject({ kind: z.literal('choice'), name, description: text, default: name, choices: z.array(name).min(1) }),
  /** Free text, whose meaning the description says. */
  z.strictObject({ kind: z.literal('text'), name, description: text, default: z.string().max(200) }),
]);
export type OptionInfo = z.output<typeof optionInfoSchema>;

export const methodInfoSchema = z.strictObject({
  /** What requests call it: `integratedGradients`. */
  name,
  /** What people call it: `Integrated Gradients`. */
  title: name,
  description: text,
  /** What a reader of its maps must know, always shown beside them. */
  warning: text.optional(),
  /** Maps have a sign (positive and negative evidence), or only a magnitude. */
  signed: z.boolean(),
  /** Its maps split into factors, chosen by `factor`. */
  factors: z.boolean(),
  /** It works at the input, at hidden layers with height and width, or at both. */
  layers: z.array(z.enum(['input', 'hidden'])).min(1),
  options: z.array(optionInfoSchema),
});
export type MethodInfo = z.output<typeof methodInfoSchema>;

/** Something of the network's outputs that a map can explain. */
export const targetInfoSchema = z.strictObject({
  /** What requests call it: `value`, or the name of an action for its logit. */
  name,
  title: name,
  description: text,
});
export type TargetInfo = z.output<typeof targetInfoSchema>;

export const policyInfoSchema = z.strictObject({
  name,
  description: text,
  architecture: name,
  /** Name of the environment that it plays. */
  environment: name,
  /** Names, in the order of the logits. */
  actions: z.array(name).min(1).max(64),
  /** [height, width, channel] */
  observationShape: shapeSchema,
  /** In the order of the network; only those that a map can be drawn for. Shapes [height, width, channel]. */
  layers: z.array(z.strictObject({ name, shape: shapeSchema })).min(1),
  targets: z.array(targetInfoSchema).min(1),
  /** By method: what was measured of its maps of this policy and has to be shown beside them. */
  warnings: z.record(name, text).optional(),
  /** What of the world its observation shows. */
  view: z.strictObject({
    /** What stands in the middle: the agent, or the level, whose longer side the picture then spans. */
    centre: z.enum(['agent', 'level']),
    /** Cells along one side, where the agent stands in the middle. */
    cells: z.number().positive(),
    /** Does it paint the agent's velocity as two grey squares over the top left? */
    velocitySquares: z.boolean(),
  }),
});
export type PolicyInfo = z.output<typeof policyInfoSchema>;

export const environmentInfoSchema = z.strictObject({ name, description: text });
export type EnvironmentInfo = z.output<typeof environmentInfoSchema>;

export const limitsSchema = z.strictObject({
  /** How many instants can be scrubbed back to. */
  history: z.int().min(1),
  /** Overlays that one viewer may ask for, and distinct ones that a session computes live. */
  overlays: z.int().min(1),
  /** Steps a second. */
  slowest: z.number().positive(),
  fastest: z.number().positive(),
  /** Level seeds are integers from 0 to this. */
  largestSeed: z.int(),
});
export type Limits = z.output<typeof limitsSchema>;
