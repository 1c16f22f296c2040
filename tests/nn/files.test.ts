/** Files: safetensors in and out, policies in and out, and everything that is wrong with foreign ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import {
  buildNetwork,
  decodePolicy,
  decodeSafetensors,
  encodePolicy,
  encodeSafetensors,
  expectParameters,
  policyFromOnnx,
  readPolicy,
  takeInputAsIs,
} from '@saccade/nn';
import type { HostTensor } from '@saccade/nn';
import '../support/allClose.ts';
import { bytes, policyOf, runAt } from './support.ts';

const tensors = fc.dictionary(
  // __proto__ is no key of a plain object literal; no exporter writes it.
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !['__metadata__', '__proto__'].includes(name)),
  fc
    .tuple(fc.array(fc.nat(3), { maxLength: 3 }), fc.constantFrom('float32', 'int32', 'uint8', 'bool'), fc.nat(1000))
    .map(([shape, dtype, seed]): HostTensor => {
      const size = shape.reduce((product, length) => product * length, 1);
      const raw = bytes(seed, size * 4);
      if (dtype === 'float32')
        return { shape, dtype, data: Float32Array.from(raw.subarray(0, size), (x) => x / 7 - 9) };
      if (dtype === 'int32') return { shape, dtype, data: new Int32Array(raw.buffer) };
      return { shape, dtype, data: raw.slice(0, size).map((x) => (dtype === 'bool' ? x & 1 : x)) };
    }),
  { maxKeys: 5 },
);

describe('safetensors', () => {
  it('decoding undoes encoding, names and metadata of any script included', () => {
    fc.assert(
      fc.property(tensors, fc.string(), (table, note) => {
        const file = decodeSafetensors(encodeSafetensors({ tensors: table, metadata: { note } }));
        expect(file.tensors).toEqual(table);
        expect(file.metadata).toEqual({ note });
      }),
      { numRuns: 60 },
    );
  });

  it('writes the layout of the specification', () => {
    const file = encodeSafetensors({
      tensors: { x: { shape: [2], dtype: 'float32', data: Float32Array.of(1, -2) } },
      metadata: {},
    });
    const length = new DataView(file.buffer).getUint32(0, true);
    const header: unknown = JSON.parse(Buffer.from(file.subarray(8, 8 + length)).toString());
    expect(header).toEqual({ __metadata__: {}, x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
    expect(length % 8).toBe(0);
    expect([...new Float32Array(file.slice(8 + length).buffer)]).toEqual([1, -2]);
  });

  it('copies what it reads: the tensors do not change with the file', () => {
    const table = { x: { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) } } as const;
    // A Buffer's slices share its memory, and begin anywhere in it.
    const file = Buffer.from(encodeSafetensors({ tensors: table, metadata: {} }));
    const { tensors: read } = decodeSafetensors(file);
    file.fill(0);
    expect(read).toEqual(table);
  });

  it('says of a file cut anywhere that it is truncated', () => {
    const file = encodePolicy(policyOf(buildNetwork('perceptron', [2, 2, 3], 2)));
    for (let end = 0; end < file.length; end += end < 900 ? 1 : 211) {
      expect(() => decodePolicy(file.subarray(0, end), 'cut')).toThrow(/^cut: expected .*truncated/);
    }
  });

  it.each([
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /got something else/],
    ['text', Buffer.from('not a policy, but long enough to be one'), /got something else/],
    ['a header that is not JSON', Buffer.from('\x04\0\0\0\0\0\0\0{{{{'), /a header that is not JSON/],
    ['a header that is a list', Buffer.from('\x04\0\0\0\0\0\0\0[1] '), /a header that is not a table/],
    ['a header that is null', Buffer.from('\x04\0\0\0\0\0\0\0null'), /a header that is not a table/],
    ['metadata that is not text', safetensorsWith('{"__metadata__":{"a":1}}'), /metadata that is not text/],
    ['a malformed entry', safetensorsWith('{"x":{"dtype":"F32"}}'), /got a malformed entry x/],
    [
      'a wrong length',
      safetensorsWith('{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'),
      /got 4 bytes for x \[2\]/,
    ],
    ['half precision', safetensorsWith('{"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'), /got F16 in x/],
  ])('refuses %s', (_, file, problem) => {
    expect(() => decodeSafetensors(new Uint8Array(file), 'f')).toThrow(InputError);
    expect(() => decodeSafetensors(new Uint8Array(file), 'f')).toThrow(problem);
  });
});

function safetensorsWith(header: string, data = new Uint8Array(64)): Uint8Array {
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(Buffer.from(header), 8);
  file.set(data, 8 + header.length);
  return file;
}

const header = (change: object): string => {
  const fields = {
    version: 1,
    architecture: 'perceptron',
    observationShape: [2, 2, 3],
    actions: ['a', 'b'],
    training: {},
  };
  return JSON.stringify({ ...fields, ...change });
};
const policyWith = (text: string): Uint8Array => {
  const { parameters } = policyOf(buildNetwork('perceptron', [2, 2, 3], 2));
  return encodeSafetensors({ tensors: parameters, metadata: { 'saccade.policy': text } });
};

describe('a policy file', () => {
  const policy = policyOf(buildNetwork('compact', [24, 24, 3], 3));

  it('gives the policy back, number for number', () => {
    const read = decodePolicy(encodePolicy(policy));
    expect(read).toEqual(policy);
    expect(encodePolicy(read)).toEqual(encodePolicy(policy));
  });

  it('is opened by its bytes, whatever it is called', () => {
    expect(readPolicy(encodePolicy(policy))).toEqual(policy);
    expect(() => readPolicy(new Uint8Array(0), {}, 'empty')).toThrow(/^empty: expected .* truncated or empty/);
    const foreign = new Uint8Array(42).fill(0x20);
    expect(() => readPolicy(foreign, {}, 'a.safetensors')).toThrow(/^a\.safetensors: expected a safetensors file/);
    expect(() => readPolicy(foreign, {}, 'a.onnx')).toThrow(/^a\.onnx: expected .*ONNX/);
  });

  it.each([
    [
      'no policy at all',
      encodeSafetensors({ tensors: {}, metadata: {} }),
      /expected a Saccade policy, got a safetensors file without/,
    ],
    ['a header that is not JSON', policyWith('{'), /got a malformed saccade.policy/],
    ['a header that is null', policyWith('null'), /got a malformed saccade.policy/],
    ['no actions', policyWith(header({ actions: [] })), /got a malformed saccade.policy/],
    ['a negative length', policyWith(header({ observationShape: [-2, 2, 3] })), /got a malformed saccade.policy/],
    [
      'a later version',
      policyWith(header({ version: 2 })),
      /expected policy version 1, got 2: a newer Saccade wrote it/,
    ],
    ['another architecture', policyWith(header({ architecture: 'resnet' })), /expected one of compact, .*got resnet/],
    [
      'another observation',
      policyWith(header({ observationShape: [2, 3, 3] })),
      /expected dense1\/kernel \[18, 32\], got \[12, 32\]/,
    ],
    [
      'nodes that are none',
      policyWith(header({ architecture: 'onnx', network: { nodes: 3 } })),
      /got something malformed/,
    ],
  ])('refuses %s', (_, file, problem) => {
    expect(() => decodePolicy(file, 'f')).toThrow(InputError);
    expect(() => decodePolicy(file, 'f')).toThrow(problem);
  });

  it('refuses parameters that are missing, misshapen, of another type or not finite', () => {
    const { network, parameters } = policy;
    const bias = parameters['1a/bias'];
    const check = (change: Record<string, HostTensor | undefined>): void =>
      expectParameters(network, { ...parameters, ...change } as typeof parameters, 'p');
    expect(() => check({ '1a/bias': undefined })).toThrow('p: expected a parameter 1a/bias [16], got none');
    expect(() => check({ '1a/bias': { ...bias, shape: [4, 4] } })).toThrow('p: expected 1a/bias [16], got [4, 4]');
    expect(() => check({ '1a/bias': { ...bias, dtype: 'int32' } })).toThrow('as float32, got int32');
    expect(() => check({ '1a/bias': { ...bias, data: bias.data.map(() => NaN) } })).toThrow(
      'p: expected finite values, got NaN or infinity in 1a/bias',
    );
    expect(() => check({})).not.toThrow();
  });
});

describe('the file of an imported policy', () => {
  const golden = join(import.meta.dirname, '..', 'golden', 'nn');

  it.each(['impala', 'perceptron', 'sampler-13'])('holds the nodes of %s', (name) => {
    const imported = policyFromOnnx(new Uint8Array(readFileSync(join(golden, `${name}.onnx`))), {
      scale: 0.5,
      offset: 1,
    });
    expect(decodePolicy(encodePolicy(imported))).toEqual(imported);
  });

  it('refuses nodes that do not hold together', () => {
    const imported = policyFromOnnx(new Uint8Array(readFileSync(join(golden, 'impala.onnx'))));
    const { network } = imported;
    const broken = (change: object): Uint8Array => encodePolicy({ ...imported, network: { ...network, ...change } });
    const cases: [object, RegExp][] = [
      [{ nodes: network.nodes.slice(1) }, /before its input/],
      [{ nodes: [...network.nodes, network.nodes[3]] }, /got two called/],
      [{ parameters: {} }, /without its parameter/],
      [{ logits: 'nowhere' }, /got none called nowhere/],
      [{ logits: network.value }, /other logits or values/],
      [{ nodes: [...network.nodes, { name: 'x', op: 'explode', inputs: ['input'] }] }, /malformed/],
      [{ nodes: [...network.nodes, { name: 'x', op: 'add', inputs: ['input'] }] }, /malformed/],
      [{ nodes: [...network.nodes, { name: 'x', op: 'pad', inputs: ['input'], paddings: 3, value: 0 }] }, /malformed/],
    ];
    for (const [change, problem] of cases) expect(() => decodePolicy(broken(change), 'f')).toThrow(problem);
  });
});

describe('observations that are floats already', () => {
  it('are taken as they are: what the layer input would hold', async () => {
    const policy = policyOf(buildNetwork('compact', [24, 24, 3], 3));
    const pixels = bytes(1, 24 * 24 * 3);
    const weights = new Float32Array(3);
    const scaled = await runAt(policy, 'input', pixels, weights);
    const given = await runAt(takeInputAsIs(policy), 'input', scaled.activation.data as Float32Array, weights);
    expect(given.logits).toEqual(scaled.logits);
    expect(given.activation.data).toEqual(scaled.activation.data);
  });

  it('are taken as they are by imported policies with declared scaling too', async () => {
    const file = readFileSync(join(import.meta.dirname, '..', 'golden', 'nn', 'perceptron.onnx'));
    const policy = policyFromOnnx(new Uint8Array(file), { scale: [1, 2, 3, 4, 5, 6, 7], offset: -0.5 });
    const scaled = await runAt(policy, 'input', Uint8Array.of(9, 8, 7, 6, 5, 4, 3), new Float32Array(3));
    expect([...scaled.activation.data]).toEqual([8.5, 15.5, 20.5, 23.5, 24.5, 23.5, 20.5]);
    const given = await runAt(
      takeInputAsIs(policy),
      'input',
      scaled.activation.data as Float32Array,
      new Float32Array(3),
    );
    expect(given.logits).toEqual(scaled.logits);
  });
});
