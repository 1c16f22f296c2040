/**
 * A 64-bit non-cryptographic hash in two 32-bit lanes, without BigInt: cheap enough for every step of an
 * environment, the same on every machine. It detects accidents (a desynchronised replay), not attackers.
 */
export interface Hasher {
  /** Mixes one 32-bit integer. */
  integer(value: number): Hasher;
  /** Mixes a float64 by its bits; -0 and 0 differ. */
  float(value: number): Hasher;
  /** Mixes bytes. */
  bytes(values: Uint8Array | Uint8ClampedArray): Hasher;
  /** 16 lower-case hexadecimal digits. */
  digest(): string;
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

function finish(lane: number): number {
  lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
  return (lane ^ (lane >>> 16)) >>> 0;
}

export function createHasher(seed = 0): Hasher {
  let a = (0x9e3779b9 ^ seed) | 0;
  let b = (0x85ebca6b + seed) | 0;
  const mix = (word: number): void => {
    a = Math.imul((a ^ word) | 0, 0x01000193);
    a = (a << 13) | (a >>> 19);
    b = Math.imul((b + word) | 0, 0xcc9e2d51);
    b = ((b << 15) | (b >>> 17)) ^ a;
  };
  const hasher: Hasher = {
    integer(value) {
      mix(value | 0);
      return hasher;
    },
    float(value) {
      scratch[0] = value;
      mix(scratchWords[0] | 0);
      mix(scratchWords[1] | 0);
      return hasher;
    },
    bytes(values) {
      const whole = values.length & ~3;
      for (let i = 0; i < whole; i += 4) {
        mix(values[i] | (values[i + 1] << 8) | (values[i + 2] << 16) | (values[i + 3] << 24));
      }
      for (let i = whole; i < values.length; i++) mix(values[i]);
      mix(values.length);
      return hasher;
    },
    digest() {
      const hex = (lane: number): string => finish(lane).toString(16).padStart(8, '0');
      return hex(a ^ (b >>> 7)) + hex(b);
    },
  };
  return hasher;
}

/** Hash of bytes as 16 hexadecimal digits. */
export function hashBytes(values: Uint8Array | Uint8ClampedArray): string {
  return createHasher().bytes(values).digest();
}
