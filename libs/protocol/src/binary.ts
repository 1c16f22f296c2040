/**
 * Typed arrays on the wire. Socket.io carries them as binary attachments, but the other end receives an ArrayBuffer
 * (page) or a Buffer at any offset (Node): the element type is lost. These schemas give it back, copying only where
 * the bytes are not aligned. All machines that Saccade runs on are little-endian, and so is the wire.
 */
import { z } from 'zod';

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value) || !(value.buffer instanceof ArrayBuffer)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

interface ArrayKind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

function typedArray<T extends object>(kind: ArrayKind<T>, name: string) {
  const description = `${name}, little-endian, as a binary attachment`;
  return z
    .unknown()
    .meta({ type: 'string', format: 'binary', description })
    .transform((value, context): T => {
      // Not of a subclass: a Buffer is a Uint8Array that compares and prints unlike one.
      if (value instanceof kind && value.constructor === kind) return value;
      const bytes = bytesOf(value);
      if (!bytes || bytes.length % kind.BYTES_PER_ELEMENT !== 0) {
        const got = bytes ? `${bytes.length} bytes` : value === null ? 'null' : typeof value;
        context.addIssue({ code: 'custom', message: `expected binary data of ${name}, got ${got}` });
        return z.NEVER;
      }
      const aligned = bytes.byteOffset % kind.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
      return new kind(aligned.buffer, aligned.byteOffset, aligned.length / kind.BYTES_PER_ELEMENT);
    });
}

/** Plain bytes. */
export const uint8Array = typedArray<Uint8Array>(Uint8Array, 'uint8');
export const int32Array = typedArray<Int32Array>(Int32Array, 'int32');
export const float32Array = typedArray<Float32Array>(Float32Array, 'float32');
export const float64Array = typedArray<Float64Array>(Float64Array, 'float64');
