/** Copying words into a canvas: the inner loops of the observation. Rows of the canvas are `stride` words apart. */
import { tintWord } from './atlas.ts';
import type { Stamp, TileSet } from './stamps.ts';

/** A rectangle of one colour or label. */
export function fillRect(
  memory: Int32Array,
  at: number,
  stride: number,
  width: number,
  height: number,
  word: number,
): void {
  for (let row = 0, to = at; row < height; row++, to += stride - width) {
    for (const end = to + width; to < end; to++) memory[to] = word;
  }
}

/** Copies an opaque tile. */
export function copyTile(memory: Int32Array, at: number, stride: number, set: TileSet, frame: number): void {
  const { words, width, height } = set;
  let from = frame * width * height;
  let to = at;
  if (width === 5) {
    for (let row = 0; row < height; row++, from += 5, to += stride) {
      memory[to] = words[from];
      memory[to + 1] = words[from + 1];
      memory[to + 2] = words[from + 2];
      memory[to + 3] = words[from + 3];
      memory[to + 4] = words[from + 4];
    }
    return;
  }
  for (let row = 0; row < height; row++, to += stride - width) {
    for (const end = to + width; to < end; to++, from++) memory[to] = words[from];
  }
}

/** Draws what is not transparent of `words` from `first`: its colours, or the label where there is one (not -1). */
export function drawWords(
  memory: Int32Array,
  at: number,
  stride: number,
  { words, width, height }: Stamp,
  first: number,
  label: number,
  tint: number | undefined,
): void {
  for (let row = 0, from = first, to = at; row < height; row++, to += stride - width) {
    for (const end = to + width; to < end; to++, from++) {
      const word = words[from];
      if (word < 0) continue;
      memory[to] = label >= 0 ? label : tint === undefined ? word : tintWord(word, tint) & 0xffffff;
    }
  }
}
