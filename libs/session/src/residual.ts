/**
 * The TD residual as one target among others: of the step that led to an instant, since a live agent's next step is
 * not known yet. Its map lies over both frames of that step.
 */
import { defaultPpoConfig } from '@saccade/agent';
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { explainResidual, residualMap, residualTarget } from '@saccade/insight';
import type { Explainer, Explanation, ExplainRequest } from '@saccade/insight';
import type { Policy } from '@saccade/nn';
import type { Instant } from './player.ts';

/** The step that led to an instant. */
export interface StepBefore {
  /** Bytes 0-255, [height, width, channel]. */
  readonly observation: Uint8Array;
  readonly reward: number;
  /** Nothing follows a termination: the value of where it led counts for nothing. */
  readonly terminated: boolean;
}

/** Of the instant after `instant`. */
export function stepBefore({ observation, reward, end }: Instant): StepBefore {
  return { observation, reward, terminated: end?.kind === 'terminated' };
}

/** That the policy was trained with, as far as it says. */
export function trainedDiscount({ training }: Policy): number {
  const { gamma } = (training['ppo'] ?? defaultPpoConfig) as { readonly gamma: number };
  return gamma;
}

/** As a choice among targets. */
export function residualTargetInfo(policy: Policy): { name: string; title: string; description: string } {
  const gamma = trainedDiscount(policy);
  const description = `reward + ${gamma} x the value - the value before, of the step that led here: what went better than expected (value)`;
  return { name: residualTarget, title: 'TD residual', description };
}

/** @param observation where the step led */
export async function explainStep(
  explainer: Explainer,
  step: StepBefore | undefined,
  observation: Uint8Array,
  request: Pick<ExplainRequest, 'method' | 'layer' | 'options' | 'references' | 'draft'> & {
    readonly target: string;
    readonly discount: number;
  },
  cancellation?: Cancellation,
): Promise<Explanation> {
  const { target, discount, draft, ...asked } = request;
  if (!step) throw new InputError(`${target}: expected a frame before this one, got the first of its episode`);
  const { reward, terminated } = step;
  const explained = await explainResidual(
    explainer,
    { before: step.observation, after: terminated ? undefined : observation, reward, discount },
    { ...asked, draft: draft && ((unfinished, done) => draft(residualMap(unfinished, target), done)) },
    cancellation,
  );
  return residualMap(explained, target);
}
