/**
 * What attribution works on: a differentiable function from one layer's activation to a row of outputs. It knows
 * nothing of policies, environments or engines; whoever has a network cuts it at a layer and hands the rest over.
 */
import type * as tf from '@tensorflow/tfjs';
import type { HostTensors, Ops, Tensors, TensorSpec } from '@saccade/nn';
import type { Shape } from '@saccade/core';

export interface DifferentiableModel {
  /** Of one activation, without the batch axis: [height, width, channel], or [features]. */
  readonly shape: Shape;
  /** How many outputs `score` returns for one activation: the logits, then whatever follows (a value). */
  readonly outputs: number;
  /** How many of the outputs, from the first, are logits of one categorical distribution; 0 where none are. */
  readonly logits: number;
  /** The parameters, constant for the life of the model. */
  readonly constants: HostTensors;
  /** Tensors that bypass the layer (residual networks), by name: their shapes for one activation, without batch. */
  readonly context?: Readonly<Record<string, TensorSpec>>;
  /**
   * activation [batch, ...shape], context [batch, ...] -> [batch, outputs]. Pure; computes with `ops` alone, so that
   * a method can change how gradients flow.
   */
  score(activation: tf.Tensor, ops: Ops, constants: Tensors, context: Tensors): tf.Tensor2D;
}

/** Values of the tensors that bypass the layer: for one activation, or one set a point. By name, row-major. */
export type Context = Readonly<Record<string, Float32Array>>;
