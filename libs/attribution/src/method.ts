/** The shape of every attribution method: what it is asked, what it answers, and how it describes itself. */
import { expectLength, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation, RandomStream, Shape } from '@saccade/core';
import type { Attributor, EvaluationOptions } from './attributor.ts';
import type { Context } from './model.ts';
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
  readonly cancellation?: Cancellation;
  /** Called with the share done, 0-1, by methods that take long. */
  readonly progress?: (done: number) => void;
}

/** How far a quadrature is from its integral. It says nothing of whether the map is faithful to the model. */
export interface IntegrationError {
  /** |sum of the map - (score - baseline score)| / max(|score - baseline score|, target scale). */
  readonly completeness: number;
  /** ||map - map at half the points|| / ||map||. */
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
}

export interface AttributionMethod {
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: OptionSpecs;
  /** Has the map a sign? */
  readonly signed: boolean;
  /** Shown wherever the method is: why its maps mislead. */
  readonly warning?: string;
  attribute(request: AttributionRequest): Promise<Attribution>;
}

interface MethodDefinition<Specs extends OptionSpecs> {
  readonly title: string;
  readonly description: string;
  readonly options: Specs;
  readonly signed: boolean;
  readonly warning?: string;
  attribute(request: AttributionRequest, options: OptionValues<Specs>): Promise<Attribution>;
}

/** Makes a method whose options arrive parsed and whose request and map have been checked. */
export function defineMethod<const Specs extends OptionSpecs>(definition: MethodDefinition<Specs>): AttributionMethod {
  const { title, description, options, signed, warning } = definition;
  return {
    title,
    description,
    options,
    signed,
    warning,
    async attribute(request) {
      throwIfAborted(request.cancellation, title);
      const { shape } = request.attributor.model;
      expectLength(title, 'activation', shape, request.activation.length);
      expectFiniteActivation(title, 'activation', request.activation);
      for (const baseline of request.baselines ?? []) {
        expectLength(title, 'baseline', shape, baseline.length);
        expectFiniteActivation(title, 'baseline', baseline);
      }
      return definition.attribute(request, parseOptions(title, options, request.options));
    },
  };
}

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
