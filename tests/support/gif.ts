/** Reads the frames' frame of a GIF: sizes, delays and whether it loops; no pixels. */

export interface ReadGif {
  readonly width: number;
  readonly height: number;
  /** Of each frame, hundredths of a second. */
  readonly delays: readonly number[];
  readonly loops: boolean;
}

export function readGif(file: Uint8Array): ReadGif {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (String.fromCharCode(...file.subarray(0, 6)) !== 'GIF89a') throw new Error('expected a GIF');
  const width = view.getUint16(6, true);
  const height = view.getUint16(8, true);
  const delays: number[] = [];
  let loops = false;
  let at = 13 + (file[10] & 0x80 ? 3 * 2 ** ((file[10] & 7) + 1) : 0);
  const skipBlocks = (): void => {
    while (file[at] !== 0) at += file[at] + 1;
    at++;
  };
  for (;;) {
    const kind = file[at++];
    if (kind === 0x3b) return { width, height, delays, loops };
    if (kind === 0x21) {
      const label = file[at++];
      if (label === 0xf9) delays.push(view.getUint16(at + 2, true));
      if (label === 0xff) loops ||= String.fromCharCode(...file.subarray(at + 1, at + 12)) === 'NETSCAPE2.0';
      skipBlocks();
    } else if (kind === 0x2c) {
      if (view.getUint16(at + 4, true) !== width || view.getUint16(at + 6, true) !== height) {
        throw new Error('expected frames of the size of the whole');
      }
      at += 9 + (file[at + 8] & 0x80 ? 3 * 2 ** ((file[at + 8] & 7) + 1) : 0);
      at++;
      skipBlocks();
    } else throw new Error(`expected a GIF's block at ${at - 1}, got ${kind}`);
  }
}
