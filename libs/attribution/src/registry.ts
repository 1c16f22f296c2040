/** Every attribution method by its name: the choices of a flag, the entries of a menu, the keys of a cache. */
import { InputError } from '@saccade/core';
import type { AttributionMethod } from './method.ts';
import { gradCam } from './methods/gradCam.ts';
import { integratedGradients } from './methods/integratedGradients.ts';
import { gradient, gradientTimesInput, saliency } from './methods/saliency.ts';

export const methods = {
  saliency,
  gradient,
  gradientTimesInput,
  integratedGradients,
  gradCam,
} satisfies Record<string, AttributionMethod>;

export type MethodName = keyof typeof methods;

/** @throws InputError that lists the methods when `name` is none of them */
export function methodNamed(name: string): AttributionMethod {
  if (!Object.hasOwn(methods, name)) {
    throw new InputError(`method: expected one of ${Object.keys(methods).join(', ')}, got ${name}`);
  }
  return methods[name as MethodName];
}
