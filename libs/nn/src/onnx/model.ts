/**
 * The part of the ONNX model format (onnx.proto3, IR version 8) that Saccade reads and writes, as plain objects. Numbers
 * are JavaScript numbers: dimensions and indices beyond 2^53 do not occur in models that fit in memory.
 */

/** TensorProto.DataType numbers. */
export const onnxTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;

export type OnnxType = keyof typeof onnxTypes;

/** A tensor whose `data` is its elements as little-endian bytes, row-major; 8 bytes an element for int64. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: OnnxType;
  readonly data: Uint8Array;
}

/** One attribute of a node. `int` and `ints` hold integers, `float` and `floats` single-precision numbers. */
export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] };

/** An operator applied to named values; an empty input name is an optional input left out. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** '' is the standard operator set. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph input or output. A dimension is a length, or the name of one that is fixed only at run time. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxType;
  /** Absent where the model does not say. */
  readonly shape?: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which every value is computed before it is used. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Operator sets by domain, '' being the standard one. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: OnnxGraph;
}
