/**
 * Explanations of two frames at once: what made the value jump, and what the critic was wrong about. Neither is a
 * function of one frame.
 */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { methodNamed } from '@saccade/attribution';
import type { OptionValue } from '@saccade/attribution';
import type { Explainer } from './explainer.ts';
import type { Explanation } from './explanation.ts';
import type { References } from './references.ts';
import type { NamedTarget, TargetNames } from './target.ts';

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

/** The TD residual as a target's name; a discount may follow, `td-residual:0.9`. */
export const residualTarget = 'td-residual';

/**
 * The discount of a target that names the TD residual.
 * @param usual the discount where `text` says none
 * @returns undefined where `text` is a target of one frame
 * @throws InputError for a discount outside 0-1
 */
export function residualDiscount(text: string, usual: number): number | undefined {
  if (text === residualTarget) return usual;
  const start = `${residualTarget}:`;
  if (!text.startsWith(start)) return undefined;
  const given = text.slice(start.length);
  const discount = given.trim() === '' ? NaN : Number(given);
  if (discount >= 0 && discount <= 1) return discount;
  throw new InputError(`target: expected ${start}<discount from 0 to 1>, got ${text}`);
}

/** The value of the frame after a step, discounted: the part of a TD residual that one frame can tell. */
export function discountedValue(text: string, discount: number, { actions }: TargetNames): NamedTarget {
  return scaledValue(text, `${discount} x the value`, discount, actions.length);
}

function scaledValue(text: string, label: string, factor: number, actions: number): NamedTarget {
  const weights = new Float32Array(actions + 1);
  weights[actions] = factor;
  return { text, label, units: 'value', target: { kind: 'linear', weights } };
}

export interface ResidualStep {
  readonly before: Uint8Array | Float32Array;
  /** Undefined where the episode terminated: nothing follows. */
  readonly after?: Uint8Array | Float32Array;
  readonly reward: number;
  /** 0-1. */
  readonly discount: number;
}

export interface ResidualRequest {
  /** A method that looks at one frame and takes no objects out of it. */
  readonly method: string;
  readonly layer: string;
  readonly options?: TransitionRequest['options'];
  /** As `ExplainRequest` has them. */
  readonly seed?: number;
  readonly references?: References;
  /** Called with what there is so far, and the share done, 0-1: once the half before is finished. */
  readonly draft?: (draft: ResidualExplanation, done: number) => void;
}

export interface ResidualExplanation {
  /** reward + discount x V(after) - V(before), in the value's units. */
  readonly residual: number;
  readonly reward: number;
  /** Of -V(before). */
  readonly before: Explanation;
  /** Of discount x V(after). */
  readonly after?: Explanation;
}

/**
 * The TD residual attributed to both of its frames. The maps are in the value's units, and linear methods share out
 * `residual` less the reward, which is no frame's.
 * @throws InputError for a discount outside 0-1, a reward that is not finite, and methods and baselines that take objects away:
 * the frames are two, and an object of one need not be in the other
 */
export async function explainResidual(
  explainer: Explainer,
  { before, after, reward, discount }: ResidualStep,
  { draft, ...request }: ResidualRequest,
  cancellation?: Cancellation,
): Promise<ResidualExplanation> {
  if (!(discount >= 0 && discount <= 1)) {
    throw new InputError(`explainResidual: expected a discount from 0 to 1, got ${discount}`);
  }
  if (!Number.isFinite(reward)) throw new InputError(`explainResidual: expected a finite reward, got ${reward}`);
  if (methodNamed(request.method).needs.includes('objects')) {
    throw new InputError(`${residualTarget}: expected a method that takes no objects away, got ${request.method}`);
  }
  const taken = Object.values(request.options ?? {}).find((value) => String(value).startsWith('without:'));
  if (taken !== undefined) {
    throw new InputError(`${residualTarget}: expected a baseline that takes no objects away, got ${taken}`);
  }
  const actions = explainer.policy.actions.length;
  const joined = (lost: Explanation, gained: Explanation | undefined): ResidualExplanation => ({
    residual: reward + (gained?.score ?? 0) + lost.score,
    reward,
    before: lost,
    after: gained,
  });
  const lost = await explainer.explain(
    before,
    { ...request, target: scaledValue('residual:before', 'less the value before', -1, actions) },
    cancellation,
  );
  const gained =
    after &&
    (await explainer.explain(
      after,
      {
        ...request,
        target: scaledValue('residual:after', `${discount} x the value after`, discount, actions),
        draft: draft && ((unfinished, done) => draft(joined(lost, unfinished), 0.5 + done / 2)),
      },
      cancellation,
    ));
  return joined(lost, gained);
}

/**
 * Both halves of a TD residual as one map, position by position: what a place takes from the residual by how it looked
 * before, and adds by how it looks after. The score is the residual; the baseline's is that of both frames there.
 * @param text the target as it was asked for
 */
export function residualMap({ residual, reward, before, after }: ResidualExplanation, text: string): Explanation {
  const halves = after ? [before, after] : [before];
  const errors = halves.map(({ integrationError }) => integrationError).filter((error) => error !== undefined);
  const baselines = halves.map(({ baselineScore }) => baselineScore).filter((score) => score !== undefined);
  return {
    ...before,
    map: after ? before.map.map((value, i) => value + after.map[i]) : before.map,
    score: residual,
    baselineScore: baselines.length > 0 ? baselines.reduce((sum, score) => sum + score, reward) : undefined,
    unattributed: before.unattributed === undefined ? undefined : before.unattributed + (after?.unattributed ?? 0),
    integrationError:
      errors.length > 0
        ? {
            completeness: Math.max(...errors.map(({ completeness }) => completeness)),
            change: Math.max(...errors.map(({ change }) => change)),
            steps: Math.max(...errors.map(({ steps }) => steps)),
            converged: errors.every(({ converged }) => converged),
          }
        : undefined,
    target: { ...before.target, text, label: 'TD residual' },
  };
}
