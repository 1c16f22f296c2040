/**
 * From a viewer's request to a map over a frame, for the page and for `saccade attribute` alike: both must show the
 * same numbers, so both run this.
 */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { colourScale, flatten, methods } from '@saccade/attribution';
import type { FlatMap, MethodName } from '@saccade/attribution';
import type { EnvironmentState } from '@saccade/envs';
import { createExplainer, explainTransition, objectsInView } from '@saccade/insight';
import type { Dictionary, Explainer, Explanation, FrameExplanation, FrameObjects } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { Overlay, OverlayRequest } from '@saccade/protocol';
import { environmentFor } from './player.ts';
import { factorExamples, readingsAt } from './factorReadings.ts';
import type { FactorReadings } from './factorReadings.ts';
import { typicalFrames } from './frames.ts';
import type { FactorPlace } from './supposeEngine.ts';
import type { ActingPolicy } from './frames.ts';
import { restPicture } from './references.ts';

/** The decomposition, beside the methods of @saccade/attribution. */
export const factorsMethod = 'factors';
/** Integrated gradients from the frame before to this one: what made the output change. */
export const changeMethod = 'change';
/** Factors of a decomposition. */
export const factorCount = 8;

type Drawn = Extract<Overlay, { ok: true }>;
/** What answers a request; the request's id and the time are the asker's. */
export type OverlayMap = Omit<Drawn, 'request' | 'milliseconds' | 'ok'>;
/** Is handed what there is of a map that takes long; its `draft` says how far it is. */
export type DraftListener = (draft: OverlayMap) => void;

/** One instant as it is explained. */
export interface Sight {
  /** Bytes 0-255, [height, width, channel]. */
  readonly observation: Uint8Array;
  /** Where the world stood: what methods that take objects away need. */
  readonly state: EnvironmentState;
  /** What was seen a step earlier; absent at the first of an episode. */
  readonly before?: Uint8Array;
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
    async explain({ observation, state, before }, request, cancellation, listener) {
      const draft =
        listener && ((unfinished: Explanation, done: number) => listener({ ...plainMap(unfinished), draft: done }));
      const { layer, target, options, factor } = request;
      if (comparesWithBefore(request)) {
        if (!before) {
          throw new InputError(`${changeMethod}: expected a frame before this one, got the first of its episode`);
        }
        const explained = await ready();
        const change = await explainTransition(
          explained,
          before,
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
        const reading = await (
          await ready()
        ).explainFrame(
          observation,
          {
            layer,
            target,
            dictionary,
            options,
            draft:
              listener &&
              ((unfinished, done) => listener({ ...factorsMap(unfinished, layer, target, factor), draft: done })),
          },
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
      const objects = takesObjectsAway(request) ? objectsAt(policy, state) : undefined;
      return plainMap(
        await (await ready()).explain(observation, { method, layer, target, options, objects, draft }, cancellation),
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
      const reading = await explained.explainFrame(observation, { layer, target, dictionary }, cancellation);
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

/** Does its map need the frame before, too? */
export function comparesWithBefore({ method }: Pick<OverlayRequest, 'method'>): boolean {
  return method === changeMethod;
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

function common({
  method,
  layer,
  target,
  score,
  integrationError,
  warning,
}: Explanation): Omit<OverlayMap, 'shape' | 'map' | 'signed' | 'scale'> {
  const error = integrationError && Math.max(integrationError.completeness, integrationError.change);
  const notes = [
    warning,
    integrationError?.converged === false
      ? 'The integration error is above its tolerance: more steps would change this map.'
      : undefined,
  ].filter((note) => note !== undefined);
  return {
    method,
    layer,
    target: target.text,
    score,
    ...(error === undefined ? {} : { integrationError: error }),
    ...(notes.length === 0 ? {} : { warning: notes.join(' ') }),
  };
}

function plainMap(explanation: Explanation): OverlayMap {
  const { values, height, width, signed } = flatten(explanation.map, explanation.shape, explanation.signed);
  return {
    ...common(explanation),
    shape: [height, width],
    map: values,
    signed,
    scale: limitOf(values, height, width, signed),
    ...channelSums(explanation),
  };
}

/** What each channel adds and takes over all positions; nothing where there is one channel. */
function channelSums({ map, shape, signed }: Explanation): Pick<OverlayMap, 'channels'> {
  const channels = shape.length === 3 ? shape[2] : 1;
  if (channels < 2) return {};
  const positive = new Float64Array(channels);
  const negative = new Float64Array(channels);
  map.forEach((value, at) => {
    if (value > 0 || !signed) positive[at % channels] += value;
    else negative[at % channels] += value;
  });
  const short = (sums: Float64Array): number[] => Array.from(sums, (sum) => Number(sum.toPrecision(5)));
  return { channels: { positive: short(positive), negative: short(negative) } };
}

function limitOf(values: Float32Array, height: number, width: number, signed: boolean): number {
  return colourScale({ values, height, width, signed } satisfies FlatMap).limit;
}

/** One factor's contributions, or all of them with the factor as the first axis; one scale for all. */
function factorsMap(reading: FrameExplanation, layer: string, target: string, factor: number | undefined): OverlayMap {
  const { height, width, dictionary, factorAttributions } = reading;
  const { factors } = dictionary;
  if (factor !== undefined && factor >= factors) {
    throw new InputError(`factor: expected 0 to ${factors - 1}, got ${factor}`);
  }
  const positions = height * width;
  const all = new Float32Array(factors * positions);
  for (let at = 0; at < factorAttributions.length; at++) {
    all[(at % factors) * positions + Math.floor(at / factors)] = factorAttributions[at];
  }
  const one = factor === undefined ? undefined : all.slice(factor * positions, (factor + 1) * positions);
  return {
    ...common(reading.attribution),
    method: factorsMethod,
    layer,
    target,
    ...(factor === undefined ? {} : { factor }),
    shape: one ? [height, width] : [factors, height, width],
    map: one ?? all,
    signed: true,
    scale: limitOf(all, factors * height, width, true),
    factors: dictionary.colours.map((colour, i) => ({
      colour,
      positive: reading.positive[i],
      negative: reading.negative[i],
    })),
  };
}
