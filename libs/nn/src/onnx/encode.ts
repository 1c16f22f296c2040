/** An ONNX model as protobuf bytes. Field numbers are those of onnx.proto3. */
import protobuf from 'protobufjs/minimal.js';
import { onnxTypes } from './model.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './model.ts';

type Writer = protobuf.Writer;

const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIXED32 = 5;

/** Attribute type numbers (AttributeProto.AttributeType). */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

/** The bytes of a `.onnx` file. Weights are stored in the file, so a model of more than 2 GB cannot be written. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  // A plain Writer: Writer.create() makes Node Buffers in Node.
  const writer = new protobuf.Writer();
  writer.uint32(tag(1, VARINT)).int64(model.irVersion);
  text(writer, 2, model.producer);
  message(writer, 7, () => writeGraph(writer, model.graph));
  for (const [domain, version] of Object.entries(model.opsets)) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      writer.uint32(tag(2, VARINT)).int64(version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  // Small results are views of a shared pool; a copy can be handed to another thread.
  return writer.finish().slice();
}

function writeGraph(writer: Writer, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, graph.name);
  for (const tensor of graph.initializers) message(writer, 5, () => writeTensor(writer, tensor));
  for (const input of graph.inputs) message(writer, 11, () => writeValueInfo(writer, input));
  for (const output of graph.outputs) message(writer, 12, () => writeValueInfo(writer, output));
}

function writeNode(writer: Writer, node: OnnxNode): void {
  // An empty name is meaningful here (an optional input left out), so it is written.
  for (const input of node.inputs) writer.uint32(tag(1, LENGTH_DELIMITED)).string(input);
  for (const output of node.outputs) writer.uint32(tag(2, LENGTH_DELIMITED)).string(output);
  text(writer, 3, node.name);
  text(writer, 4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
  text(writer, 7, node.domain);
}

function writeAttribute(writer: Writer, name: string, attribute: OnnxAttribute): void {
  text(writer, 1, name);
  switch (attribute.kind) {
    case 'float':
      writer.uint32(tag(2, FIXED32)).float(attribute.value);
      break;
    case 'int':
      writer.uint32(tag(3, VARINT)).int64(attribute.value);
      break;
    case 'string':
      writer.uint32(tag(4, LENGTH_DELIMITED)).string(attribute.value);
      break;
    case 'tensor':
      message(writer, 5, () => writeTensor(writer, attribute.value));
      break;
    case 'floats':
      for (const value of attribute.value) writer.uint32(tag(7, FIXED32)).float(value);
      break;
    case 'ints':
      for (const value of attribute.value) writer.uint32(tag(8, VARINT)).int64(value);
      break;
    case 'strings':
      for (const value of attribute.value) writer.uint32(tag(9, LENGTH_DELIMITED)).string(value);
      break;
    default:
      attribute satisfies never;
  }
  writer.uint32(tag(20, VARINT)).int32(ATTRIBUTE_TYPE[attribute.kind]);
}

function writeTensor(writer: Writer, tensor: OnnxTensor): void {
  message(writer, 1, () => tensor.dims.forEach((dim) => writer.int64(dim)));
  writer.uint32(tag(2, VARINT)).int32(onnxTypes[tensor.type]);
  text(writer, 8, tensor.name);
  writer.uint32(tag(9, LENGTH_DELIMITED)).bytes(tensor.data);
}

function writeValueInfo(writer: Writer, info: OnnxValueInfo): void {
  text(writer, 1, info.name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.uint32(tag(1, VARINT)).int32(onnxTypes[info.type]);
      const { shape } = info;
      if (shape === undefined) return;
      message(writer, 2, () => {
        for (const dim of shape) {
          message(writer, 1, () => {
            if (typeof dim === 'number') writer.uint32(tag(1, VARINT)).int64(dim);
            else text(writer, 2, dim);
          });
        }
      });
    }),
  );
}

function tag(field: number, wireType: number): number {
  return ((field << 3) | wireType) >>> 0;
}

function text(writer: Writer, field: number, value: string): void {
  if (value !== '') writer.uint32(tag(field, LENGTH_DELIMITED)).string(value);
}

function message(writer: Writer, field: number, body: () => void): void {
  writer.uint32(tag(field, LENGTH_DELIMITED)).fork();
  body();
  writer.ldelim();
}
