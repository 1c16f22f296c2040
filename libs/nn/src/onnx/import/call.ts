/** One ONNX node while it is imported: its inputs and attributes, read with errors that name operator and node. */
import { InputError } from '@saccade/core';
import type { OnnxAttribute, OnnxNode } from '../model.ts';
import type { Constant } from './constant.ts';
import type { Draft } from './draft.ts';
import type { Activation, Value } from './value.ts';

/** `size` elements of an axis from `start`, every `step`-th (backwards where negative). */
export interface AxisSlice {
  readonly axis: number;
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/** What each kind of attribute holds. */
type AttributeValues = { readonly [A in OnnxAttribute as A['kind']]: A['value'] };

export class OperatorCall {
  constructor(
    /** What the file is called in errors. */
    readonly file: string,
    readonly node: OnnxNode,
    /** The layer's name: the node's, or that of its output where it has none. */
    readonly layer: string,
    /** undefined where an optional input was left out. */
    readonly inputs: readonly (Value | undefined)[],
    readonly opset: number,
    readonly draft: Draft,
    /** Whether the node's result is an image to some later node, perhaps through elementwise ones. */
    readonly feedsSpatial: boolean,
    /** The batch that the graph was exported for, where it was not left open. */
    readonly fixedBatch: number | undefined,
  ) {}

  /** @throws InputError that names the operator and the node; `problem` reads `expected ..., got ...` */
  fail(problem: string): never {
    throw new InputError(`${this.file}: ${this.node.opType} ${this.layer}: ${problem}`);
  }

  private attribute<K extends keyof AttributeValues>(name: string, kind: K): AttributeValues[K] | undefined {
    if (!Object.hasOwn(this.node.attributes, name)) return undefined;
    const found = this.node.attributes[name];
    if (found.kind !== kind) this.fail(`expected attribute ${name} as ${kind}, got ${found.kind}`);
    return found.value as AttributeValues[K];
  }

  int(name: string, otherwise: number): number {
    return this.attribute(name, 'int') ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.attribute(name, 'float') ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name, 'ints');
  }

  text(name: string, otherwise: string): string {
    return this.attribute(name, 'string') ?? otherwise;
  }

  /** Input `index`, which must be computed from the observation. */
  activation(index: number): Activation {
    const value = this.inputs[index];
    if (value?.kind !== 'activation') {
      return this.fail(`expected input ${index} to depend on the observation, got ${value ? 'a constant' : 'none'}`);
    }
    return value;
  }

  /** Input `index`, which must be known at import, or undefined where it was left out. */
  optionalConstant(index: number): Constant | undefined {
    const value = this.inputs[index];
    if (value?.kind === 'activation') {
      return this.fail(`expected a constant as input ${index}, got a value that depends on the observation`);
    }
    return value;
  }

  constant(index: number): Constant {
    return this.optionalConstant(index) ?? this.fail(`expected a constant as input ${index}, got none`);
  }

  /** A single number given as an input, or by earlier operator sets as an attribute. */
  number(index: number, attribute: string): number | undefined {
    const constant = this.optionalConstant(index);
    if (constant && constant.data.length !== 1) this.fail(`expected one number as input ${index}`);
    return constant ? constant.data[0] : this.attribute(attribute, 'float');
  }

  /** Axes given as input `index`, or by earlier operator sets as an attribute. */
  axes(index: number): readonly number[] | undefined {
    return this.wholeNumbers(index, 'axes');
  }

  private wholeNumbers(index: number, attribute: string): readonly number[] | undefined {
    const constant = this.optionalConstant(index);
    if (!constant) return this.ints(attribute);
    const strange = [...constant.data].find((value) => !Number.isInteger(value));
    if (strange !== undefined) this.fail(`expected whole numbers as ${attribute}, got ${strange}`);
    return [...constant.data];
  }

  /** The cuts of a Slice of a tensor [dims]; ONNX clamps what lies outside. */
  slices(dims: readonly number[]): AxisSlice[] {
    const starts = this.wholeNumbers(1, 'starts') ?? this.fail('expected starts, got none');
    const ends = this.wholeNumbers(2, 'ends') ?? this.fail('expected ends, got none');
    const axes = this.wholeNumbers(3, 'axes') ?? starts.map((_, i) => i);
    const steps = this.wholeNumbers(4, 'steps') ?? starts.map(() => 1);
    for (const given of [ends, axes, steps]) {
      if (given.length !== starts.length) this.fail(`expected ${starts.length} of each, got ${given.length}`);
    }
    if (steps.includes(0)) this.fail('expected steps other than 0');
    return axes.map((given, i) => {
      const axis = given < 0 ? given + dims.length : given;
      const length = dims[axis] ?? this.fail(`expected an axis below ${dims.length}, got ${given}`);
      const step = steps[i];
      const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
      const place = (value: number): number => (value < 0 ? value + length : value);
      const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
      const start = clamp(place(starts[i]), Math.max(low, 0), high);
      const end = clamp(place(ends[i]), low, high);
      return { axis, start, size: Math.max(0, Math.ceil((end - start) / step)), step };
    });
  }
}
