/**
 * Constants of an ONNX graph as plain numbers: weights, and the shape vectors that exporters compute with. Whatever
 * follows from constants alone is folded at import, so that a network holds nothing but activations and parameters.
 */
import { InputError, sizeOf } from '@saccade/core';
import type { OnnxTensor } from '../model.ts';

export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  /** Division of integers truncates. */
  readonly integer: boolean;
  readonly data: Float32Array | Float64Array;
}

export function constantOf(dims: readonly number[], values: Iterable<number>, integer = true): Constant {
  return { kind: 'constant', dims, integer, data: Float64Array.from(values) };
}

/** IEEE half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @param file what it is called in errors @throws InputError when an element is NaN */
export function constantFrom({ name, dims, type, data }: OnnxTensor, file: string): Constant {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = sizeOf(dims);
  const each = (read: (at: number) => number, bytes: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => read(i * bytes));
  const read = (): Float32Array | Float64Array => {
    switch (type) {
      case 'float32':
        return new Float32Array(Uint8Array.from(data).buffer);
      case 'float64':
        return each((at) => view.getFloat64(at, true), 8);
      case 'float16':
        return each((at) => half(view.getUint16(at, true)), 2);
      case 'int64':
        return each((at) => Number(view.getBigInt64(at, true)), 8);
      case 'int32':
        return each((at) => view.getInt32(at, true), 4);
      case 'int16':
        return each((at) => view.getInt16(at, true), 2);
      case 'uint16':
        return each((at) => view.getUint16(at, true), 2);
      case 'int8':
        return each((at) => view.getInt8(at), 1);
      case 'uint8':
      case 'bool':
        return each((at) => view.getUint8(at), 1);
      default:
        return type satisfies never;
    }
  };
  const values = read();
  const integer = !type.startsWith('float');
  if (!integer && values.some((value) => Number.isNaN(value))) {
    throw new InputError(`${file}: tensor ${name}: expected numbers, got NaN`);
  }
  return { kind: 'constant', dims, integer, data: values };
}

/** Row-major strides of `dims`. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * dims[i + 1];
  return strides;
}

/**
 * The elements of an array [dims] in the order of a result [shape] whose axis i steps `strides[i]` elements from
 * `start`: transposing, slicing and broadcasting are all of this form.
 */
export function strided(
  data: Float32Array | Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let at = start;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

export function transposeConstant(constant: Constant, permutation: readonly number[]): Constant {
  const strides = stridesOf(constant.dims);
  const dims = permutation.map((axis) => constant.dims[axis]);
  const data = strided(
    constant.data,
    dims,
    permutation.map((axis) => strides[axis]),
  );
  return { ...constant, dims, data };
}
