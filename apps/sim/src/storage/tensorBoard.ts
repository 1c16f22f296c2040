/**
 * Scalars as a TensorBoard event file: TFRecord frames (length, masked CRC-32C, bytes, masked CRC-32C) of `Event`
 * protocol buffers. https://github.com/tensorflow/tensorboard (event.proto, summary.proto; record_writer's framing)
 */
import { join } from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import { appendTo } from './atomicWrite.ts';

/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord stores checksums rotated and shifted, so that a checksum of checksums keeps its strength. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One TFRecord frame around `bytes`. */
export function encodeRecord(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 16);
  const view = new DataView(frame.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(8, masked(frame.subarray(0, 8)), true);
  frame.set(bytes, 12);
  view.setUint32(12 + bytes.length, masked(bytes), true);
  return frame;
}

/** Field numbers of event.proto and summary.proto. */
function encodeEvent(seconds: number, fill: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create().uint32(9).double(seconds);
  fill(writer);
  return encodeRecord(writer.finish());
}

/** @param scalars by tag; entries that are not finite numbers are left out */
export function encodeScalars(seconds: number, step: number, scalars: Readonly<Record<string, unknown>>): Uint8Array {
  return encodeEvent(seconds, (writer) => {
    writer.uint32(16).int64(step).uint32(42).fork();
    for (const [tag, value] of Object.entries(scalars)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      writer.uint32(10).fork().uint32(10).string(tag).uint32(21).float(value).ldelim();
    }
    writer.ldelim();
  });
}

export interface ScalarLog {
  write(step: number, scalars: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A new event file in `folder`; TensorBoard joins the files of a run that was resumed. */
export async function openScalarLog(folder: string): Promise<ScalarLog> {
  const now = (): number => Date.now() / 1000;
  const path = join(folder, `events.out.tfevents.${Math.floor(now())}.saccade.${process.pid}`);
  await appendTo(
    path,
    encodeEvent(now(), (writer) => writer.uint32(26).string('brain.Event:2')),
  );
  return { write: (step, scalars) => appendTo(path, encodeScalars(now(), step, scalars)) };
}
