/** The tables of operations by which a model can be run: the plain one, and those that change how gradients flow. */
import type * as tf from '@tensorflow/tfjs';
import { l2PoolEpsilon, plainOps } from '@saccade/nn';
import type { Ops } from '@saccade/nn';
import { deconvnetOps, guidedBackpropOps, redirectedOps, smoothPoolOps } from './backprop.ts';
import { deepLiftOps } from './deepLift.ts';
import { relevanceEpsilonOps, relevanceGammaOps, relevanceOfOutputs, relevancePositiveOps } from './relevance.ts';

export interface OpsTableEntry {
  readonly ops: Ops;
  /** The rule compares with a baseline: points come in pairs, and rows of both run through the model together. */
  readonly paired?: true;
  /** Applied to the outputs before the pass back. */
  readonly finish?: (outputs: tf.Tensor) => tf.Tensor;
}

export const opsTables = {
  plain: { ops: plainOps },
  guidedBackprop: { ops: guidedBackpropOps },
  deconvnet: { ops: deconvnetOps },
  redirected: { ops: redirectedOps },
  smoothPools: { ops: smoothPoolOps },
  deepLift: { ops: deepLiftOps(l2PoolEpsilon), paired: true },
  relevanceEpsilon: { ops: relevanceEpsilonOps, finish: relevanceOfOutputs },
  relevanceGamma: { ops: relevanceGammaOps, finish: relevanceOfOutputs },
  relevancePositive: { ops: relevancePositiveOps, finish: relevanceOfOutputs },
} satisfies Record<string, OpsTableEntry>;

export type OpsTable = keyof typeof opsTables;
