/**
 * Protobuf bytes as an ONNX model. What other exporters write in typed fields (float_data, int64_data ...) arrives as
 * the same little-endian bytes as raw_data, so that readers know one form.
 */
import protobuf from 'protobufjs/minimal.js';
import { InputError, sizeOf } from '@saccade/core';
import { onnxTypes } from './model.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxType, OnnxValueInfo } from './model.ts';

type Reader = protobuf.Reader;
type Integer = ReturnType<Reader['int64']>;

const typeNames = new Map<number, OnnxType>(
  Object.entries(onnxTypes).map(([name, code]) => [code, name as OnnxType] as const),
);

const BYTES: Readonly<Record<OnnxType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
};

/**
 * Reads a `.onnx` file. Throws an InputError that says what is wrong with bytes that are not a whole ONNX model, whose
 * weights lie in another file, or that hold subgraphs, sparse or string tensors.
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  try {
    // A plain Reader: handed a Node Buffer, protobufjs would make one whose slices share memory.
    return readModel(new protobuf.Reader(bytes));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `decodeOnnx: expected a whole ONNX model, got ${bytes.length} bytes that do not parse (${reason})`,
    );
  }
}

function readModel(reader: Reader): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: OnnxGraph | undefined;
  const opsets: Record<string, number> = {};
  const metadata: Record<string, string> = {};
  fields(reader, undefined, (field) => {
    switch (field) {
      case 1:
        irVersion = integer(reader.int64());
        return true;
      case 2:
        producer = reader.string();
        return true;
      case 7:
        graph = readGraph(reader, endOf(reader));
        return true;
      case 8: {
        let domain = '';
        let version = 0;
        fields(reader, endOf(reader), (inner) => {
          if (inner === 1) domain = reader.string();
          else if (inner === 2) version = integer(reader.int64());
          else return false;
          return true;
        });
        opsets[domain === 'ai.onnx' ? '' : domain] = version;
        return true;
      }
      case 14: {
        let key = '';
        let value = '';
        fields(reader, endOf(reader), (inner) => {
          if (inner === 1) key = reader.string();
          else if (inner === 2) value = reader.string();
          else return false;
          return true;
        });
        metadata[key] = value;
        return true;
      }
      default:
        return false;
    }
  });
  if (graph === undefined) throw new InputError('decodeOnnx: expected an ONNX model, got a file without a graph');
  return { irVersion, producer, opsets, metadata, graph };
}

function readGraph(reader: Reader, end: number): OnnxGraph {
  let name = '';
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  fields(reader, end, (field) => {
    if (field === 1) nodes.push(readNode(reader, endOf(reader)));
    else if (field === 2) name = reader.string();
    else if (field === 5) initializers.push(readTensor(reader, endOf(reader)));
    else if (field === 11) inputs.push(readValueInfo(reader, endOf(reader)));
    else if (field === 12) outputs.push(readValueInfo(reader, endOf(reader)));
    else if (field === 15) throw new InputError('decodeOnnx: expected dense initializers, got a sparse one');
    else return false;
    return true;
  });
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(reader: Reader, end: number): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, OnnxAttribute> = {};
  let name = '';
  let opType = '';
  let domain = '';
  fields(reader, end, (field) => {
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 3) name = reader.string();
    else if (field === 4) opType = reader.string();
    else if (field === 5) {
      const [key, attribute] = readAttribute(reader, endOf(reader), `${opType} ${name}`);
      attributes[key] = attribute;
    } else if (field === 7) domain = reader.string();
    else return false;
    return true;
  });
  return { name, opType, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

/** @param owner operator and name of the node, as far as they were read (writers put them before attributes) */
function readAttribute(reader: Reader, end: number, owner: string): [string, OnnxAttribute] {
  let name = '';
  let type = 0;
  let float = 0;
  let int = 0;
  let string = '';
  let tensor: OnnxTensor | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  fields(reader, end, (field, wireType) => {
    if (field === 1) name = reader.string();
    else if (field === 2) float = reader.float();
    else if (field === 3) int = integer(reader.int64());
    else if (field === 4) string = reader.string();
    else if (field === 5) tensor = readTensor(reader, endOf(reader));
    else if (field === 7) repeated(reader, wireType, () => floats.push(reader.float()));
    else if (field === 8) repeated(reader, wireType, () => ints.push(integer(reader.int64())));
    else if (field === 9) strings.push(reader.string());
    else if (field === 20) type = reader.int32();
    else return false;
    return true;
  });
  return [name, attributeOf(name, type, { float, int, string, tensor, floats, ints, strings }, owner)];
}

interface AttributeFields {
  readonly float: number;
  readonly int: number;
  readonly string: string;
  readonly tensor: OnnxTensor | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly string[];
}

function attributeOf(name: string, type: number, value: AttributeFields, owner: string): OnnxAttribute {
  switch (type) {
    case 1:
      return { kind: 'float', value: value.float };
    case 2:
      return { kind: 'int', value: value.int };
    case 3:
      return { kind: 'string', value: value.string };
    case 4:
      if (value.tensor !== undefined) return { kind: 'tensor', value: value.tensor };
      break;
    case 6:
      return { kind: 'floats', value: value.floats };
    case 7:
      return { kind: 'ints', value: value.ints };
    case 8:
      return { kind: 'strings', value: value.strings };
  }
  if (type === 5 || type === 10) {
    throw new InputError(`decodeOnnx: ${owner}: this operator is not supported (its ${name} is a graph of its own)`);
  }
  throw new InputError(
    `decodeOnnx: ${owner}: expected attribute ${name} to be numbers, text or a tensor, got type ${type}`,
  );
}

function readTensor(reader: Reader, end: number): OnnxTensor {
  const dims: number[] = [];
  const numbers: number[] = [];
  const wide: Integer[] = [];
  let name = '';
  let code = 0;
  let raw: Uint8Array | undefined;
  let external = false;
  fields(reader, end, (field, wireType) => {
    if (field === 1) repeated(reader, wireType, () => dims.push(integer(reader.int64())));
    else if (field === 2) code = reader.int32();
    else if (field === 4) repeated(reader, wireType, () => numbers.push(reader.float()));
    else if (field === 5) repeated(reader, wireType, () => numbers.push(reader.int32()));
    else if (field === 7) repeated(reader, wireType, () => wide.push(reader.int64()));
    else if (field === 8) name = reader.string();
    else if (field === 9) raw = copied(reader.bytes());
    else if (field === 10) repeated(reader, wireType, () => numbers.push(reader.double()));
    else if (field === 14) external = reader.int32() === 1;
    else return false;
    return true;
  });
  const type = typeOf(code, `tensor ${name}`);
  if (external)
    throw new InputError(`decodeOnnx: expected weights inside the file, got tensor ${name} in another file`);
  const data = raw ?? (type === 'int64' ? bytesOfWide(wide) : bytesOfNumbers(type, numbers));
  const expected = sizeOf(dims) * BYTES[type];
  if (data.length !== expected) {
    throw new InputError(
      `decodeOnnx: expected tensor ${name} [${dims.join(', ')}] to hold ${expected} bytes, got ${data.length}`,
    );
  }
  return { name, dims, type, data };
}

function readValueInfo(reader: Reader, end: number): OnnxValueInfo {
  let name = '';
  let code = 0;
  let shape: (number | string)[] | undefined;
  fields(reader, end, (field) => {
    if (field === 1) name = reader.string();
    else if (field === 2) {
      fields(reader, endOf(reader), (inner) => {
        if (inner !== 1) return false;
        fields(reader, endOf(reader), (part) => {
          if (part === 1) code = reader.int32();
          else if (part === 2) shape = readShape(reader, endOf(reader));
          else return false;
          return true;
        });
        return true;
      });
    } else return false;
    return true;
  });
  return { name, type: typeOf(code, `value ${name}`), shape };
}

function readShape(reader: Reader, end: number): (number | string)[] {
  const dims: (number | string)[] = [];
  fields(reader, end, (field) => {
    if (field !== 1) return false;
    let dim: number | string = '';
    fields(reader, endOf(reader), (inner) => {
      if (inner === 1) dim = integer(reader.int64());
      else if (inner === 2) dim = reader.string();
      else return false;
      return true;
    });
    dims.push(dim);
    return true;
  });
  return dims;
}

/** Calls `read` for each field up to `end`; fields that it does not know (returns false) are skipped. */
function fields(reader: Reader, end: number | undefined, read: (field: number, wireType: number) => boolean): void {
  const stop = end ?? reader.len;
  if (stop > reader.len) throw new Error('cut short');
  while (reader.pos < stop) {
    const key = reader.uint32();
    if (!read(key >>> 3, key & 7)) reader.skipType(key & 7);
  }
}

function endOf(reader: Reader): number {
  const length = reader.uint32();
  return reader.pos + length;
}

/** A repeated number: packed into one field, or a field each. */
function repeated(reader: Reader, wireType: number, read: () => void): void {
  if (wireType !== 2) {
    read();
    return;
  }
  const end = endOf(reader);
  while (reader.pos < end) read();
}

function integer(value: Integer): number {
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}

function typeOf(code: number, what: string): OnnxType {
  const type = typeNames.get(code);
  if (type === undefined) throw new InputError(`decodeOnnx: expected ${what} to hold numbers, got ONNX type ${code}`);
  return type;
}

/** A copy of its own: what a Node Buffer calls slice still shares memory with the file. */
function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function bytesOfWide(values: readonly Integer[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setBigInt64(i * 8, BigInt(integer(value)), true));
  return new Uint8Array(view.buffer);
}

function bytesOfNumbers(type: OnnxType, values: readonly number[]): Uint8Array {
  const size = BYTES[type];
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) => {
    const at = i * size;
    if (type === 'float32') view.setFloat32(at, value, true);
    else if (type === 'float64') view.setFloat64(at, value, true);
    else if (type === 'int32') view.setInt32(at, value, true);
    // float16 travels as its bits in int32_data.
    else if (size === 2) view.setUint16(at, value & 0xffff, true);
    else view.setUint8(at, value & 0xff);
  });
  return new Uint8Array(view.buffer);
}
