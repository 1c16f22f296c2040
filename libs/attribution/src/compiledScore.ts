/**
 * What an engine is handed: a model's outputs, or the gradient of a score made of them, as functions of fixed shape.
 * Everything that varies from call to call is an input: points, targets, baselines, what bypasses the layer.
 */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '@saccade/core';
import type { Compile, CompiledFunction, Tensors, TensorSpec } from '@saccade/nn';
import type { DifferentiableModel } from './model.ts';
import { opsTables } from './ops/tables.ts';
import type { OpsTable, OpsTableEntry } from './ops/tables.ts';
import { nonlinearScore } from './targets.ts';
import type { NonlinearTarget } from './targets.ts';

/** `pullBack` is the gradient of a weighted sum of outputs; the others are nonlinear targets over a mask of logits. */
export type Kind = 'outputs' | 'pullBack' | NonlinearTarget['kind'];

export interface ScoreFunction {
  readonly kind: Kind;
  readonly table: OpsTable;
  /** Points of one call. */
  readonly batch: number;
  /**
   * How many sums of gradients to return in place of one gradient a point. The points then lie on a line: `ends`
   * [2, ...shape] and `mix` [batch, 2] make them, and the context is one set for all.
   */
  readonly shares?: number;
}

/** How many weights a point has: one an output, or one a logit. */
export function weightsOf(model: DifferentiableModel, kind: Kind): number {
  return kind === 'pullBack' ? model.outputs : model.logits;
}

/**
 * Inputs: `points` [batch, ...shape] (on a line: `ends`, `mix`, `shares` [sums, batch]), `weights` [batch, weights],
 * `baselines` like points for paired tables, `context/<name>`. Outputs: `outputs` [batch, outputs] or `scores` [batch],
 * and `gradients` [batch, ...shape] or `sums` [sums, ...shape].
 */
export function compileScore(
  model: DifferentiableModel,
  compile: Compile,
  { kind, table, batch, shares }: ScoreFunction,
): Promise<CompiledFunction> {
  const { ops, paired, finish }: OpsTableEntry = opsTables[table];
  const context = model.context ?? {};
  const many = [batch, ...model.shape];
  const inputs: Record<string, TensorSpec> =
    shares === undefined
      ? { points: { shape: many, dtype: 'float32' } }
      : {
          ends: { shape: [2, ...model.shape], dtype: 'float32' },
          mix: { shape: [batch, 2], dtype: 'float32' },
          shares: { shape: [shares, batch], dtype: 'float32' },
        };
  if (kind !== 'outputs') inputs['weights'] = { shape: [batch, weightsOf(model, kind)], dtype: 'float32' };
  if (paired) inputs['baselines'] = { shape: many, dtype: 'float32' };
  for (const [name, { shape, dtype }] of Object.entries(context)) {
    inputs[`context/${name}`] = { shape: [shares === undefined ? batch : 1, ...shape], dtype };
  }

  const pointsOf = (tensors: Tensors): tf.Tensor => {
    if (shares === undefined)
      return paired ? tf.concat([tensors['points'], tensors['baselines']], 0) : tensors['points'];
    const ends = tf.reshape(tensors['ends'], [2, sizeOf(model.shape)]);
    return tf.reshape(tf.matMul(tensors['mix'] as tf.Tensor2D, ends as tf.Tensor2D), many);
  };
  const contextOf = (tensors: Tensors, name: string): tf.Tensor => {
    const given = tensors[`context/${name}`];
    if (shares !== undefined) return tf.tile(given, [batch, ...given.shape.slice(1).map(() => 1)]);
    return paired ? tf.concat([given, given], 0) : given;
  };
  const first = (x: tf.Tensor): tf.Tensor =>
    paired
      ? tf.slice(
          x,
          x.shape.map(() => 0),
          [batch, ...x.shape.slice(1)],
        )
      : x;
  const added = (gradients: tf.Tensor, tensors: Tensors): Tensors => {
    if (shares === undefined) return { gradients: first(gradients) };
    const rows = tf.reshape(gradients, [batch, sizeOf(model.shape)]);
    return { sums: tf.matMul(tensors['shares'] as tf.Tensor2D, rows as tf.Tensor2D) };
  };

  return compile(
    (tensors, constants): Tensors => {
      const beside = Object.fromEntries(Object.keys(context).map((name) => [name, contextOf(tensors, name)]));
      const outputsOf = (points: tf.Tensor): tf.Tensor2D => {
        const outputs = model.score(points, ops, constants, beside);
        return finish ? (finish(outputs) as tf.Tensor2D) : outputs;
      };
      const points = pointsOf(tensors);
      if (kind === 'outputs') return { outputs: first(outputsOf(points)) };
      const given = tensors['weights'] as tf.Tensor2D;
      const weights = paired ? (tf.concat([given, given], 0) as tf.Tensor2D) : given;
      if (kind === 'pullBack') {
        const { value, grad } = tf.valueAndGrad(outputsOf)(points, weights);
        return { outputs: first(value), ...added(grad, tensors) };
      }
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => nonlinearScore(kind, outputsOf(x), weights))(points);
      return { scores: first(value), ...added(grad, tensors) };
    },
    { inputs, constants: model.constants },
  );
}
