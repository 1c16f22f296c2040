/** The networks that Saccade trains, each a builder from the observation's shape and the number of actions. */
import { InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { observationNode } from './network.ts';
import type { Network, NetworkNode, ParameterSpec } from './network.ts';
import type { Padding } from './ops.ts';

interface Geometry {
  height: number;
  width: number;
  channels: number;
}

function reduced(length: number, size: number, stride: number, padding: Padding): number {
  return padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - size) / stride) + 1;
}

/** Collects nodes in order while it tracks the shape of the last one, so that builders read like tables. */
class NetworkBuilder {
  private readonly nodes: NetworkNode[] = [];
  private readonly parameters: Record<string, ParameterSpec> = {};
  private readonly layerShapes: Record<string, Shape> = {};
  private readonly layers: string[] = [];
  private last = observationNode;
  private at: Geometry;

  constructor(private readonly observationShape: Shape) {
    const [height, width, channels] = observationShape;
    this.at = { height, width, channels };
    this.push({ name: 'input', op: 'scale', inputs: [this.last], factor: 1 / 255 });
    this.markLayer('input');
  }

  private push(node: NetworkNode): void {
    this.nodes.push(node);
    this.last = node.name;
  }

  private shape(): Shape {
    return this.at.height === 0 ? [this.at.channels] : [this.at.height, this.at.width, this.at.channels];
  }

  private markLayer(name: string): void {
    this.layers.push(name);
    this.layerShapes[name] = this.shape();
  }

  private weights(name: string, shape: Shape, gain: number): [string, string] {
    this.parameters[`${name}/kernel`] = { shape, gain };
    this.parameters[`${name}/bias`] = { shape: [shape[shape.length - 1]], gain: 0 };
    return [`${name}/kernel`, `${name}/bias`];
  }

  convolution(name: string, kernel: number, channels: number, stride = 1, padding: Padding = 'same'): this {
    const parameters = this.weights(`${name}`, [kernel, kernel, this.at.channels, channels], Math.SQRT2);
    this.push({
      name: `${name}/convolution`,
      op: 'convolution',
      inputs: [this.last],
      parameters,
      attributes: { stride, padding },
    });
    const { height, width } = this.at;
    this.at = {
      height: reduced(height, kernel, stride, padding),
      width: reduced(width, kernel, stride, padding),
      channels,
    };
    return this;
  }

  /** The layer people mean by `name`: the output of the ReLU, before any pool. */
  relu(name: string): this {
    this.push({ name, op: 'relu', inputs: [this.last] });
    this.markLayer(name);
    return this;
  }

  pool(name: string, op: 'maxPool' | 'averagePool' | 'l2Pool', size: number, stride: number): this {
    this.push({ name: `${name}/pool`, op, inputs: [this.last], attributes: { size, stride, padding: 'same' } });
    const { height, width, channels } = this.at;
    this.at = { height: Math.ceil(height / stride), width: Math.ceil(width / stride), channels };
    return this;
  }

  /** ReLU, convolution, ReLU, convolution, plus the input (IMPALA, Espeholt et al. 2018). The sum is the layer. */
  residual(name: string): this {
    const start = this.last;
    const channels = this.at.channels;
    this.relu(`${name}/a`).convolution(`${name}/a`, 3, channels);
    this.relu(`${name}/b`).convolution(`${name}/b`, 3, channels);
    this.push({ name, op: 'add', inputs: [this.last, start] });
    this.markLayer(name);
    return this;
  }

  flatten(): this {
    this.push({ name: 'flatten', op: 'flatten', inputs: [this.last] });
    const { height, width, channels } = this.at;
    this.at = { height: 0, width: 0, channels: height * width * channels };
    return this;
  }

  dense(name: string, features: number): this {
    const parameters = this.weights(name, [this.at.channels, features], Math.SQRT2);
    this.push({ name: `${name}/dense`, op: 'dense', inputs: [this.last], parameters });
    this.at = { height: 0, width: 0, channels: features };
    return this.relu(name);
  }

  heads(architecture: string, actions: number): Network {
    const trunk = this.last;
    const features = this.at.channels;
    for (const [name, outputs, gain] of [
      ['logits', actions, 0.01],
      ['value', 1, 1],
    ] as const) {
      const parameters = this.weights(name, [features, outputs], gain);
      this.push({ name, op: 'dense', inputs: [trunk], parameters });
    }
    const { nodes, parameters, layers, layerShapes, observationShape } = this;
    return {
      architecture,
      observationShape,
      actions,
      nodes,
      parameters,
      layers,
      layerShapes,
      logits: 'logits',
      value: 'value',
    };
  }
}

/** Small enough to train on two cores: 5.5 M multiply-adds a frame, 157 k parameters; 2b is 16x16x32. */
function compact(observationShape: Shape, actions: number): Network {
  return new NetworkBuilder(observationShape)
    .convolution('1a', 5, 16, 2)
    .relu('1a')
    .pool('1a', 'l2Pool', 2, 2)
    .convolution('2a', 3, 32)
    .relu('2a')
    .convolution('2b', 3, 32)
    .relu('2b')
    .pool('2b', 'l2Pool', 2, 2)
    .convolution('3a', 3, 32)
    .relu('3a')
    .pool('3a', 'l2Pool', 2, 2)
    .flatten()
    .dense('dense1', 256)
    .heads('compact', actions);
}

/** The network of Understanding RL Vision (Hilton et al. 2020): 57.4 M multiply-adds, 360,138 parameters at 9 actions. */
function clearCnn(observationShape: Shape, actions: number): Network {
  return new NetworkBuilder(observationShape)
    .convolution('1a', 7, 16)
    .relu('1a')
    .pool('1a', 'l2Pool', 2, 2)
    .convolution('2a', 5, 32)
    .relu('2a')
    .convolution('2b', 5, 32)
    .relu('2b')
    .pool('2b', 'l2Pool', 2, 2)
    .convolution('3a', 5, 32)
    .relu('3a')
    .pool('3a', 'l2Pool', 2, 2)
    .convolution('4a', 5, 32)
    .relu('4a')
    .pool('4a', 'l2Pool', 2, 2)
    .flatten()
    .dense('dense1', 256)
    .dense('dense2', 512)
    .heads('clear_cnn', actions);
}

/** IMPALA's residual network (Espeholt et al. 2018), as procgen's baselines use it: 15 convolutions, 256 dense. */
function impala(observationShape: Shape, actions: number): Network {
  const builder = new NetworkBuilder(observationShape);
  [16, 32, 32].forEach((channels, i) => {
    const name = String(i + 1);
    builder.convolution(name, 3, channels).pool(name, 'maxPool', 3, 2).residual(`${name}a`).residual(`${name}b`);
  });
  return builder.relu('final').flatten().dense('dense1', 256).heads('impala', actions);
}

/** The network of Mnih et al. 2015: three convolutions, 512 dense. */
function nature(observationShape: Shape, actions: number): Network {
  return new NetworkBuilder(observationShape)
    .convolution('1a', 8, 32, 4, 'valid')
    .relu('1a')
    .convolution('2a', 4, 64, 2, 'valid')
    .relu('2a')
    .convolution('3a', 3, 64, 1, 'valid')
    .relu('3a')
    .flatten()
    .dense('dense1', 512)
    .heads('nature', actions);
}

/** Two small dense layers, for observations of a few cells (the corridor). */
function perceptron(observationShape: Shape, actions: number): Network {
  return new NetworkBuilder(observationShape)
    .flatten()
    .dense('dense1', 32)
    .dense('dense2', 32)
    .heads('perceptron', actions);
}

export const architectures = { compact, clear_cnn: clearCnn, impala, nature, perceptron } satisfies Record<
  string,
  (observationShape: Shape, actions: number) => Network
>;
export type Architecture = keyof typeof architectures;

/** @throws InputError that lists the architectures when `name` is none of them. */
export function buildNetwork(name: string, observationShape: Shape, actions: number): Network {
  if (!Object.hasOwn(architectures, name)) {
    throw new InputError(`network: expected one of ${Object.keys(architectures).join(', ')}, got ${name}`);
  }
  return architectures[name as Architecture](observationShape, actions);
}

/** Multiply-adds of one forward pass of one observation, convolutions and dense layers alone. */
export function multiplyAdds(network: Network): number {
  let total = 0;
  for (const node of network.nodes) {
    if (node.op !== 'convolution' && node.op !== 'dense') continue;
    const size = network.parameters[node.parameters[0]].shape.reduce((product, axis) => product * axis, 1);
    total += node.op === 'dense' ? size : size * positionsOf(network, node.name);
  }
  return total;
}

/** Output positions of a convolution, followed from the observation through strides and pools. */
function positionsOf(network: Network, target: string): number {
  const shapes = new Map<string, [number, number]>([
    [observationNode, [network.observationShape[0], network.observationShape[1]]],
  ]);
  for (const node of network.nodes) {
    const [height, width] = shapes.get(node.inputs[0]) ?? [1, 1];
    let shape: [number, number] = [height, width];
    if (node.op === 'convolution') {
      const size = network.parameters[node.parameters[0]].shape[0];
      const { stride, padding } = node.attributes;
      shape = [reduced(height, size, stride, padding), reduced(width, size, stride, padding)];
    } else if (node.op === 'maxPool' || node.op === 'averagePool' || node.op === 'l2Pool') {
      const { size, stride, padding } = node.attributes;
      shape = [reduced(height, size, stride, padding), reduced(width, size, stride, padding)];
    }
    shapes.set(node.name, shape);
    if (node.name === target) return shape[0] * shape[1];
  }
  return 1;
}
