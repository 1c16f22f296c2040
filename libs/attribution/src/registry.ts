/** Every attribution method by its name: the choices of a flag, the entries of a menu, the keys of a cache. */
import { InputError } from '@saccade/core';
import type { AttributionMethod } from './method.ts';
import { blurPerturbation } from './methods/blurPerturbation.ts';
import { conductance } from './methods/conductance.ts';
import { deepLift } from './methods/deepLift.ts';
import { gradCam } from './methods/gradCam.ts';
import { guidedGradCam } from './methods/guidedGradCam.ts';
import { integratedGradients } from './methods/integratedGradients.ts';
import { deconvnet, guidedBackprop } from './methods/modifiedBackprop.ts';
import { ablation, shapley } from './methods/objects.ts';
import { occlusion } from './methods/occlusion.ts';
import { relevance } from './methods/relevance.ts';
import { gradient, gradientTimesInput, saliency } from './methods/saliency.ts';
import { sarfa } from './methods/sarfa.ts';
import { smoothGradOver } from './methods/smoothGrad.ts';

const onOneActivation = {
  saliency,
  gradient,
  gradientTimesInput,
  integratedGradients,
  guidedBackprop,
  deconvnet,
  gradCam,
  deepLift,
  relevance,
  occlusion,
  blurPerturbation,
  sarfa,
} satisfies Record<string, AttributionMethod>;

export const methods = {
  ...onOneActivation,
  guidedGradCam,
  conductance,
  smoothGrad: smoothGradOver(onOneActivation),
  ablation,
  shapley,
} satisfies Record<string, AttributionMethod>;

export type MethodName = keyof typeof methods;

/** @throws InputError that lists the methods when `name` is none of them */
export function methodNamed(name: string): AttributionMethod {
  if (!Object.hasOwn(methods, name)) {
    throw new InputError(`method: expected one of ${Object.keys(methods).join(', ')}, got ${name}`);
  }
  return methods[name as MethodName];
}
