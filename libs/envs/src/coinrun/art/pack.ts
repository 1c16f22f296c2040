/** Words to bytes: the last step of an observation, four pixels (three words) at a time where the memory allows. */

export interface Packer {
  /** Writes the colours (0xBBGGRR words) of a `pixels` square inside `words` as RGB bytes at `offset`. */
  pack(words: Int32Array, out: Uint8Array, offset: number): void;
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** For squares whose first pixel is at `start` and whose rows are `stride` words apart. */
export function createPacker(pixels: number, start: number, stride: number): Packer {
  let seen: Uint8Array | undefined;
  let view: Uint32Array = new Uint32Array(0);

  const packWords = (words: Int32Array, out: Uint32Array, first: number): void => {
    let to = first;
    for (let row = 0; row < pixels; row++) {
      let from = start + row * stride;
      for (const end = from + pixels; from < end; from += 4, to += 3) {
        const b = words[from + 1];
        const c = words[from + 2];
        out[to] = words[from] | (b << 24);
        out[to + 1] = (b >> 8) | (c << 16);
        out[to + 2] = (c >> 16) | (words[from + 3] << 8);
      }
    }
  };

  const packBytes = (words: Int32Array, out: Uint8Array, first: number): void => {
    let to = first;
    for (let row = 0; row < pixels; row++) {
      let from = start + row * stride;
      for (const end = from + pixels; from < end; from++, to += 3) {
        const word = words[from];
        out[to] = word;
        out[to + 1] = word >> 8;
        out[to + 2] = word >> 16;
      }
    }
  };

  return {
    pack(words, out, offset) {
      if (!littleEndian || pixels % 4 !== 0 || ((out.byteOffset | offset) & 3) !== 0) {
        packBytes(words, out, offset);
        return;
      }
      if (seen !== out) {
        view = new Uint32Array(out.buffer, out.byteOffset, out.length >> 2);
        seen = out;
      }
      packWords(words, view, offset >> 2);
    },
  };
}
