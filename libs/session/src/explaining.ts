/**
 * From a viewer's request to a map over a frame, for the page and for `saccade attribute` alike: both must show the
 * same numbers, so both run this.
 */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { methods } from '@saccade/attribution';
import type { MethodName } from '@saccade/attribution';
import type { EnvironmentState } from '@saccade/envs';
import {
  createExplainer,
  discountedValue,
  explainTransition,
  explainWithFactors,
  objectsInView,
  residualDiscount,
  residualTarget,
} from '@saccade/insight';
import type { Dictionary, Explainer, Explanation, FrameExplanation, FrameObjects, References } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import { environmentFor } from './player.ts';
import { factorExamples, readingsAt } from './factorReadings.ts';
import type { FactorReadings } from './factorReadings.ts';
import { typicalFrames } from './frames.ts';
import type { FactorPlace } from './supposeEngine.ts';
import type { ActingPolicy } from './frames.ts';
import { factorsMap, factorsMethod, plainMap } from './overlayMaps.ts';
import type { OverlayMap } from './overlayMaps.ts';
import { restPicture } from './references.ts';
import { explainStep, trainedDiscount } from './residual.ts';
import type { StepBefore } from './residual.ts';

/** Integrated gradients from the frame before to this one: what made the output change. */
export const changeMethod = 'change';
/** Factors of a decomposition. */
export const factorCount = 8;

export { factorsMethod } from './overlayMaps.ts';
export type { OverlayMap } from './overlayMaps.ts';

/** Is handed what there is of a map that takes long; its `draft` says how far it is. */
export type DraftListener = (draft: OverlayMap) => void;

/** One instant as it is explained. */
export interface Sight {
  /** Bytes 0-255, [height, width, channel]. */
  readonly observation: Uint8Array;
  /** Where the world stood: what methods that take objects away need. */
  readonly state: EnvironmentState;
  /** Absent at the first of an episode. */
  readonly before?: StepBefore;
  /** More pictures to compare with, by name. */
  readonly references?: References;
}

/** What an edited policy keeps of the one that it was made from, so that a factor stays the same factor. */
export type Ancestor = Pick<PolicyExplainer, 'frames' | 'dictionary'>;

export interface PolicyExplainer {
  /**
   * The map is the same whether or not drafts are listened to.
   * @throws InputError on an unknown method, layer, target, factor or option
   */
  explain(
    sight: Sight,
    request: OverlayRequest,
    cancellation?: Cancellation,
    draft?: DraftListener,
  ): Promise<OverlayMap>;
  /** The factors by which maps of a layer are split, and the frames that they were fitted on. */
  dictionary(layer: string): Promise<{ readonly dictionary: Dictionary; readonly frames: number }>;
  /** Typical observations, one after the other. */
  frames(): Promise<Uint8Array>;
  /** What each factor does at a place. */
  readFactors(observation: Uint8Array, place: FactorPlace, cancellation?: Cancellation): Promise<FactorReadings>;
  /** Prepares what every explanation needs, so that the first one comes sooner. */
  warm(): Promise<void>;
  dispose(): void;
}

/**
 * @param ancestor of a policy whose weights were edited
 * @param known factors that came with the policy; those of other layers are fitted on a few frames, when asked for
 */
export function createPolicyExplainer(
  policy: Policy,
  compile: Compile,
  acting: ActingPolicy,
  known: readonly Dictionary[] = [],
  ancestor?: Ancestor,
): PolicyExplainer {
  let explainer: Promise<Explainer> | undefined;
  let bank: Promise<Uint8Array> | undefined;
  const frames = (): Promise<Uint8Array> => (bank ??= ancestor?.frames() ?? typicalFrames(policy, acting));
  const examples = new Map<string, Promise<Uint8Array>>();
  const ready = (): Promise<Explainer> => {
    explainer ??= (async () =>
      createExplainer({ policy, compile, references: restPicture(policy), bank: await frames() }))();
    return explainer;
  };
  const fitted = new Map(known.map((dictionary) => [dictionary.layer, Promise.resolve(dictionary)]));
  const dictionaryOf = (layer: string): Promise<Dictionary> => {
    const channels = policy.network.layerShapes[layer]?.[2] ?? factorCount;
    const fit = async (): Promise<Dictionary> =>
      (await ready()).fitDictionary(await frames(), { layer, factors: Math.min(factorCount, channels) });
    const dictionary = fitted.get(layer) ?? ancestor?.dictionary(layer).then((known) => known.dictionary) ?? fit();
    fitted.set(layer, dictionary);
    dictionary.catch(() => fitted.delete(layer));
    return dictionary;
  };
  return {
    async explain({ observation, state, before, references }, request, cancellation, listener) {
      const draft =
        listener && ((unfinished: Explanation, done: number) => listener({ ...plainMap(unfinished), draft: done }));
      const { layer, target, options, factor } = request;
      const discount = residualDiscount(target, trainedDiscount(policy));
      if (request.method === changeMethod) {
        if (discount !== undefined) {
          throw new InputError(`${changeMethod}: expected a target of one frame, got ${target}, which has two`);
        }
        if (options['baseline'] !== undefined) {
          throw new InputError(
            `${changeMethod}: expected no baseline, which is the frame before, got ${options['baseline']}`,
          );
        }
        if (!before) {
          throw new InputError(`${changeMethod}: expected a frame before this one, got the first of its episode`);
        }
        const explained = await ready();
        const change = await explainTransition(
          explained,
          before.observation,
          observation,
          {
            layer,
            target,
            options,
            draft:
              listener &&
              ((unfinished, done) => listener({ ...plainMap(unfinished), method: changeMethod, draft: done })),
          },
          cancellation,
        );
        return { ...plainMap(change), method: changeMethod };
      }
      if (request.method === factorsMethod) {
        const dictionary = await dictionaryOf(layer);
        const explained = await ready();
        const listen =
          listener &&
          ((unfinished: FrameExplanation, done: number) =>
            listener({ ...factorsMap(unfinished, layer, target, factor), draft: done }));
        if (discount !== undefined) {
          const { activation } = await explained.cutAt(observation, layer);
          const split = (whole: Explanation): FrameExplanation => explainWithFactors(whole, activation, dictionary);
          const asked = {
            method: 'integratedGradients',
            layer,
            target,
            options,
            references,
            discount,
            draft: listen && ((unfinished: Explanation, done: number) => listen(split(unfinished), done)),
          };
          const whole = await explainStep(explained, before, observation, asked, cancellation);
          return factorsMap(split(whole), layer, target, factor);
        }
        const reading = await explained.explainFrame(
          observation,
          { layer, target, dictionary, options, references, draft: listen },
          cancellation,
        );
        return factorsMap(reading, layer, target, factor);
      }
      if (factor !== undefined) {
        throw new InputError(
          `factor: expected none with ${request.method} (only with ${factorsMethod}), got ${factor}`,
        );
      }
      const { method } = request;
      if (discount !== undefined) {
        const asked = { method, layer, target, options, references, discount, draft };
        return plainMap(await explainStep(await ready(), before, observation, asked, cancellation));
      }
      const objects = takesObjectsAway(request) ? objectsAt(policy, state) : undefined;
      return plainMap(
        await (
          await ready()
        ).explain(observation, { method, layer, target, options, objects, references, draft }, cancellation),
      );
    },
    async dictionary(layer) {
      const size = policy.network.observationShape.reduce((a, b) => a * b, 1);
      return { dictionary: await dictionaryOf(layer), frames: (await frames()).length / size };
    },
    frames,
    async readFactors(observation, { layer, target, x, y }, cancellation) {
      const dictionary = await dictionaryOf(layer);
      const shown =
        examples.get(layer) ??
        frames().then((typical) => factorExamples(policy, compile, dictionary, typical, cancellation));
      examples.set(layer, shown);
      shown.catch(() => examples.delete(layer));
      const explained = await ready();
      const discount = residualDiscount(target, trainedDiscount(policy));
      const read = discount === undefined ? target : discountedValue(target, discount, policy);
      const reading = await explained.explainFrame(observation, { layer, target: read, dictionary }, cancellation);
      return readingsAt(reading, x, y, await shown);
    },
    async warm() {
      await ready();
    },
    dispose() {
      void explainer?.then((ended) => ended.dispose()).catch(() => undefined);
    },
  };
}

/** Does its map need the step before, too? */
export function comparesWithBefore({ method, target }: Pick<OverlayRequest, 'method' | 'target'>): boolean {
  return method === changeMethod || target.startsWith(residualTarget);
}

/** Ablation and Shapley values remove objects, and so does a baseline such as `without:all`. */
function takesObjectsAway({ method, options }: OverlayRequest): boolean {
  const needs = Object.hasOwn(methods, method) ? methods[method as MethodName].needs : [];
  return (
    needs.includes('objects') ||
    Object.values(options).some((value) => typeof value === 'string' && value.startsWith('without:'))
  );
}

/** Renders in a world of its own. */
function objectsAt(policy: Policy, state: EnvironmentState): FrameObjects {
  const world = environmentFor(policy);
  world.setState(state);
  return objectsInView(world);
}
