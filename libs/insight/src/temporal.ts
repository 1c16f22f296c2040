/**
 * Explanations of two frames at once: what made the value jump, and what the critic was wrong about. Neither is a
 * function of one frame.
 */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { OptionValue } from '@saccade/attribution';
import type { Explainer } from './explainer.ts';
import type { Explanation } from './explanation.ts';
import type { NamedTarget } from './target.ts';

export interface TransitionRequest {
  readonly layer: string;
  /** As `parseTarget` reads it: `value` explains a spike. */
  readonly target: string;
  /** Of integrated gradients. */
  readonly options?: Readonly<Record<string, OptionValue>>;
  /** Called with what there is so far, and the share done, 0-1. */
  readonly draft?: (draft: Explanation, done: number) => void;
}

/** Integrated gradients from one frame to the next: sums to target(after) - target(before). */
export function explainTransition(
  explainer: Explainer,
  before: Uint8Array,
  after: Uint8Array,
  { layer, target, options, draft }: TransitionRequest,
  cancellation?: Cancellation,
): Promise<Explanation> {
  return explainer.explain(
    after,
    {
      method: 'integratedGradients',
      layer,
      target,
      options: { ...options, baseline: 'before' },
      references: { before },
      draft,
    },
    cancellation,
  );
}

export interface ResidualStep {
  readonly before: Uint8Array;
  /** Undefined where the episode terminated: nothing follows. */
  readonly after?: Uint8Array;
  readonly reward: number;
  /** 0-1. */
  readonly discount: number;
}

export interface ResidualExplanation {
  /** reward + discount x V(after) - V(before), in the value's units. */
  readonly residual: number;
  /** Of -V(before). */
  readonly before: Explanation;
  /** Of discount x V(after). */
  readonly after?: Explanation;
}

/** The TD residual attributed to both of its frames. Any method; the maps are in the value's units. */
export async function explainResidual(
  explainer: Explainer,
  { before, after, reward, discount }: ResidualStep,
  request: { readonly method: string; readonly layer: string; readonly options?: TransitionRequest['options'] },
  cancellation?: Cancellation,
): Promise<ResidualExplanation> {
  if (!(discount >= 0 && discount <= 1)) {
    throw new InputError(`explainResidual: expected a discount from 0 to 1, got ${discount}`);
  }
  const { actions } = explainer.policy;
  const scaledValue = (text: string, label: string, factor: number): NamedTarget => {
    const weights = new Float32Array(actions.length + 1);
    weights[actions.length] = factor;
    return { text, label, units: 'value', target: { kind: 'linear', weights } };
  };
  const lost = await explainer.explain(
    before,
    { ...request, target: scaledValue('residual:before', 'less the value before', -1) },
    cancellation,
  );
  const gained =
    after &&
    (await explainer.explain(
      after,
      { ...request, target: scaledValue('residual:after', `${discount} x the value after`, discount) },
      cancellation,
    ));
  return { residual: reward + (gained?.score ?? 0) + lost.score, before: lost, after: gained };
}
