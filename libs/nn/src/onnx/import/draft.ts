/** The network that an import builds up: nodes with their shapes, parameters, and both forms of each image. */
import { internalError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { HostTensor } from '../../compile.ts';
import { observationNode, shapeIn } from '../../network.ts';
import type { ParameterSpec } from '../../network.ts';
import type { NetworkNode, NodeOperation } from '../../node.ts';
import { toChannelsFirst, toChannelsLast } from './value.ts';
import type { Activation } from './value.ts';

export class Draft {
  readonly nodes: NetworkNode[] = [];
  readonly specs: Record<string, ParameterSpec> = {};
  readonly tensors: Record<string, HostTensor> = {};
  readonly shapes: Record<string, Shape>;
  private readonly otherForms = new Map<string, Activation>();

  constructor(observationShape: Shape) {
    this.shapes = { [observationNode]: observationShape };
  }

  /** `wanted`, or with a number behind it where that name is taken. */
  freeName(wanted: string): string {
    let name = wanted;
    for (let i = 2; name in this.shapes; i++) name = `${wanted}:${i}`;
    return name;
  }

  /** @throws InputError naming the node when the shapes of its inputs do not fit */
  add(name: string, operation: NodeOperation, inputs: readonly string[]): string {
    if (name in this.shapes) throw internalError(`two nodes are called ${name}`);
    const node: NetworkNode = { name, inputs, ...operation };
    const shape = shapeIn(node, this.shapes, this.specs);
    this.nodes.push(node);
    this.shapes[name] = shape;
    return name;
  }

  parameter(name: string, shape: Shape, values: ArrayLike<number>): string {
    this.specs[name] = { shape, gain: shape.length > 1 ? Math.SQRT2 : 0 };
    this.tensors[name] = { shape, dtype: 'float32', data: Float32Array.from(values) };
    return name;
  }

  /** Lengths of an ONNX value's axes in its own order, without the batch axis. */
  dims({ node, channelsLast }: Activation): Shape {
    const shape = this.shapes[node];
    return channelsLast ? [shape[2], shape[0], shape[1]] : shape;
  }

  rank(activation: Activation): number {
    return this.shapes[activation.node].length;
  }

  /** The value as [height, width, channel], given that the graph means [channel, height, width]. */
  channelsLast(activation: Activation): Activation {
    return activation.channelsLast ? activation : this.turned(activation);
  }

  /** The value with its axes in ONNX's order. */
  asWritten(activation: Activation): Activation {
    return activation.channelsLast ? this.turned(activation) : activation;
  }

  private turned(activation: Activation): Activation {
    const known = this.otherForms.get(activation.node);
    if (known) return known;
    const channelsLast = !activation.channelsLast;
    const permutation = channelsLast ? toChannelsLast : toChannelsFirst;
    const name = this.freeName(`${activation.node}:${channelsLast ? 'channels-last' : 'channels-first'}`);
    const turned: Activation = {
      kind: 'activation',
      node: this.add(name, { op: 'transpose', permutation }, [activation.node]),
      channelsLast,
    };
    this.otherForms.set(activation.node, turned);
    this.otherForms.set(turned.node, activation);
    return turned;
  }
}
