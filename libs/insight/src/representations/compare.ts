/** Representations side by side: the same frames through several layers of several networks. */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { distanceSignature, metaSne, representationDistances } from '@saccade/attribution';
import type { Compile, Policy } from '@saccade/nn';
import { openLayer } from '../layer/openLayer.ts';
import { pause } from '../pause.ts';
import type { ReportProgress } from '../pause.ts';
import { matchDirections } from '../statistics/matching.ts';
import { debiasedCka } from './cka.ts';

export interface NamedPolicy {
  /** `compact-easy`, or a checkpoint's steps. */
  readonly name: string;
  readonly policy: Policy;
}

export interface ComparedRepresentation {
  readonly policy: string;
  readonly layer: string;
  readonly features: number;
  /** [frames, features]. */
  readonly activations: Float32Array;
}

/**
 * Every layer of every policy over the same frames, the largest layers averaged down to positions 8 x 8.
 * @param observations [frames, height, width, channel]
 * @throws InputError when the policies see observations of different sizes
 */
export async function readRepresentations(
  policies: readonly NamedPolicy[],
  layers: readonly string[] | undefined,
  observations: Uint8Array,
  compile: Compile,
  { cancellation, progress }: { readonly cancellation?: Cancellation; readonly progress?: (done: number) => void } = {},
): Promise<ComparedRepresentation[]> {
  const found: ComparedRepresentation[] = [];
  const shape = policies[0]?.policy.network.observationShape ?? [];
  for (const [i, { name, policy }] of policies.entries()) {
    const own = policy.network.observationShape;
    if (own.length !== shape.length || own.some((axis, k) => axis !== shape[k])) {
      throw new InputError(
        `representations: expected policies that see [${shape.join(', ')}], got ${name} for [${own.join(', ')}]`,
      );
    }
    for (const layer of layers ?? policy.network.layers.filter((one) => one !== 'input')) {
      const open = await openLayer(policy, layer, compile);
      const { activations, count } = await open.encode(observations, cancellation);
      const pooled = poolPositions(activations, open.shape, count);
      found.push({ policy: name, layer, features: pooled.length / count, activations: pooled });
      open.dispose();
    }
    progress?.((i + 1) / policies.length);
  }
  return found;
}

const mostPositions = 8;

/** Means over blocks of positions, so that no side is longer than eight; distances barely feel the difference. */
function poolPositions(activations: Float32Array, shape: readonly number[], count: number): Float32Array {
  if (shape.length !== 3 || Math.max(shape[0], shape[1]) <= mostPositions) return activations;
  const [height, width, channels] = shape;
  const step = Math.ceil(Math.max(height, width) / mostPositions);
  const [tall, wide] = [Math.ceil(height / step), Math.ceil(width / step)];
  const pooled = new Float32Array(count * tall * wide * channels);
  for (let frame = 0; frame < count; frame++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const rows = Math.min(step, height - Math.floor(y / step) * step);
        const columns = Math.min(step, width - Math.floor(x / step) * step);
        const to = ((frame * tall + Math.floor(y / step)) * wide + Math.floor(x / step)) * channels;
        const from = ((frame * height + y) * width + x) * channels;
        for (let c = 0; c < channels; c++) pooled[to + c] += activations[from + c] / (rows * columns);
      }
    }
  }
  return pooled;
}

export interface Comparison {
  /** Debiased linear CKA between every two, [representations, representations]. */
  readonly cka: Float64Array;
  /** Distances between normalised distance matrices, the same shape. */
  readonly distances: Float64Array;
  /** Their layout, [representations, 2]; absent with fewer than three. */
  readonly layout?: Float64Array;
}

/** @throws InputError naming the representation when every frame looks the same to it */
export async function compareRepresentations(
  representations: readonly ComparedRepresentation[],
  frames: number,
  { cancellation, progress }: { readonly cancellation?: Cancellation; readonly progress?: ReportProgress } = {},
): Promise<Comparison> {
  const n = representations.length;
  const signatures = representations.map(({ activations, features, policy, layer }) => {
    try {
      return distanceSignature(activations, features);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(
        `representations: expected activity that differs between frames, got none in ${layer} of ${policy}`,
      );
    }
  });
  const cka = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const value = i === j ? 1 : debiasedCka(representations[i].activations, representations[j].activations, frames);
      cka[i * n + j] = cka[j * n + i] = value;
      await pause((i * n + j + 1) / (n * n), progress, cancellation, 'representations');
    }
  }
  const layout = n < 3 ? undefined : metaSne(signatures).coordinates;
  return { cka, distances: representationDistances(signatures), ...(layout ? { layout } : {}) };
}

export interface FactorHistory {
  /** The index of each final factor in every checkpoint's dictionary, [checkpoints][factors]. */
  readonly indices: readonly Int32Array[];
  /** Cosine of that factor with the final one, [checkpoints][factors]. */
  readonly cosines: readonly Float64Array[];
}

/**
 * Factors followed back through training: each checkpoint's dictionary matched to the one after it, the last first.
 * @param dictionaries directions [factors, channels] of each checkpoint, in order of training
 */
export function followFactors(dictionaries: readonly Float32Array[], channels: number): FactorHistory {
  if (dictionaries.length === 0) throw new InputError('followFactors: expected a dictionary or more, got none');
  const last = dictionaries.length - 1;
  const factors = dictionaries[last].length / channels;
  const indices: Int32Array[] = new Array<Int32Array>(dictionaries.length);
  const cosines: Float64Array[] = new Array<Float64Array>(dictionaries.length);
  indices[last] = Int32Array.from({ length: factors }, (_, i) => i);
  cosines[last] = new Float64Array(factors).fill(1);
  for (let at = last - 1; at >= 0; at--) {
    const { partner } = matchDirections(dictionaries[at + 1], dictionaries[at], channels);
    indices[at] = Int32Array.from(indices[at + 1], (index) => partner[index]);
    const ordered = new Float32Array(factors * channels);
    indices[at].forEach((index, f) =>
      ordered.set(dictionaries[at].subarray(index * channels, (index + 1) * channels), f * channels),
    );
    cosines[at] = Float64Array.from({ length: factors }, (_, f) => {
      let [ab, aa, bb] = [0, 0, 0];
      for (let c = f * channels; c < (f + 1) * channels; c++) {
        ab += ordered[c] * dictionaries[last][c];
        aa += ordered[c] ** 2;
        bb += dictionaries[last][c] ** 2;
      }
      return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
    });
  }
  return { indices, cosines };
}
