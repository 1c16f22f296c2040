import { describe, expect, it } from 'vitest';
import { crc32c, encodeRecord, encodeScalars } from '../../apps/sim/src/storage/tensorBoard.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('TensorBoard event files', () => {
  it('checks with CRC-32C as RFC 3720 tabulates it', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  });

  it('frames a record with its length and masked checksums', () => {
    const frame = encodeRecord(ascii('abc'));
    expect(frame).toHaveLength(19);
    expect(hex(frame.subarray(0, 8))).toBe('0300000000000000');
    expect(hex(frame.subarray(12, 15))).toBe(hex(ascii('abc')));
  });

  it('writes an event that the field tables of event.proto describe', () => {
    const event = encodeScalars(1, 300, { 'train/loss': 0.5, note: 'left out', nothing: null });
    // wall_time = 1.0 (1: double), step = 300 (2: varint), summary (5) { value (1) { tag (1), simple_value (2) } }
    const body = `09000000000000f03f10ac022a130a110a0a${hex(ascii('train/loss'))}150000003f`;
    expect(hex(event.subarray(12, event.length - 4))).toBe(body);
  });
});
