/** The state hash: the same everywhere, and another one after any accident. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHasher, hashBytes } from '@saccade/core';

describe('the hash', () => {
  it('is sixteen hexadecimal digits, and these for ever: recordings hold them', () => {
    expect(hashBytes(new Uint8Array(0))).toMatchInlineSnapshot(`"38f855544e8770ad"`);
    expect(hashBytes(Uint8Array.of(1, 2, 3, 4, 5))).toMatchInlineSnapshot(`"2289da86b4096caf"`);
    expect(createHasher(7).integer(-1).float(0.5).bytes(Uint8Array.of(9)).digest()).toMatchInlineSnapshot(
      `"2ccb133d4a90b058"`,
    );
  });

  it('changes with any one bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (bytes, at) => {
        const changed = bytes.slice();
        changed[at % bytes.length] ^= 1 << (at % 8);
        expect(hashBytes(changed)).not.toBe(hashBytes(bytes));
      }),
    );
  });

  it('tells zeros of different lengths apart', () => {
    const hashes = Array.from({ length: 64 }, (_, length) => hashBytes(new Uint8Array(length)));
    expect(new Set(hashes).size).toBe(64);
  });

  it('depends on the order of what is mixed', () => {
    expect(createHasher().integer(1).integer(2).digest()).not.toBe(createHasher().integer(2).integer(1).digest());
  });

  it('tells -0 from 0 and floats that differ in the last bit', () => {
    const of = (value: number): string => createHasher().float(value).digest();
    expect(of(-0)).not.toBe(of(0));
    expect(of(0.1 + 0.2)).not.toBe(of(0.3));
    expect(of(NaN)).toBe(of(NaN));
  });

  it('may be read on the way', () => {
    const hasher = createHasher().integer(1);
    const early = hasher.digest();
    expect(hasher.digest()).toBe(early);
    expect(hasher.integer(2).digest()).toBe(createHasher().integer(1).integer(2).digest());
  });

  it('is the same for clamped and plain bytes', () => {
    expect(hashBytes(Uint8ClampedArray.of(1, 2, 255))).toBe(hashBytes(Uint8Array.of(1, 2, 255)));
  });

  it('collides for none of a hundred thousand integers in a row', () => {
    const hashes = new Set(Array.from({ length: 100_000 }, (_, i) => createHasher().integer(i).digest()));
    expect(hashes.size).toBe(100_000);
  });
});
