/** Does a layer treat the same thing alike in different frames? Hide it in each, and compare what changes. */
import { expectLength, InputError } from '@saccade/core';

export interface Correspondence {
  /** Mean share of features whose change has another sign, over pairs of frames: 0 alike, 2/3 unrelated (signs -, 0, +). */
  readonly distance: number;
  readonly pairs: number;
}

/**
 * e = x - x with the part hidden; Delta = sum over i != j of Hamming(sign e_i, sign e_j), here as a mean.
 * Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901, section 4.3. Compare a part with random places: lower means
 * that the layer knows the part as such.
 * @param features of each frame as it is, [frames, features]
 * @param hidden of each frame with the part hidden, [frames, features]
 */
export function correspondence(features: Float32Array, hidden: Float32Array, frames: number): Correspondence {
  if (!Number.isInteger(frames) || frames < 2) {
    throw new InputError(`correspondence: expected at least 2 frames, got ${frames}`);
  }
  const width = features.length / frames;
  expectLength('correspondence', 'features', [frames, Math.floor(width)], features.length);
  expectLength('correspondence', 'hidden features', [frames, width], hidden.length);
  const signs = Int8Array.from(features, (value, i) => Math.sign(value - hidden[i]));
  let different = 0;
  let pairs = 0;
  for (let i = 0; i < frames; i++) {
    for (let j = i + 1; j < frames; j++, pairs++) {
      for (let f = 0; f < width; f++) if (signs[i * width + f] !== signs[j * width + f]) different++;
    }
  }
  return { distance: different / (pairs * width), pairs };
}
