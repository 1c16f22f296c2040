/** The ONNX codec: decode undoes encode, foreign spellings of the same model read alike, broken bytes are named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { decodeOnnx, encodeOnnx, onnxTypes } from '@saccade/nn';
import type { OnnxAttribute, OnnxModel, OnnxTensor, OnnxType } from '@saccade/nn';

const BYTES: Record<OnnxType, number> = {
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

const name = fc.string({ maxLength: 6 });
const integer = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
const float = fc.float({ noNaN: true });
const type = fc.constantFrom(...(Object.keys(onnxTypes) as OnnxType[]));

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .record({ name, type, dims: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }) })
  .chain(({ name, type, dims }) => {
    const length = dims.reduce((a, b) => a * b, 1) * BYTES[type];
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ name, type, dims, data }));
  });

const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  float.map((value) => ({ kind: 'float' as const, value })),
  integer.map((value) => ({ kind: 'int' as const, value })),
  name.map((value) => ({ kind: 'string' as const, value })),
  tensor.map((value) => ({ kind: 'tensor' as const, value })),
  fc.array(float, { maxLength: 4 }).map((value) => ({ kind: 'floats' as const, value })),
  fc.array(integer, { maxLength: 4 }).map((value) => ({ kind: 'ints' as const, value })),
  fc.array(name, { maxLength: 4 }).map((value) => ({ kind: 'strings' as const, value })),
);

const valueInfo = fc.record(
  { name, type, shape: fc.array(fc.oneof(fc.nat(70), fc.string({ minLength: 1, maxLength: 4 })), { maxLength: 4 }) },
  { requiredKeys: ['name', 'type'] },
);

const key = fc.stringMatching(/^[a-z]{1,5}$/);

const model: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.nat(20),
  producer: name,
  opsets: fc.dictionary(key, fc.nat(30), { maxKeys: 3, noNullPrototype: true }),
  metadata: fc.dictionary(key, name, { maxKeys: 3, noNullPrototype: true }),
  graph: fc.record({
    name,
    nodes: fc.array(
      fc.record({
        name,
        opType: name,
        domain: key,
        inputs: fc.array(name, { maxLength: 3 }),
        outputs: fc.array(name, { maxLength: 3 }),
        attributes: fc.dictionary(key, attribute, { maxKeys: 3, noNullPrototype: true }),
      }),
      { maxLength: 3 },
    ),
    initializers: fc.array(tensor, { maxLength: 3 }),
    inputs: fc.array(valueInfo, { maxLength: 3 }),
    outputs: fc.array(valueInfo, { maxLength: 3 }),
  }),
});

/** A protobuf message from (field, bytes) pairs, written by hand: what other exporters may write. */
function message(...fields: [number, number[]][]): number[] {
  return fields.flatMap(([field, bytes]) => [(field << 3) | 2, bytes.length, ...bytes]);
}

function ascii(value: string): number[] {
  return [...value].map((letter) => letter.charCodeAt(0));
}

/** A model that holds one initialiser, given as the bytes of its TensorProto. */
function modelWith(tensorBytes: number[]): Uint8Array {
  return Uint8Array.from(message([7, message([5, tensorBytes])]));
}

describe('the ONNX codec', () => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(model, (value) => {
        expect(decodeOnnx(encodeOnnx(value))).toEqual(value);
      }),
      { numRuns: 100 },
    );
  });

  it('reads numbers in typed fields, packed or not, like raw bytes', () => {
    const floats = [...new Uint8Array(Float32Array.of(1.5, -2).buffer)];
    const dims = [8, 2];
    const packed = [...dims, 16, 1, ...message([4, floats])];
    const loose = [...dims, 16, 1, (4 << 3) | 5, ...floats.slice(0, 4), (4 << 3) | 5, ...floats.slice(4)];
    const raw = [...dims, 16, 1, ...message([9, floats])];
    const expected = [{ name: '', dims: [2], type: 'float32', data: Uint8Array.from(floats) }];
    for (const bytes of [packed, loose, raw]) expect(decodeOnnx(modelWith(bytes)).graph.initializers).toEqual(expected);
  });

  it('reads int64 and bool fields', () => {
    const minusTwo = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    const wide = decodeOnnx(modelWith([8, 2, 16, 7, ...message([7, [5, ...minusTwo]])])).graph.initializers[0];
    expect([...new BigInt64Array(wide.data.buffer)]).toEqual([5n, -2n]);
    const flags = decodeOnnx(modelWith([8, 3, 16, 9, ...message([5, [1, 0, 1]])])).graph.initializers[0];
    expect([...flags.data]).toEqual([1, 0, 1]);
  });

  it('keeps an empty input name, an input left out', () => {
    const node = message([1, ascii('x')], [1, []], [1, ascii('z')], [2, ascii('y')], [4, ascii('Clip')]);
    const decoded = decodeOnnx(Uint8Array.from(message([7, message([1, node])])));
    expect(decoded.graph.nodes[0].inputs).toEqual(['x', '', 'z']);
    expect(decodeOnnx(encodeOnnx(decoded)).graph.nodes[0].inputs).toEqual(['x', '', 'z']);
  });

  it.each([
    ['Uint8Array', (bytes: Uint8Array) => bytes],
    ['Buffer', (bytes: Uint8Array) => Buffer.from(bytes)],
  ])('borrows nothing from its bytes, a %s', (_, wrap) => {
    const bytes = wrap(modelWith([8, 1, 16, 2, ...message([9, [42]])]));
    const { data } = decodeOnnx(bytes).graph.initializers[0];
    bytes.fill(0);
    expect(data).toEqual(Uint8Array.of(42));
    expect(data.buffer.byteLength).toBe(1);
  });

  it('encodes into memory of its own, which can be transferred', () => {
    const bytes = encodeOnnx(decodeOnnx(modelWith([8, 1, 16, 2, ...message([9, [42]])])));
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes at all', new Uint8Array(0), /without a graph/],
    ['something else', Uint8Array.from(ascii('a text file, not a model')), /decodeOnnx: expected/],
    ['weights of the wrong length', modelWith([8, 3, 16, 1, ...message([9, [0, 0, 0, 0]])]), /\[3\].*12 bytes, got 4/],
    ['weights in another file', modelWith([8, 1, 16, 1, (14 << 3) | 0, 1]), /weights inside the file/],
    ['text as weights', modelWith([8, 1, 16, 8]), /numbers, got ONNX type 8/],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => decodeOnnx(bytes)).toThrow(InputError);
    expect(() => decodeOnnx(bytes)).toThrow(expected);
  });

  it('refuses every cut of a model', () => {
    const whole = encodeOnnx({
      irVersion: 8,
      producer: 'test',
      opsets: { '': 18 },
      metadata: {},
      graph: {
        name: 'g',
        nodes: [],
        initializers: [{ name: 'w', dims: [3], type: 'float32', data: new Uint8Array(12).fill(1) }],
        inputs: [{ name: 'x', type: 'float32', shape: [3] }],
        outputs: [{ name: 'x', type: 'float32', shape: [3] }],
      },
    });
    for (let length = 0; length < whole.length - 8; length++) {
      expect(() => decodeOnnx(whole.subarray(0, length)), `${length} of ${whole.length} bytes`).toThrow(InputError);
    }
  });
});
