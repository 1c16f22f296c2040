/** What an operator of the import is, and what several of them share. */
import type { Shape } from '@saccade/core';
import type { NodeOperation } from '../../../node.ts';
import type { OperatorCall } from '../call.ts';
import type { Constant } from '../constant.ts';
import type { Activation } from '../value.ts';
import { axisChannelsLast, toChannelsLast } from '../value.ts';
import { transposeConstant } from '../constant.ts';

/** Adds the nodes of one ONNX node to the draft; the last one has the layer's name. */
export type Operator = (call: OperatorCall) => Activation;

/** Ends an operator: the node that carries the layer's name. */
export function layer(
  call: OperatorCall,
  operation: NodeOperation,
  inputs: readonly Activation[],
  channelsLast = inputs[0].channelsLast,
): Activation {
  const node = call.draft.add(
    call.layer,
    operation,
    inputs.map((input) => input.node),
  );
  return { kind: 'activation', node, channelsLast };
}

/** A node on the way to the layer's, named after it. */
export function step(
  call: OperatorCall,
  suffix: string,
  operation: NodeOperation,
  inputs: readonly Activation[],
): Activation {
  const node = call.draft.add(
    call.draft.freeName(`${call.layer}:${suffix}`),
    operation,
    inputs.map((input) => input.node),
  );
  return { kind: 'activation', node, channelsLast: inputs[0].channelsLast };
}

/** x * scale + shift, the layer. Scale and shift have the axes of x's node, without the batch's. */
export function affineLayer(call: OperatorCall, x: Activation, scale: HostArray, shift: HostArray): Activation {
  const parameters = [
    call.draft.parameter(`${call.layer}/scale`, scale.shape, scale.data),
    call.draft.parameter(`${call.layer}/shift`, shift.shape, shift.data),
  ] as const;
  return layer(call, { op: 'affine', parameters }, [x]);
}

export interface HostArray {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

export const scalar = (value: number): HostArray => ({ shape: [], data: [value] });

/** A constant as it is broadcast against x: in the order of x's node, without the batch axis. */
export function beside(call: OperatorCall, constant: Constant, x: Activation): HostArray {
  if (constant.data.length === 1) return scalar(constant.data[0]);
  if (constant.data.length === 0) call.fail(`expected a constant with elements, got [${constant.dims.join(', ')}]`);
  const rank = call.draft.rank(x);
  let { dims } = constant;
  if (dims.length > rank) {
    if (dims.length > rank + 1 || dims[0] !== 1) {
      call.fail(`expected a constant that is the same for the whole batch, got [${dims.join(', ')}]`);
    }
    dims = dims.slice(1);
  }
  if (!x.channelsLast) return { shape: dims, data: constant.data };
  const image = { ...constant, dims: [1, ...Array.from({ length: 3 - dims.length }, () => 1), ...dims] };
  const turned = transposeConstant(image, toChannelsLast);
  return { shape: turned.dims.slice(1), data: turned.data };
}

/**
 * An axis of an ONNX value as the axis of its node, the batch's being 0.
 * @throws InputError when it is the batch's or does not exist
 */
export function nodeAxis(call: OperatorCall, axis: number, x: Activation): number {
  const rank = call.draft.rank(x) + 1;
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) call.fail(`expected an axis of a value of ${rank} axes, got ${axis}`);
  if (positive === 0) call.fail('expected an axis other than the batch, got axis 0');
  return x.channelsLast ? axisChannelsLast[positive] : positive;
}

/** The value as an image, channels last. */
export function imageInput(call: OperatorCall): Activation {
  const x = call.activation(0);
  if (call.draft.rank(x) !== 3) {
    call.fail(`expected an input [batch, channel, height, width], got [batch, ${call.draft.dims(x).join(', ')}]`);
  }
  return call.draft.channelsLast(x);
}
