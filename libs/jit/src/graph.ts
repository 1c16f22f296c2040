/**
 * The graph under construction: values, and the nodes that compute them. A node that already exists with the same
 * operator, inputs and attributes is used again, so kernels may ask for a transpose or a constant as often as they
 * need one; what no output needs is left out of the model.
 */
import { internalError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import { encodeOnnx } from '@saccade/nn';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '@saccade/nn';

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8';
export type ConstantData = Float32Array | Int32Array | Uint8Array;

/** One value of the graph: an input, a constant, or a node's output. */
export interface Value {
  readonly id: number;
  /** Those the graph makes up begin with a colon, which no input or output of a function does. */
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly node?: Node;
  /** A constant's elements; an int64 constant is kept in an Int32Array. */
  readonly data?: ConstantData;
  /** A constant all of whose elements are this number; `data` is then absent. */
  readonly splat?: number;
}

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly outputs: Value[];
}

export interface OutputType {
  readonly type: ElementType;
  readonly shape: Shape;
}

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const text = (value: string): OnnxAttribute => ({ kind: 'string', value });

/** The operator set of every graph: 18 is the first whose ScatterElements adds and whose reductions take axes. */
const OPSET = 18;
const IR_VERSION = 8;
/** Constants up to this size are compared by content; larger ones are told apart by identity. */
const SHARED_SIZE = 128;
/** Larger splats are written as a ConstantOfShape node, not as that many numbers. */
const SPLAT_SIZE = 64;

export class Graph {
  private count = 0;
  private readonly known = new Map<string, readonly Value[]>();
  private readonly inputs: Value[] = [];

  input(name: string, type: ElementType, shape: Shape): Value {
    const value: Value = { id: this.count++, name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /** A constant holding `data`, which is not copied. */
  constant(type: ElementType, shape: Shape, data: ConstantData): Value {
    if (sizeOf(shape) !== data.length) throw internalError(`constant [${shape.join(', ')}] of ${data.length} elements`);
    if (data.length > 0 && data.every((x) => Object.is(x, data[0]))) return this.splat(type, shape, data[0]);
    const make = (): Value => {
      const id = this.count++;
      return { id, name: `:c${id}`, type, shape, data };
    };
    if (data.length > SHARED_SIZE) return make();
    return this.share(`constant ${type} ${shape.join(',')} ${data.join(',')}`, () => [make()])[0];
  }

  splat(type: ElementType, shape: Shape, value: number): Value {
    const key = Object.is(value, -0) ? '-0' : String(value);
    return this.share(`splat ${type} ${shape.join(',')} ${key}`, () => {
      const id = this.count++;
      return [{ id, name: `:c${id}`, type, shape, splat: value }];
    })[0];
  }

  scalar(value: number, type: ElementType = 'float32'): Value {
    return this.splat(type, [], value);
  }

  /** A vector of shapes, axes or starts, as operators take them. */
  int64s(values: readonly number[]): Value {
    return this.constant('int64', [values.length], Int32Array.from(values));
  }

  /** Appends a node with one output. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    output: OutputType,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): Value {
    return this.nodes(op, inputs, [output], attributes, domain)[0];
  }

  /** The output of such a node if there already is one. */
  existing(op: string, inputs: readonly (Value | undefined)[], output: OutputType): Value | undefined {
    return this.known.get(keyOf(op, inputs, [output], {}, ''))?.[0];
  }

  /** Appends a node with several outputs. */
  nodes(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly OutputType[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): readonly Value[] {
    const key = keyOf(op, inputs, outputs, attributes, domain);
    return this.share(key, () => {
      const node: Node = { op, domain, inputs, attributes, outputs: [] };
      for (const { type, shape } of outputs) {
        const id = this.count++;
        node.outputs.push({ id, name: `:v${id}`, type, shape, node });
      }
      return node.outputs;
    });
  }

  /** The bytes of the model that computes `outputs`; every declared input stays an input, used or not. */
  encode(outputs: Readonly<Record<string, Value>>): Uint8Array {
    const named = Object.entries(outputs);
    const values = [...reachable(named.map(([, value]) => value))].sort((a, b) => a.id - b.id);
    const initializers: OnnxTensor[] = [];
    const nodes: OnnxNode[] = [];
    const written = new Set<Node>();
    for (const value of values) {
      const { node } = value;
      if (value.splat !== undefined && sizeOf(value.shape) > SPLAT_SIZE) {
        const shape = this.int64s(value.shape);
        initializers.push({ ...tensorOf(shape), name: `${value.name}_shape` });
        nodes.push({
          name: value.name,
          opType: 'ConstantOfShape',
          domain: '',
          inputs: [`${value.name}_shape`],
          outputs: [value.name],
          attributes: { value: { kind: 'tensor', value: tensorOf({ ...value, name: '', shape: [1] }) } },
        });
      } else if (value.data !== undefined || value.splat !== undefined) {
        initializers.push(tensorOf(value));
      } else if (node !== undefined && !written.has(node)) {
        written.add(node);
        nodes.push({
          name: `${node.op}_${node.outputs[0].name}`,
          opType: node.op,
          domain: node.domain,
          inputs: node.inputs.map((input) => input?.name ?? ''),
          outputs: node.outputs.map((output) => output.name),
          attributes: node.attributes,
        });
      }
    }
    for (const [name, value] of named) {
      nodes.push({
        name: `output_${name}`,
        opType: 'Identity',
        domain: '',
        inputs: [value.name],
        outputs: [name],
        attributes: {},
      });
    }
    const domains = new Set(nodes.map((node) => node.domain));
    return encodeOnnx({
      irVersion: IR_VERSION,
      producer: 'saccade',
      opsets: domains.has('com.microsoft') ? { '': OPSET, 'com.microsoft': 1 } : { '': OPSET },
      metadata: {},
      graph: {
        name: 'saccade',
        nodes,
        initializers,
        inputs: this.inputs.map(({ name, type, shape }) => ({ name, type, shape })),
        outputs: named.map(([name, { type, shape }]) => ({ name, type, shape })),
      },
    });
  }

  /** The most bytes that are alive at once when the nodes run in order, each value from its making to its last use. */
  peakBytes(outputs: Readonly<Record<string, Value>>): number {
    const values = [...reachable(Object.values(outputs))].sort((a, b) => a.id - b.id);
    const lastUse = new Map<Value, number>();
    for (const value of values) {
      for (const input of value.node?.inputs ?? []) if (input !== undefined) lastUse.set(input, value.id);
    }
    for (const value of Object.values(outputs)) lastUse.set(value, Infinity);
    const ending = new Map<number, number>();
    let alive = 0;
    let peak = 0;
    for (const value of values) {
      const bytes = bytesOfValue(value);
      alive += bytes;
      peak = Math.max(peak, alive);
      // Inputs and weights are held by others all along.
      const end = value.node === undefined ? Infinity : (lastUse.get(value) ?? value.id);
      ending.set(end, (ending.get(end) ?? 0) + bytes);
      alive -= ending.get(value.id) ?? 0;
    }
    return peak;
  }

  private share(key: string, make: () => readonly Value[]): readonly Value[] {
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.known.set(key, made);
    return made;
  }
}

function keyOf(
  op: string,
  inputs: readonly (Value | undefined)[],
  outputs: readonly OutputType[],
  attributes: Readonly<Record<string, OnnxAttribute>>,
  domain: string,
): string {
  const types = outputs.map(({ type, shape }) => `${type}[${shape.join(',')}]`).join(';');
  return `${domain}:${op} ${inputs.map((x) => x?.id ?? '').join(',')} ${JSON.stringify(attributes)} ${types}`;
}

function reachable(outputs: readonly Value[]): Set<Value> {
  const seen = new Set<Value>();
  const waiting = [...outputs];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const input of value.node?.inputs ?? []) if (input !== undefined) waiting.push(input);
  }
  return seen;
}

const BYTES: Readonly<Record<ElementType, number>> = { float32: 4, int32: 4, int64: 8, bool: 1, uint8: 1 };

/** A reshape shares its argument's memory. */
function bytesOfValue({ type, shape, node }: Value): number {
  return node?.op === 'Reshape' ? 0 : BYTES[type] * sizeOf(shape);
}

function tensorOf(value: Value): OnnxTensor {
  const { name, type, shape } = value;
  return { name, dims: shape, type, data: bytesOf(type, dataOf(value)) };
}

/** A constant's elements, splats written out. */
export function dataOf({ name, type, shape, data, splat }: Value): ConstantData {
  if (data !== undefined) return data;
  if (splat === undefined) throw internalError(`value ${name} is not a constant`);
  const size = sizeOf(shape);
  if (type === 'float32') return new Float32Array(size).fill(splat);
  return type === 'bool' || type === 'uint8' ? new Uint8Array(size).fill(splat) : new Int32Array(size).fill(splat);
}

function bytesOf(type: ElementType, data: ConstantData): Uint8Array {
  if (type !== 'int64') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const wide = new Int32Array(data.length * 2);
  data.forEach((value: number, i: number) => {
    wide[2 * i] = value;
    wide[2 * i + 1] = value < 0 ? -1 : 0;
  });
  return new Uint8Array(wide.buffer);
}
