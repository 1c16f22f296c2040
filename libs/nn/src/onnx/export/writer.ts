/** An ONNX graph while it is written: nodes, weights, and both orders of each image's axes, made when first needed. */
import { sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../model.ts';

/** `last`: as the network computes it, channels last. `first`: images with their channels behind the batch. */
export type Order = 'last' | 'first';

/** Where axis i of a network's image lies when channels come first. */
export const axisChannelsFirst: readonly number[] = [0, 2, 3, 1];

const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });

export class GraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  private readonly forms = new Map<string, Partial<Record<Order, string>>>();
  private readonly taken = new Set<string>();

  /** @param shapes of the network's nodes, without the batch axis */
  constructor(readonly shapes: Readonly<Record<string, Shape>>) {}

  private freeName(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}:${i}`;
    this.taken.add(name);
    return name;
  }

  /** Keeps a name for the graph's inputs and outputs. */
  reserve(name: string): string {
    this.taken.add(name);
    return name;
  }

  /** Adds a node with one output and returns the name of that. */
  node(
    opType: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = this.freeName(`${name}:out`),
  ): string {
    this.nodes.push({ name, opType, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  floats(name: string, dims: Shape, values: ArrayLike<number>): string {
    const data = new Uint8Array(Float32Array.from(values).buffer);
    const free = this.freeName(name);
    this.initializers.push({ name: free, dims, type: 'float32', data });
    return free;
  }

  int64s(name: string, values: readonly number[]): string {
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    const free = this.freeName(name);
    this.initializers.push({ name: free, dims: [values.length], type: 'int64', data });
    return free;
  }

  /** Records that `value` computes the network's node. */
  set(networkNode: string, order: Order, value: string): void {
    this.forms.set(networkNode, { ...this.forms.get(networkNode), [order]: value });
  }

  isImage(networkNode: string): boolean {
    return this.shapes[networkNode].length === 3;
  }

  has(networkNode: string, order: Order): boolean {
    return this.forms.get(networkNode)?.[order] !== undefined;
  }

  /** The order in which all of `networkNodes` cost the fewest transposes: first where one of them has only that. */
  orderOf(networkNodes: readonly string[]): Order {
    const images = networkNodes.every((name) => this.isImage(name));
    return images && networkNodes.some((name) => !this.has(name, 'last')) ? 'first' : 'last';
  }

  /** The value of a network's node in an order of axes. */
  get(networkNode: string, order: Order): string {
    const known = this.forms.get(networkNode) ?? {};
    const found = known[order];
    if (found !== undefined) return found;
    const [other, permutation] = order === 'first' ? [known.last, [0, 3, 1, 2]] : [known.first, [0, 2, 3, 1]];
    const name = `${networkNode}:channels-${order}`;
    const turned = this.node('Transpose', name, [other ?? networkNode], { perm: ints(permutation) });
    this.set(networkNode, order, turned);
    return turned;
  }

  /** A parameter that is broadcast against a network's node: scalars, or the trailing axes of its shape. */
  beside(name: string, shape: Shape, values: ArrayLike<number>, order: Order): string {
    if (order === 'last' || sizeOf(shape) === 1) return this.floats(name, sizeOf(shape) === 1 ? [] : shape, values);
    const [height, width, channels] = [...Array.from({ length: 3 - shape.length }, () => 1), ...shape];
    const turned = Array.from({ length: values.length }, (_, at) => {
      const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
      return values[(y * width + x) * channels + c];
    });
    return this.floats(name, [channels, height, width], turned);
  }
}
