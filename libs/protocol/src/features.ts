/**
 * Features of a policy's layer: its factors with what shows what they are. The frames behind them are not pictures but
 * episodes, each a level and the actions taken in it, which whoever has the world plays again, pixel for pixel.
 */
import { z } from 'zod';
import { InputError } from '@saccade/core';

const index = z.int().min(0);
const name = z.string().min(1).max(100);

/** Frames that a policy met. */
export const bankSchema = z.strictObject({
  environment: z.strictObject({ name, config: z.record(z.string(), z.unknown()) }),
  /** Of the streams that actions were sampled from: level and seed name an episode, as in a link. */
  seed: z.int().min(0),
  episodes: z
    .array(
      z.strictObject({
        level: z.int().min(0),
        /** One character an action; see `actionsFrom`. */
        actions: z.string().max(2000),
        /** How it ended; null where it was left before its end. */
        end: z.string().nullable(),
      }),
    )
    .max(2000),
  /** [episode, step, value]. */
  frames: z.array(z.tuple([index, index, z.number()])).max(10_000),
});
export type Bank = z.output<typeof bankSchema>;

/** Actions as characters, so that an episode is one short word. */
const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';

export function actionsToText(actions: Iterable<number>): string {
  let text = '';
  for (const action of actions) text += alphabet[action];
  return text;
}

/** @throws InputError on a character that stands for no action */
export function actionsFrom(text: string): number[] {
  return [...text].map((character) => {
    const action = alphabet.indexOf(character);
    if (action < 0) throw new InputError(`actions: expected one of ${alphabet}, got ${character}`);
    return action;
  });
}

const points = z.array(z.tuple([z.number(), z.number()]));

export const layerFeaturesSchema = z.strictObject({
  layer: name,
  /** Positions. */
  height: z.int().min(1),
  width: z.int().min(1),
  channels: z.int().min(1),
  /** Side of the square of pixels that a position can see. */
  receptive: z.int().min(1),
  /** [factors][channels]. */
  directions: z.array(z.array(z.number())).min(1).max(512),
  /** 0xRRGGBB, [factors]. */
  colours: z.array(z.int().min(0).max(0xffffff)),
  /** Share of the layer's squared activity that the factors hold, on the frames that they were fitted on. */
  explained: z.number(),
  /** Frames that they were fitted on. */
  fittedOn: z.int(),
  /** Frames of the bank that were looked at. */
  lookedAt: z.int(),
  /** Where each factor is strongest, strongest first, one position a frame. [factors][examples] */
  examples: z.array(z.array(z.strictObject({ frame: index, row: index, column: index, activity: z.number() }))),
  /** How well a factor's activity tells where the simulator shows a class: AUROC, .5 is chance. */
  alignment: z
    .strictObject({
      classes: z.array(name),
      /** [factors][classes]; null for what was never seen. */
      auroc: z.array(z.array(z.number().nullable())),
      /** What the best of all pairs reaches by chance in one of twenty, with the masks of other levels. */
      limit: z.number(),
      /** What to call each factor: the class that it goes with; empty where nothing stands out enough. */
      names: z.array(z.string().max(64)),
      permutations: z.int(),
      /** Scored on so many frames, of levels that the factors were not fitted on. */
      frames: z.int(),
    })
    .nullable(),
  /** The layer's activity in some frames of the bank, laid out in the plane. */
  map: z
    .strictObject({
      frames: z.array(index),
      tsne: points,
      perplexity: z.number(),
      principal: points,
      /** Share of the variance that the two components hold. */
      explained: z.number(),
    })
    .nullable(),
});
export type LayerFeatures = z.output<typeof layerFeaturesSchema>;

/** A picture that a factor likes, made by optimisation. */
export const featurePictureSchema = z.strictObject({
  layer: name,
  factor: index,
  /** PNG, base64. */
  png: z.string().max(200_000),
  /** What a reader must know of it. */
  caption: z.string(),
});
export type FeaturePicture = z.output<typeof featurePictureSchema>;

/** `features.json` beside a policy. */
export const featuresFileSchema = z.strictObject({
  version: z.literal(1),
  /** Hash of the policy's file. */
  policy: z.string(),
  /** The command that made it. */
  command: z.string(),
  bank: bankSchema,
  layers: z.array(layerFeaturesSchema),
  pictures: z.array(featurePictureSchema),
});
export type FeaturesFile = z.output<typeof featuresFileSchema>;

const about = { policy: name, layer: name };

/** Client: what a layer's factors are. */
export const featuresRequest = { ...about };
/** Client: a picture that one factor likes. */
export const featurePictureRequest = { ...about, factor: index.max(511) };

/** Server: what answers both, several times while it is being computed. */
export const featuresAnswer = {
  ...about,
  result: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('computing'), what: z.string(), done: z.number().min(0).max(1) }),
    z.strictObject({
      status: z.literal('ready'),
      bank: bankSchema,
      features: layerFeaturesSchema,
      pictures: z.array(featurePictureSchema),
    }),
    z.strictObject({ status: z.literal('failed'), error: z.string() }),
  ]),
};
export const featurePictureAnswer = {
  ...featurePictureRequest,
  result: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('computing'), what: z.string(), done: z.number().min(0).max(1) }),
    z.strictObject({ status: z.literal('ready'), picture: featurePictureSchema }),
    z.strictObject({ status: z.literal('failed'), error: z.string() }),
  ]),
};

/** @throws InputError naming the first thing that is wrong */
export function parseFeaturesFile(value: unknown): FeaturesFile {
  const parsed = featuresFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`features: expected a features file, version 1: ${issue.path.join('.')}: ${issue.message}`);
}
