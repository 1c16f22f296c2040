/**
 * The safetensors format: eight bytes of header length, a JSON header of names, dtypes, shapes and byte ranges, then
 * the bytes. Checkpoints and policies are such files, so any tool of the field opens them.
 * https://huggingface.co/docs/safetensors
 */
import protobuf from 'protobufjs/minimal.js';
import { InputError, sizeOf } from '@saccade/core';
import type { HostData, HostTensor, HostTensors } from './compile.ts';

const { utf8 } = protobuf.util;

export interface SafetensorsFile {
  readonly tensors: HostTensors;
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

const codes = { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' } as const;
const bytesOf = { F32: 4, I32: 4, U8: 1, BOOL: 1 } as const;
type Code = keyof typeof bytesOf;
const dtypes = { F32: 'float32', I32: 'int32', U8: 'uint8', BOOL: 'bool' } as const satisfies Record<
  Code,
  HostTensor['dtype']
>;

/** Larger headers are refused before they are parsed. */
const largestHeader = 1 << 24;

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: codes[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const unpadded = utf8.length(text);
  const headerBytes = Math.ceil(unpadded / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.fill(0x20, 8, 8 + headerBytes);
  utf8.write(text, file, 8);
  offset = 8 + headerBytes;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEntry(value: unknown): value is HeaderEntry {
  const entry = value as HeaderEntry | null;
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.dtype === 'string' &&
    Array.isArray(entry.shape) &&
    entry.shape.every(whole) &&
    Array.isArray(entry.data_offsets) &&
    entry.data_offsets.length === 2 &&
    entry.data_offsets.every(whole)
  );
}

/**
 * @param file the bytes of a safetensors file
 * @param name what to call the file in errors
 * @throws InputError when the file is truncated, is not safetensors, or holds a dtype other than F32, I32, U8, BOOL
 */
export function decodeSafetensors(file: Uint8Array, name = 'file'): SafetensorsFile {
  const fail = (problem: string): never => {
    throw new InputError(`${name}: expected a safetensors file, ${problem}`);
  };
  if (file.length < 8) fail(`got ${file.length} bytes: it is truncated or empty`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || headerBytes > largestHeader)
    fail('got something else (its header length makes no sense)');
  if (8 + headerBytes > file.length)
    fail(`but it is truncated: its header needs ${8 + headerBytes} bytes, got ${file.length}`);
  let header: unknown;
  try {
    header = JSON.parse(utf8.read(file, 8, 8 + headerBytes));
  } catch {
    fail('got a header that is not JSON');
  }
  if (!isTable(header)) return fail('got a header that is not a table of tensors');
  const start = 8 + headerBytes;
  const tensors: [string, HostTensor][] = [];
  for (const [key, entry] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    if (!isEntry(entry)) return fail(`got a malformed entry ${key}`);
    const [from, to] = entry.data_offsets;
    if (!Object.hasOwn(dtypes, entry.dtype)) {
      throw new InputError(
        `${name}: expected tensors of ${Object.keys(dtypes).join(', ')}, got ${entry.dtype} in ${key}`,
      );
    }
    const code = entry.dtype as Code;
    if (to - from !== sizeOf(entry.shape) * bytesOf[code])
      fail(`got ${to - from} bytes for ${key} [${entry.shape.join(', ')}]`);
    if (start + to > file.length)
      fail(`but it is truncated: ${key} ends at byte ${start + to}, the file at ${file.length}`);
    // Not slice: that of a Node Buffer shares memory.
    const bytes = Uint8Array.from(file.subarray(start + from, start + to));
    const data: HostData =
      code === 'F32' ? new Float32Array(bytes.buffer) : code === 'I32' ? new Int32Array(bytes.buffer) : bytes;
    tensors.push([key, { dtype: dtypes[code], shape: entry.shape, data }]);
  }
  const metadata = header['__metadata__'] ?? {};
  if (!isTable(metadata) || !Object.values(metadata).every((text) => typeof text === 'string')) {
    return fail('got metadata that is not text');
  }
  // fromEntries makes plain properties of any names, __proto__ included.
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}
