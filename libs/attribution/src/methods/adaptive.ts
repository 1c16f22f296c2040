/** What integrals along a path share: their options, and when an estimate is good enough. */
import type { IntegrationError } from '../method.ts';
import type { OptionSpec, OptionSpecs } from '../options.ts';
import { relativeChange } from '../vectors.ts';

/** A map whose relative change under twice the points is larger has not converged, whatever its sum. */
const largestChange = 0.05;

export const baselineOption = {
  kind: 'text',
  default: 'default',
  description: 'What to compare with: default, black, rest, mean, blurred, random, or what the caller offers.',
} as const satisfies OptionSpec;

export const adaptiveOptions = {
  adaptive: {
    kind: 'boolean',
    default: true,
    description: 'Doubles the points until the integration error is within the tolerance.',
  },
  tolerance: {
    kind: 'number',
    default: 0.05,
    minimum: 1e-6,
    maximum: 1,
    description: 'Largest completeness error, relative to the change of the target.',
  },
  maximumSteps: { kind: 'integer', default: 320, minimum: 2, maximum: 8192, description: 'Where doubling stops.' },
} as const satisfies OptionSpecs;

/** |sum - expected| / max(|expected|, the target's usual spread); 0 where nothing is missing. */
export function completenessError(sum: number, expected: number, targetScale: number): number {
  const missing = Math.abs(sum - expected);
  return missing === 0 ? 0 : missing / Math.max(Math.abs(expected), targetScale);
}

/** @param coarse the estimate that `map` is compared with */
export function judge(
  map: Float64Array,
  coarse: Float64Array,
  completeness: number,
  steps: number,
  tolerance: number,
): IntegrationError {
  const change = relativeChange(map, coarse);
  return { completeness, change, steps, converged: completeness <= tolerance && change <= largestChange };
}
