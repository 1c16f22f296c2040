/** One node of a network as data, and how it is computed with a table of ops. */
import type * as tf from '@tensorflow/tfjs';
import { InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { Tensors } from './compile.ts';
import type { ElementwiseFunction } from './elementwise.ts';
import type { ConvolutionAttributes, Ops, PoolAttributes } from './ops.ts';

/** What a node does; the members mean what they mean in `Ops`. `parameters` name tensors of the parameter table. */
export type NodeOperation =
  | {
      readonly op: 'convolution';
      readonly parameters: readonly [kernel: string, bias: string];
      readonly attributes: ConvolutionAttributes;
    }
  | { readonly op: 'dense'; readonly parameters: readonly [kernel: string, bias: string] }
  | { readonly op: 'affine'; readonly parameters: readonly [scale: string, shift: string] }
  | { readonly op: 'relu' | 'softmax' | 'add' | 'multiply' | 'flatten' }
  /** The input under another name: a layer of an imported graph that computes nothing. */
  | { readonly op: 'identity' }
  | { readonly op: 'elementwise'; readonly function: ElementwiseFunction }
  | { readonly op: 'maxPool' | 'averagePool' | 'l2Pool'; readonly attributes: PoolAttributes }
  | { readonly op: 'mean'; readonly axes: readonly number[]; readonly keepAxes: boolean }
  | { readonly op: 'scale'; readonly factor: number }
  | { readonly op: 'reshape'; readonly shape: Shape }
  | { readonly op: 'transpose'; readonly permutation: readonly number[] }
  | { readonly op: 'concatenate'; readonly axis: number }
  | { readonly op: 'slice'; readonly axis: number; readonly start: number; readonly size: number }
  | { readonly op: 'pad'; readonly paddings: readonly [number, number][]; readonly value: number };

/** `inputs` name earlier nodes (`observation` is the first). Axes count the batch's, which is axis 0. */
export type NetworkNode = { readonly name: string; readonly inputs: readonly string[] } & NodeOperation;

/** @throws InputError when a parameter is missing */
export function runNode(node: NetworkNode, parameters: Tensors, at: (name: string) => tf.Tensor, ops: Ops): tf.Tensor {
  const x = at(node.inputs[0]);
  const parameter = (name: string): tf.Tensor => {
    const tensor = parameters[name];
    if (!tensor)
      throw new InputError(`forward: expected a parameter ${name}, got ${Object.keys(parameters).join(', ')}`);
    return tensor;
  };
  switch (node.op) {
    case 'convolution':
      return ops.convolution(x, parameter(node.parameters[0]), parameter(node.parameters[1]), node.attributes);
    case 'dense':
      return ops.dense(x, parameter(node.parameters[0]), parameter(node.parameters[1]));
    case 'affine':
      return ops.affine(x, parameter(node.parameters[0]), parameter(node.parameters[1]));
    case 'relu':
      return ops.relu(x);
    case 'softmax':
      return ops.softmax(x);
    case 'elementwise':
      return ops.elementwise(x, node.function);
    case 'maxPool':
      return ops.maxPool(x, node.attributes);
    case 'averagePool':
      return ops.averagePool(x, node.attributes);
    case 'l2Pool':
      return ops.l2Pool(x, node.attributes);
    case 'mean':
      return ops.mean(x, node.axes, node.keepAxes);
    case 'add':
      return ops.add(x, at(node.inputs[1]));
    case 'multiply':
      return ops.multiply(x, at(node.inputs[1]));
    case 'scale':
      return ops.scale(x, node.factor);
    case 'identity':
      return x;
    case 'flatten':
      return ops.flatten(x);
    case 'reshape':
      return ops.reshape(x, node.shape);
    case 'transpose':
      return ops.transpose(x, node.permutation);
    case 'concatenate':
      return ops.concatenate(node.inputs.map(at), node.axis);
    case 'slice':
      return ops.slice(x, node.axis, node.start, node.size);
    case 'pad':
      return ops.pad(x, node.paddings, node.value);
    default:
      return node satisfies never;
  }
}
