/**
 * Representations as points: each is described by the distances between what it makes of the same frames, and those
 * descriptions are laid out in turn (Olah 2015, Visualizing Representations). Published meta-SNE compares the
 * distances as they are, so that a rescaled copy lands farther away than an unrelated representation; here each matrix
 * is divided by its norm, and neither rotation, nor shift, nor scale moves a point.
 */
import { InputError } from '@saccade/core';
import { squaredDistances, tsne } from './neighbours.ts';
import type { Embedding, TsneOptions } from './neighbours.ts';
import { principalComponents } from './principal.ts';

/**
 * What a representation looks like from within: distances between all pairs of frames over the norm of all of them.
 * @param activations [frames, features]
 * @returns pairs i < j in row order, [frames (frames - 1) / 2]
 * @throws InputError when every frame looks the same to it
 */
export function distanceSignature(activations: ArrayLike<number>, features: number): Float64Array {
  const squared = squaredDistances(activations, features);
  const frames = activations.length / features;
  const signature = new Float64Array((frames * (frames - 1)) / 2);
  let total = 0;
  for (let i = 0, at = 0; i < frames; i++) {
    for (let j = i + 1; j < frames; j++, at++) {
      signature[at] = Math.sqrt(squared[i * frames + j]);
      total += squared[i * frames + j];
    }
  }
  if (total === 0) {
    throw new InputError('distanceSignature: expected activations that differ between frames, got equal ones');
  }
  return signature.map((distance) => distance / Math.sqrt(total));
}

function join(signatures: readonly Float64Array[]): Float64Array {
  const width = signatures[0].length;
  const joined = new Float64Array(signatures.length * width);
  signatures.forEach((signature, i) => joined.set(signature, i * width));
  return joined;
}

/** Euclidean distances between signatures, [representations, representations]: 0 for isometric or rescaled copies. */
export function representationDistances(signatures: readonly Float64Array[]): Float64Array {
  return squaredDistances(join(signatures), signatures[0].length).map(Math.sqrt);
}

/** Lays representations out in two dimensions by t-SNE, or by principal components where there are fewer than eight. */
export function metaSne(signatures: readonly Float64Array[], options: TsneOptions = {}): Omit<Embedding, 'iterations'> {
  const width = signatures[0]?.length ?? 0;
  if (signatures.length < 3 || signatures.some((signature) => signature.length !== width)) {
    throw new InputError(
      `metaSne: expected three representations or more of the same frames, got ${signatures.length} of ${[...new Set(signatures.map(({ length }) => length))].join(', ')} pairs`,
    );
  }
  const joined = join(signatures);
  if (signatures.length < 8) {
    const { coordinates } = principalComponents(joined, width, 2);
    return { coordinates, divergence: Number.NaN, perplexity: Number.NaN };
  }
  return tsne(joined, width, options);
}
