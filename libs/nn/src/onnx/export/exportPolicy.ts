/**
 * A policy as an ONNX file that needs nothing else: bytes in, logits and value out, the scaling of pixels inside. Its
 * nodes are called like the network's, so that layers keep their names wherever the file is opened.
 */
import type { Shape } from '@saccade/core';
import { l2PoolEpsilon } from '../../ops.ts';
import type { PoolAttributes } from '../../ops.ts';
import type { HostTensors } from '../../compile.ts';
import type { ElementwiseFunction } from '../../elementwise.ts';
import { nodeShapes, observationNode } from '../../network.ts';
import type { NetworkNode } from '../../node.ts';
import { expectParameters } from '../../policy.ts';
import type { Policy } from '../../policy.ts';
import { pairOf, windowsOf } from '../../shapes.ts';
import type { WindowAxis } from '../../shapes.ts';
import { encodeOnnx } from '../encode.ts';
import { declarationKey } from '../import/declaration.ts';
import type { OnnxAttribute, OnnxModel } from '../model.ts';
import { axisChannelsFirst, GraphWriter } from './writer.ts';
import type { Order } from './writer.ts';

const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
const float = (value: number): OnnxAttribute => ({ kind: 'float', value });

/** Operator set and format version of the files: what runtimes since 2022 read. */
const operatorSet = 17;
const irVersion = 8;

function windowAttributes([vertical, horizontal]: readonly [WindowAxis, WindowAxis]): Record<string, OnnxAttribute> {
  return {
    kernel_shape: ints([vertical.size, horizontal.size]),
    strides: ints([vertical.stride, horizontal.stride]),
    pads: ints([vertical.before, horizontal.before, vertical.after, horizontal.after]),
  };
}

class PolicyWriter {
  constructor(
    private readonly graph: GraphWriter,
    private readonly parameters: HostTensors,
  ) {}

  /** Nodes for one node of the network; the last has its name. */
  write(node: NetworkNode): void {
    const { graph } = this;
    const [input] = node.inputs;
    // The importer's own first layer is called so.
    const name = node.name === 'input' ? 'scaled' : node.name;
    switch (node.op) {
      case 'convolution':
        this.set(node, 'first', this.convolution(node, name));
        break;
      case 'dense': {
        const [kernel, bias] = node.parameters.map((key) => this.parameters[key]);
        const weights = [
          graph.floats(node.parameters[0], kernel.shape, kernel.data),
          graph.floats(node.parameters[1], bias.shape, bias.data),
        ];
        this.set(node, 'last', graph.node('Gemm', name, [graph.get(input, 'last'), ...weights]));
        break;
      }
      case 'affine': {
        const order = graph.orderOf([input]);
        const [scale, shift] = node.parameters.map((key) => {
          const { shape, data } = this.parameters[key];
          return graph.beside(key, shape, data, order);
        });
        const scaled = graph.node('Mul', `${name}/scaled`, [graph.get(input, order), scale]);
        this.set(node, order, graph.node('Add', name, [scaled, shift]));
        break;
      }
      case 'relu':
        this.elementwise(node, 'Relu', name);
        break;
      case 'identity':
        this.elementwise(node, 'Identity', name);
        break;
      case 'scale':
        this.elementwise(node, 'Mul', name, [graph.floats(`${name}/factor`, [], [node.factor])]);
        break;
      case 'elementwise':
        this.nonlinearity(node, node.function, name);
        break;
      case 'softmax': {
        const order = graph.orderOf([input]);
        this.set(
          node,
          order,
          graph.node('Softmax', name, [graph.get(input, order)], { axis: int(order === 'first' ? 1 : -1) }),
        );
        break;
      }
      case 'maxPool':
        this.set(
          node,
          'first',
          graph.node('MaxPool', name, [graph.get(input, 'first')], this.pool(input, node.attributes)),
        );
        break;
      case 'averagePool':
        this.set(node, 'first', this.averagePool(name, graph.get(input, 'first'), this.pool(input, node.attributes)));
        break;
      case 'l2Pool': {
        const x = graph.get(input, 'first');
        const square = graph.node('Mul', `${name}/square`, [x, x]);
        const mean = this.averagePool(`${name}/mean`, square, this.pool(input, node.attributes));
        const epsilon = graph.floats(`${name}/epsilon`, [], [l2PoolEpsilon]);
        const raised = graph.node('Add', `${name}/raised`, [mean, epsilon]);
        this.set(node, 'first', graph.node('Sqrt', name, [raised]));
        break;
      }
      case 'mean': {
        const order = node.keepAxes || graph.shapes[node.name].length <= 1 ? graph.orderOf([input]) : 'last';
        const axes = node.axes.map((axis) => this.axis(axis, order));
        const attributes = { axes: ints(axes), keepdims: int(node.keepAxes ? 1 : 0) };
        const mean = graph.node('ReduceMean', name, [graph.get(input, order)], attributes);
        this.set(node, graph.isImage(node.name) ? order : 'last', mean);
        break;
      }
      case 'add':
        this.joined(node, 'Add', name);
        break;
      case 'multiply':
        this.joined(node, 'Mul', name);
        break;
      case 'concatenate':
        this.joined(node, 'Concat', name, (order) => ({ axis: int(this.axis(node.axis, order)) }));
        break;
      case 'flatten':
        this.set(node, 'last', graph.node('Flatten', name, [graph.get(input, 'last')], { axis: int(1) }));
        break;
      case 'reshape':
        this.set(node, 'last', this.reshape(name, graph.get(input, 'last'), node.shape));
        break;
      case 'transpose': {
        const attributes = { perm: ints(node.permutation) };
        this.set(node, 'last', graph.node('Transpose', name, [graph.get(input, 'last')], attributes));
        break;
      }
      case 'slice': {
        const order = graph.orderOf([input]);
        const cut = [[node.start], [node.start + node.size], [this.axis(node.axis, order)]].map((values, i) =>
          graph.int64s(`${name}/${['start', 'end', 'axis'][i]}`, values),
        );
        this.set(node, order, graph.node('Slice', name, [graph.get(input, order), ...cut]));
        break;
      }
      case 'pad': {
        const order = graph.orderOf([input]);
        const turned = node.paddings.map((_, i) => node.paddings[order === 'first' ? [0, 3, 1, 2][i] : i]);
        const pads = graph.int64s(`${name}/pads`, [
          ...turned.map(([before]) => before),
          ...turned.map(([, after]) => after),
        ]);
        const value = graph.floats(`${name}/value`, [], [node.value]);
        this.set(node, order, graph.node('Pad', name, [graph.get(input, order), pads, value]));
        break;
      }
      default:
        node satisfies never;
    }
  }

  reshape(name: string, value: string, shape: Shape, output?: string): string {
    return this.graph.node('Reshape', name, [value, this.graph.int64s(`${name}/shape`, [-1, ...shape])], {}, output);
  }

  private set({ name }: NetworkNode, order: Order, value: string): void {
    this.graph.set(name, order, value);
  }

  private axis(axis: number, order: Order): number {
    return order === 'first' ? axisChannelsFirst[axis] : axis;
  }

  /** An operator of single elements, in whichever order its input has. */
  private elementwise(
    node: NetworkNode,
    opType: string,
    name: string,
    more: readonly string[] = [],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void {
    const order = this.graph.orderOf(node.inputs);
    this.set(node, order, this.graph.node(opType, name, [this.graph.get(node.inputs[0], order), ...more], attributes));
  }

  private nonlinearity(node: NetworkNode, fn: ElementwiseFunction, name: string): void {
    const number = (what: string, value: number): string => this.graph.floats(`${name}/${what}`, [], [value]);
    switch (fn.kind) {
      case 'tanh':
        return this.elementwise(node, 'Tanh', name);
      case 'sigmoid':
        return this.elementwise(node, 'Sigmoid', name);
      case 'leakyRelu':
        return this.elementwise(node, 'LeakyRelu', name, [], { alpha: float(fn.slope) });
      case 'clip':
        return this.elementwise(node, 'Clip', name, [number('low', fn.low), number('high', fn.high)]);
      case 'power':
        if (fn.exponent === 0.5) return this.elementwise(node, 'Sqrt', name);
        return this.elementwise(node, 'Pow', name, [number('exponent', fn.exponent)]);
      default:
        fn satisfies never;
    }
  }

  /** An operator of several activations, brought to one order. */
  private joined(
    node: NetworkNode,
    opType: string,
    name: string,
    attributes: (order: Order) => Readonly<Record<string, OnnxAttribute>> = () => ({}),
  ): void {
    const order = this.graph.orderOf(node.inputs);
    const inputs = node.inputs.map((input) => this.graph.get(input, order));
    this.set(node, order, this.graph.node(opType, name, inputs, attributes(order)));
  }

  private convolution(node: Extract<NetworkNode, { op: 'convolution' }>, name: string): string {
    const { graph } = this;
    const [kernel, bias] = node.parameters.map((key) => this.parameters[key]);
    const [height, width, inputs, outputs] = kernel.shape;
    const turned = new Float32Array(kernel.data.length);
    // [h, w, i, o] to [o, i, h, w].
    for (let at = 0; at < turned.length; at++) {
      const [cell, rest] = [Math.floor(at / (inputs * outputs)), at % (inputs * outputs)];
      const [i, o] = [Math.floor(rest / outputs), rest % outputs];
      turned[(o * inputs + i) * height * width + cell] = kernel.data[at];
    }
    const weights = [
      graph.floats(node.parameters[0], [outputs, inputs, height, width], turned),
      graph.floats(node.parameters[1], [outputs], bias.data),
    ];
    const { stride, padding } = node.attributes;
    const windows = windowsOf(graph.shapes[node.inputs[0]], [height, width], stride, padding);
    return graph.node('Conv', name, [graph.get(node.inputs[0], 'first'), ...weights], windowAttributes(windows));
  }

  private pool(input: string, { size, stride, padding }: PoolAttributes): Record<string, OnnxAttribute> {
    return windowAttributes(
      windowsOf(this.graph.shapes[input], [...pairOf(size)] as [number, number], stride, padding),
    );
  }

  private averagePool(name: string, x: string, attributes: Readonly<Record<string, OnnxAttribute>>): string {
    return this.graph.node('AveragePool', name, [x], { ...attributes, count_include_pad: int(0) });
  }
}

/** The model of `exportOnnx` before it becomes bytes. */
function modelOf({ network, parameters, actions }: Policy): OnnxModel {
  const graph = new GraphWriter(nodeShapes(network));
  const writer = new PolicyWriter(graph, parameters);
  ['observation', 'logits', 'value'].forEach((name) => graph.reserve(name));
  graph.set(observationNode, 'last', graph.node('Cast', 'observation/float', ['observation'], { to: int(1) }));
  for (const node of network.nodes) writer.write(node);
  graph.node('Identity', 'output/logits', [graph.get(network.logits, 'last')], {}, 'logits');
  writer.reshape('output/value', graph.get(network.value, 'last'), [], 'value');
  const declaration = { actions, observationShape: network.observationShape, logits: 'logits', value: 'value' };
  return {
    irVersion,
    producer: 'saccade',
    opsets: { '': operatorSet },
    metadata: { [declarationKey]: JSON.stringify({ ...declaration, layout: 'nhwc' }) },
    graph: {
      name: network.architecture,
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs: [{ name: 'observation', type: 'uint8', shape: ['batch', ...network.observationShape] }],
      outputs: [
        { name: 'logits', type: 'float32', shape: ['batch', network.actions] },
        { name: 'value', type: 'float32', shape: ['batch'] },
      ],
    },
  };
}

/**
 * The bytes of an ONNX file (operator set 17): input `observation`, uint8 [batch, height, width, channel]; outputs
 * `logits` [batch, actions] and `value` [batch]. The batch may have any length. Actions travel in the metadata, so that
 * `policyFromOnnx` gives the policy back; check it with `comparePolicies`, or against a runtime's outputs with
 * `compareOutputs`.
 */
export function exportOnnx(policy: Policy): Uint8Array {
  expectParameters(policy.network, policy.parameters, 'exportOnnx');
  return encodeOnnx(modelOf(policy));
}
