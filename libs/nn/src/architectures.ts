/** The networks that Saccade trains, each a builder from the observation's shape and the number of actions. */
import { InputError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { nodeShapes, observationNode, shapeIn } from './network.ts';
import type { Network, ParameterSpec } from './network.ts';
import type { NetworkNode } from './node.ts';
import type { Padding } from './ops.ts';

/** Collects nodes in order while it tracks the shape of the last one, so that builders read like tables. */
class NetworkBuilder {
  private readonly nodes: NetworkNode[] = [];
  private readonly parameters: Record<string, ParameterSpec> = {};
  private readonly shapes: Record<string, Shape>;
  private readonly layers: string[] = [];
  private last = observationNode;

  constructor(private readonly observationShape: Shape) {
    this.shapes = { [observationNode]: observationShape };
    this.push({ name: 'input', op: 'scale', inputs: [this.last], factor: 1 / 255 });
    this.layers.push('input');
  }

  private push(node: NetworkNode): void {
    this.nodes.push(node);
    this.shapes[node.name] = shapeIn(node, this.shapes, this.parameters);
    this.last = node.name;
  }

  /** Length of the last node's last axis. */
  private channels(): number {
    return this.shapes[this.last][this.shapes[this.last].length - 1];
  }

  private weights(name: string, shape: Shape, gain: number): [string, string] {
    this.parameters[`${name}/kernel`] = { shape, gain };
    this.parameters[`${name}/bias`] = { shape: [shape[shape.length - 1]], gain: 0 };
    return [`${name}/kernel`, `${name}/bias`];
  }

  convolution(name: string, kernel: number, channels: number, stride = 1, padding: Padding = 'same'): this {
    const parameters = this.weights(name, [kernel, kernel, this.channels(), channels], Math.SQRT2);
    const attributes = { stride, padding };
    this.push({ name: `${name}/convolution`, op: 'convolution', inputs: [this.last], parameters, attributes });
    return this;
  }

  /** The layer people mean by `name`: the output of the ReLU, before any pool. */
  relu(name: string): this {
    this.push({ name, op: 'relu', inputs: [this.last] });
    this.layers.push(name);
    return this;
  }

  pool(name: string, op: 'maxPool' | 'averagePool' | 'l2Pool', size: number, stride: number): this {
    this.push({ name: `${name}/pool`, op, inputs: [this.last], attributes: { size, stride, padding: 'same' } });
    return this;
  }

  /** ReLU, convolution, ReLU, convolution, plus the input (IMPALA, Espeholt et al. 2018). The sum is the layer. */
  residual(name: string): this {
    const start = this.last;
    const channels = this.channels();
    this.relu(`${name}/a`).convolution(`${name}/a`, 3, channels);
    this.relu(`${name}/b`).convolution(`${name}/b`, 3, channels);
    this.push({ name, op: 'add', inputs: [this.last, start] });
    this.layers.push(name);
    return this;
  }

  flatten(): this {
    this.push({ name: 'flatten', op: 'flatten', inputs: [this.last] });
    return this;
  }

  dense(name: string, features: number): this {
    const parameters = this.weights(name, [this.channels(), features], Math.SQRT2);
    this.push({ name: `${name}/dense`, op: 'dense', inputs: [this.last], parameters });
    return this.relu(name);
  }

  heads(architecture: string, actions: number): Network {
    const trunk = this.last;
    const features = this.channels();
    for (const [name, outputs, gain] of [
      ['logits', actions, 0.01],
      ['value', 1, 1],
    ] as const) {
      const parameters = this.weights(name, [features, outputs], gain);
      this.push({ name, op: 'dense', inputs: [trunk], parameters });
    }
    const { nodes, parameters, layers, observationShape } = this;
    return {
      architecture,
      observationShape,
      actions,
      nodes,
      parameters,
      layers,
      layerShapes: Object.fromEntries(layers.map((layer) => [layer, this.shapes[layer]])),
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
  const shapes = nodeShapes(network);
  let total = 0;
  for (const node of network.nodes) {
    if (node.op !== 'convolution' && node.op !== 'dense') continue;
    const [height, width] = node.op === 'dense' ? [1, 1] : shapes[node.name];
    total += sizeOf(network.parameters[node.parameters[0]].shape) * height * width;
  }
  return total;
}
