/** The shape of every attribution method: what it is asked, what it answers, and how it describes itself. */
import { expectLength, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation, RandomStream, Shape } from '@saccade/core';
import type { Attributor, EvaluationOptions } from './attributor.ts';
import type { Context } from './model.ts';
import type { OpsTable } from './ops/tables.ts';
import { parseOptions } from './options.ts';
import type { OptionSpecs, OptionValue, OptionValues } from './options.ts';
import type { Target } from './targets.ts';

/** An activation and the model that goes on from it. */
export interface Cut {
  readonly attributor: Attributor;
  /** [...attributor.model.shape]. */
  readonly activation: Float32Array;
  /** What bypasses the layer, where something does. */
  readonly context?: Context;
}

/** The way from the input to the layer that is attributed to, for methods that need both ends. */
export interface Source {
  /** The observation at the input, and the model that goes on from there. */
  readonly cut: Cut;
  /** References at the input [...input shape]; zero where there is none. */
  readonly baselines?: readonly Float32Array[];
  /** Inputs [points, ...input shape] -> the layer, [points, ...layer shape], and what bypasses it, one set a point. */
  toLayer(inputs: Float32Array): Promise<{ readonly activations: Float32Array; readonly context?: Context }>;
}

/** What a simulator can do to a frame: take objects out and render again. */
export interface ObjectInterventions {
  /** Nearest to the agent first. */
  readonly names: readonly string[];
  /** 1 where the object is seen, at the layer's [height, width]; one an object. */
  readonly masks: readonly Uint8Array[];
  /** The frame without these objects (indices), at the layer. */
  without(removed: readonly number[]): Promise<Omit<Cut, 'attributor'>>;
}

/** What a method cannot do without, beyond a cut and a target. */
export type Need = 'source' | 'objects' | 'random' | 'logits';

export interface AttributionRequest extends Cut {
  readonly target: Target;
  /** By name; parsed against the method's `options`. */
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** Reference activations [...shape] of the methods that compare with one; several are averaged. Zero by default. */
  readonly baselines?: readonly Float32Array[];
  /** The target's usual spread (its standard deviation over a bank of frames), in the target's units. */
  readonly targetScale?: number;
  /** Required by methods that draw random numbers. */
  readonly random?: RandomStream;
  /** Required by methods that look at the input beside the layer. */
  readonly source?: Source;
  /** Required by methods that take objects away. */
  readonly objects?: ObjectInterventions;
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1, by methods that take long. */
  readonly progress?: (done: number) => void;
  /**
   * Called by methods that take long with what they have so far, and the share done, 0-1: whole maps, coarser or
   * noisier than the one that is returned, which is the same whether or not anybody looks at drafts.
   */
  readonly draft?: (draft: Attribution, done: number) => void;
}

/** How far a quadrature is from its integral. It says nothing of whether the map is faithful to the model. */
export interface IntegrationError {
  /** |sum of the map - (score - baseline score)| / max(|score - baseline score|, target scale). */
  readonly completeness: number;
  /** ||map - map from half the points|| / ||map||. */
  readonly change: number;
  /** Quadrature points of the finest estimate. */
  readonly steps: number;
  /** Are both numbers within the tolerance asked for? */
  readonly converged: boolean;
}

export interface Attribution {
  /** In the target's units unless the method says otherwise; row-major, [...shape]. */
  readonly map: Float32Array;
  /** [height, width, channel], [height, width] where the method has no channels, or [features]. */
  readonly shape: Shape;
  readonly signed: boolean;
  /** The target at the activation. */
  readonly score: number;
  /** The target at the baseline (mean over baselines), for methods that have one. */
  readonly baselineScore?: number;
  readonly integrationError?: IntegrationError;
  /** What the map leaves out of score - baseline score (of the score, where there is no baseline). */
  readonly unattributed?: number;
  /** What a reader of this map has to know of how it was made; shown with it. */
  readonly note?: string;
  /** What each object of the request contributed, [objects]. */
  readonly objects?: Float32Array;
}

export interface AttributionMethod {
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: OptionSpecs;
  /** Has the map a sign? With options that say otherwise, the attribution's own field holds. */
  readonly signed: boolean;
  readonly family: 'gradient' | 'propagation' | 'perturbation' | 'objects';
  readonly needs: readonly Need[];
  /** Shown wherever the method is: why its maps mislead. */
  readonly warning?: string;
  /** For methods that, with their default options, are a function of one gradient: many points then take one call. */
  readonly ofGradient?: GradientMap;
  attribute(request: AttributionRequest): Promise<Attribution>;
}

export interface GradientMap {
  /** The operations that the gradient is taken with. */
  readonly ops: OpsTable;
  /** The map's value where the gradient is `slope`. */
  value(slope: number, activation: number): number;
}

interface MethodDefinition<Specs extends OptionSpecs> {
  readonly title: string;
  readonly description: string;
  readonly options: Specs;
  readonly signed: boolean;
  readonly family: AttributionMethod['family'];
  readonly needs?: readonly Need[];
  readonly warning?: string;
  readonly ofGradient?: GradientMap;
  attribute(request: AttributionRequest, options: OptionValues<Specs>): Promise<Attribution>;
}

/** Makes a method whose options arrive parsed and whose request and map have been checked. */
export function defineMethod<const Specs extends OptionSpecs>(definition: MethodDefinition<Specs>): AttributionMethod {
  const { title, description, options, signed, family, needs = [], warning, ofGradient } = definition;
  return {
    title,
    description,
    options,
    signed,
    family,
    needs,
    warning,
    ofGradient,
    async attribute(request) {
      throwIfAborted(request.cancellation, title);
      const { shape } = request.attributor.model;
      expectLength(title, 'activation', shape, request.activation.length);
      expectFiniteActivation(title, 'activation', request.activation);
      for (const baseline of request.baselines ?? []) {
        expectLength(title, 'baseline', shape, baseline.length);
        expectFiniteActivation(title, 'baseline', baseline);
      }
      for (const need of needs) {
        const present = need === 'logits' ? request.attributor.model.logits > 0 : request[need] !== undefined;
        if (!present) throw new InputError(`${title}: expected ${needed[need]}, got none`);
      }
      return definition.attribute(request, parseOptions(title, options, request.options));
    },
  };
}

const needed: Readonly<Record<Need, string>> = {
  source: 'the way from the input to the layer',
  objects: 'the objects of the frame (from a simulator)',
  random: 'a random stream',
  logits: 'a model with logits',
};

function expectFiniteActivation(title: string, what: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at !== -1) throw new InputError(`${title}: expected finite values in the ${what}, got ${values[at]} at ${at}`);
}

/** What every evaluation of a request shares. */
export function evaluationOf({ context, cancellation }: AttributionRequest): EvaluationOptions {
  return { context, cancellation };
}

/** @throws InputError unless the layer is [height, width, channel]. */
export function expectSpatial(title: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) {
    throw new InputError(`${title}: expected a layer [height, width, channel], got [${shape.join(', ')}]`);
  }
  return [shape[0], shape[1], shape[2]];
}
