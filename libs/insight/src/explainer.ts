/**
 * Explains a policy's decisions: names of methods, layers, targets and baselines on one side, attribution's plain
 * functions on the other. One explainer serves one policy and keeps its compiled functions until it is disposed.
 */
import { createStream, InputError, sizeOf } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { methodNamed, methods } from '@saccade/attribution';
import type { Attribution, AttributionMethod, Attributor, Cut, Need, OptionValue, Source } from '@saccade/attribution';
import { takeInputAsIs } from '@saccade/nn';
import type { Compile, Policy } from '@saccade/nn';
import { createCuts, observationPerInput } from './cuts.ts';
import type { LayerActivations } from './cuts.ts';
import { createDictionaries } from './dictionary.ts';
import type { Dictionary, DictionaryOptions } from './dictionary.ts';
import { explainWithFactors } from './explainFrame.ts';
import type { FrameExplanation } from './explainFrame.ts';
import type { Explanation } from './explanation.ts';
import { createFrameBank } from './frameBank.ts';
import { interventionsAt, objectReferences } from './frameObjects.ts';
import type { FrameObjects } from './frameObjects.ts';
import { baselinePictures } from './references.ts';
import type { References } from './references.ts';
import { parseTarget } from './target.ts';
import type { NamedTarget } from './target.ts';

export interface ExplainRequest {
  /** A key of `methods`. */
  readonly method: string;
  /** A layer of the network; `input` is the observation scaled to 0-1. */
  readonly layer: string;
  /** As `parseTarget` reads it, or read already. */
  readonly target: string | NamedTarget;
  /** The method's own options, by name. */
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** Seeds what the method draws; the same seed gives the same map. 0 by default. */
  readonly seed?: number;
  /** More observations to compare with, beside the explainer's. */
  readonly references?: References;
  /**
   * What a simulator says of this observation: needed by the methods that take objects away, and by the baselines
   * `without:<object>` and `without:all`.
   */
  readonly objects?: FrameObjects;
  /** Called with the share done, 0-1. */
  readonly progress?: (done: number) => void;
  /** Called with what methods that take long have so far, and the share done, 0-1. */
  readonly draft?: (draft: Explanation, done: number) => void;
}

export interface ExplainFrameRequest {
  readonly layer: string;
  readonly target: string | NamedTarget;
  /** Fitted before; without it, one is fitted on the explainer's bank of frames, or on this frame alone. */
  readonly dictionary?: Dictionary;
  /** How many factors, where a dictionary has to be fitted: 8 by default. */
  readonly factors?: number;
  /** Of integrated gradients. */
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** More observations to compare with, beside the explainer's. */
  readonly references?: References;
  /** Called with what there is so far, and the share done, 0-1. */
  readonly draft?: (draft: FrameExplanation, done: number) => void;
}

export interface Explainer {
  readonly policy: Policy;
  readonly layers: readonly string[];
  readonly methods: Readonly<Record<string, AttributionMethod>>;
  /** @param observation values 0-255, [height, width, channel] */
  explain(
    observation: Uint8Array | Float32Array,
    request: ExplainRequest,
    cancellation?: Cancellation,
  ): Promise<Explanation>;
  /** Which groups of channels, and where, made the target what it is. */
  explainFrame(
    observation: Uint8Array | Float32Array,
    request: ExplainFrameRequest,
    cancellation?: Cancellation,
  ): Promise<FrameExplanation>;
  /** Fits a dictionary of a layer's factors on `observations` [observations, height, width, channel]. */
  fitDictionary(observations: Uint8Array, options: DictionaryOptions, cancellation?: Cancellation): Promise<Dictionary>;
  /** @param observations [observations, height, width, channel] */
  activations(observations: Uint8Array, layer: string, cancellation?: Cancellation): Promise<LayerActivations>;
  cutAt(observation: Uint8Array | Float32Array, layer: string): Promise<Cut>;
  /**
   * The network from its input (0-1) to a layer, every unit of it an output: for projections, feature visualisation
   * and curves of invariance. Residual networks included; owned by the explainer.
   */
  unitsAt(layer: string): Attributor;
  /** Releases the compiled functions. */
  dispose(): void;
}

export interface ExplainerOptions {
  readonly policy: Policy;
  readonly compile: Compile;
  /** Baselines of the policy's environment, by name. `rest` becomes the default at the input. */
  readonly references?: References;
  /** Typical observations [observations, height, width, channel]: the scale of targets, the mean frame, dictionaries. */
  readonly bank?: Uint8Array;
}

export function createExplainer({ policy, compile, references = {}, bank }: ExplainerOptions): Explainer {
  const { network } = policy;
  const size = sizeOf(network.observationShape);
  const inputLayer = network.layers[0];
  const expectReferences = (given: References): void => {
    for (const [name, { length }] of Object.entries(given)) {
      if (length === size) continue;
      const shape = network.observationShape.join(', ');
      throw new InputError(`explainer: expected a reference ${name} of ${size} values [${shape}], got ${length}`);
    }
  };
  expectReferences(references);
  const cuts = createCuts(policy, compile);
  // Points between two inputs are no observations: they enter behind the scaling, whatever the policy's is.
  const fromInput = createCuts(takeInputAsIs(policy), compile);
  const frames = bank && createFrameBank(bank, network.observationShape, cuts);
  const dictionaries = createDictionaries(cuts, bank);

  async function baselinesAt(
    name: string,
    observation: Uint8Array | Float32Array,
    request: ExplainRequest,
    layer: string,
  ): Promise<readonly Float32Array[]> {
    expectReferences(request.references ?? {});
    const hidden = layer !== inputLayer;
    const known = {
      ...(frames ? { mean: frames.meanFrame() } : {}),
      ...(request.objects ? objectReferences(request.objects, name) : {}),
      ...references,
      ...request.references,
    };
    const stream = createStream(request.seed ?? 0, 'baseline');
    const pictures = baselinePictures(name, observation, network.observationShape, hidden, known, stream);
    const activations: Float32Array[] = [];
    for (const picture of pictures) activations.push((await cuts.cutAt(picture, layer)).activation);
    return activations;
  }

  /** The way from the input, for methods that look at both ends; the input is the observation as the policy scales it. */
  async function sourceOf(
    name: string,
    observation: Uint8Array | Float32Array,
    request: ExplainRequest,
  ): Promise<Source> {
    return {
      cut: await cuts.cutAt(observation, inputLayer),
      baselines: await baselinesAt(name, observation, request, inputLayer),
      async toLayer(inputs) {
        const factor = observationPerInput(network);
        return cuts.encode(
          inputs.map((value) => value * factor),
          request.layer,
        );
      },
    };
  }

  const explainer: Explainer = {
    policy,
    layers: network.layers,
    methods,
    async explain(observation, request, cancellation) {
      const { layer, options = {}, seed = 0, progress, draft } = request;
      const method = methodNamed(request.method);
      const target = typeof request.target === 'string' ? parseTarget(request.target, policy) : request.target;
      const cut = await cuts.cutAt(observation, layer);
      const asked = method.options['baseline'];
      const name = String(options['baseline'] ?? asked?.default ?? 'default');
      const needs = (need: Need): boolean => method.needs.includes(need);
      const explanationOf = (attribution: Attribution): Explanation => {
        const warnings = [method.warning, attribution.note].filter((text) => text !== undefined);
        const warning = warnings.length > 0 ? warnings.join(' ') : undefined;
        return { ...attribution, method: request.method, layer, target, warning };
      };
      const attribution = await method.attribute({
        ...cut,
        target: target.target,
        options,
        baselines: asked ? await baselinesAt(name, observation, request, layer) : undefined,
        source: needs('source') ? await sourceOf(name, observation, request) : undefined,
        objects:
          request.objects && needs('objects')
            ? interventionsAt(request.objects, layer, cut.attributor.model.shape, cuts)
            : undefined,
        targetScale: await frames?.spread(target.target),
        random: createStream(seed, 'attribution'),
        cancellation,
        progress,
        draft: draft && ((unfinished, done) => draft(explanationOf(unfinished), done)),
      });
      return explanationOf(attribution);
    },
    async explainFrame(
      observation,
      { layer, target, dictionary, factors = 8, options, references, draft },
      cancellation,
    ) {
      const fitted = dictionary ?? (await dictionaries.forLayer(observation, layer, factors, cancellation));
      const { activation } = await cuts.cutAt(observation, layer);
      const attribution = await explainer.explain(
        observation,
        {
          method: 'integratedGradients',
          layer,
          target,
          options,
          references,
          draft: draft && ((unfinished, done) => draft(explainWithFactors(unfinished, activation, fitted), done)),
        },
        cancellation,
      );
      return explainWithFactors(attribution, activation, fitted);
    },
    fitDictionary: (observations, options, cancellation) => dictionaries.fit(observations, options, cancellation),
    activations: (observations, layer, cancellation) => cuts.activations(observations, layer, cancellation),
    cutAt: (observation, layer) => cuts.cutAt(observation, layer),
    unitsAt: (layer) => cuts.unitsAt(layer),
    dispose() {
      cuts.dispose();
      fromInput.dispose();
    },
  };
  return explainer;
}
