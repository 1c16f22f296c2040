/** What the agent saw at some steps, small: for the strip of pictures under a scrubber. */
import type { ThumbnailsMessage } from '@saccade/protocol';
import type { History } from './history.ts';

/** Pixels of a side; an observation has twice as many. */
const size = 32;
const channels = 3;

/** Means of 2x2 pixels. @param observation RGB bytes, [64, 64, 3] @param out [32, 32, 3] at `offset` */
function shrinkInto(out: Uint8Array, offset: number, observation: Uint8Array): void {
  const row = size * 2 * channels;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        const at = 2 * y * row + 2 * x * channels + c;
        const sum =
          observation[at] + observation[at + channels] + observation[at + row] + observation[at + row + channels];
        out[offset + (y * size + x) * channels + c] = sum >> 2;
      }
    }
  }
}

/** Of those of the steps that are held. */
export function thumbnailsOf(
  history: History,
  steps: readonly number[],
): Pick<ThumbnailsMessage, 'size' | 'steps' | 'pixels'> {
  const length = (2 * size) ** 2 * channels;
  const held = steps.flatMap((step) => {
    const observation = history.at(step)?.observation;
    return observation?.length === length ? [{ step, observation }] : [];
  });
  const pixels = new Uint8Array(held.length * size * size * channels);
  held.forEach(({ observation }, i) => shrinkInto(pixels, i * size * size * channels, observation));
  return { size, steps: Int32Array.from(held, ({ step }) => step), pixels };
}
