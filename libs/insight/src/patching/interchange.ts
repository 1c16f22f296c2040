/**
 * Interchange patching: the run without an object, given back one part of what the run with it held. How much of the
 * target's change returns is what that part carries, by experiment; it is what factor attributions are checked against.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Target } from '@saccade/attribution';
import { encodeWith } from '../dictionary.ts';
import type { Dictionary } from '../dictionary.ts';
import { explainChange } from '../episode/changes.ts';
import { sliceStates } from '../layer/openLayer.ts';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';
import { pearson, spearman } from '../statistics/ranks.ts';

/** One kind of part over all pairs: [pairs, parts], each in the target's units over F(clean) - F(corrupt). */
export interface Restoration {
  readonly parts: number;
  /** (F(patched) - F(corrupt)) / (F(clean) - F(corrupt)). */
  readonly patched: Float64Array;
  /** Attribution patching: the same by the gradient at the corrupt run (Nanda 2023). */
  readonly linear: Float64Array;
  /** By integrated gradients from the corrupt to the clean run. */
  readonly integrated: Float64Array;
  /** Of each estimate with the experiment, over all pairs and parts, in the target's units. */
  readonly correlation: Readonly<
    Record<'linear' | 'integrated', { readonly pearson: number; readonly spearman: number }>
  >;
}

export interface Interchange {
  /** The pairs kept: those whose target changes by at least `threshold`. */
  readonly pairs: Int32Array;
  /** F(clean) and F(corrupt), [kept pairs]. */
  readonly clean: Float64Array;
  readonly corrupt: Float64Array;
  /** Parts are the dictionary's factors, everywhere at once, and last what no factor holds. */
  readonly factors: Restoration;
  /** Parts are the layer's positions, all channels at once; only where asked for. */
  readonly positions?: Restoration;
}

interface Collected {
  readonly patched: number[];
  readonly linear: number[];
  readonly integrated: number[];
  /** F(clean) - F(corrupt) of each entry. */
  readonly scale: number[];
}

const empty = (): Collected => ({ patched: [], linear: [], integrated: [], scale: [] });

function restoration({ patched, linear, integrated, scale }: Collected, parts: number): Restoration {
  const share = (values: readonly number[]): Float64Array => Float64Array.from(values, (value, i) => value / scale[i]);
  const agree = (estimate: readonly number[]) => ({
    pearson: pearson(estimate, patched),
    spearman: spearman(estimate, patched),
  });
  return {
    parts,
    patched: share(patched),
    linear: share(linear),
    integrated: share(integrated),
    correlation: { linear: agree(linear), integrated: agree(integrated) },
  };
}

/** `count` copies of one frame's states, with `activations` in place of its own. */
function repeated(one: LayerStates, activations: Float32Array, count: number): LayerStates {
  return { count, activations, context: one.context };
}

/**
 * @param clean, corrupt states of the same frames with and without the object
 * @param threshold least |F(clean) - F(corrupt)| of a pair that is kept, in the target's units
 */
export async function interchange(
  open: OpenLayer,
  clean: LayerStates,
  corrupt: LayerStates,
  target: Target,
  dictionary: Dictionary,
  {
    threshold = 0,
    positions: byPosition = false,
    cancellation,
    progress,
  }: {
    readonly threshold?: number;
    readonly positions?: boolean;
    readonly cancellation?: Cancellation;
    readonly progress?: (done: number) => void;
  } = {},
): Promise<Interchange> {
  if (clean.count !== corrupt.count || dictionary.layer !== open.layer) {
    throw new InputError(
      `interchange: expected pairs and a dictionary of ${open.layer}, got ${clean.count} and ${corrupt.count} frames and one of ${dictionary.layer}`,
    );
  }
  const { size, channels, positions, attributor } = open;
  const { factors, directions } = dictionary;
  const kept: number[] = [];
  const cleanScores: number[] = [];
  const corruptScores: number[] = [];
  const ofFactors = empty();
  const ofPositions = empty();
  for (let pair = 0; pair < clean.count; pair++) {
    throwIfAborted(cancellation, 'interchange patching');
    const with_ = sliceStates(clean, pair, pair + 1);
    const without = sliceStates(corrupt, pair, pair + 1);
    const [high] = await attributor.scores(with_.activations, target, { context: with_.context });
    const { scores, gradients } = await attributor.gradients(without.activations, target, { context: without.context });
    const [low] = scores;
    const change = high - low;
    progress?.((pair + 1) / clean.count);
    if (change === 0 || Math.abs(change) < threshold) continue;
    kept.push(pair);
    cleanScores.push(high);
    corruptScores.push(low);

    // Factors: the corrupt activation moved along one factor's direction by the difference of its weights.
    const weights = encodeWith(dictionary, with_.activations);
    const before = encodeWith(dictionary, without.activations);
    const parts = factors + 1;
    const moved = new Float32Array(parts * size);
    const rest = Float32Array.from(with_.activations, (value, i) => value - without.activations[i]);
    for (let f = 0; f < factors; f++) {
      for (let p = 0; p < positions; p++) {
        const difference = weights[p * factors + f] - before[p * factors + f];
        if (difference === 0) continue;
        for (let c = 0; c < channels; c++) {
          const step = difference * directions[f * channels + c];
          moved[f * size + p * channels + c] = step;
          rest[p * channels + c] -= step;
        }
      }
    }
    moved.set(rest, factors * size);
    const points = moved.map((step, at) => without.activations[at % size] + step);
    const patched = await attributor.scores(points, target, { context: repeated(without, points, parts).context });
    const joined: LayerStates = {
      count: 2,
      activations: concat(without.activations, with_.activations),
      context: Object.fromEntries(
        Object.entries(without.context).map(([name, values]) => [name, concat(values, values)]),
      ),
    };
    const along = await explainChange(open, joined, target, dictionary);
    for (let part = 0; part < parts; part++) {
      let linear = 0;
      for (let i = 0; i < size; i++) linear += gradients[i] * moved[part * size + i];
      ofFactors.patched.push(patched[part] - low);
      ofFactors.linear.push(linear);
      ofFactors.integrated.push(part < factors ? along.factors[part] : along.residual);
      ofFactors.scale.push(change);
    }

    if (byPosition) {
      const single = new Float32Array(positions * size);
      for (let p = 0; p < positions; p++) {
        single.set(without.activations, p * size);
        single.set(with_.activations.subarray(p * channels, (p + 1) * channels), p * size + p * channels);
      }
      const scoresOf = await attributor.scores(single, target, { context: without.context });
      for (let p = 0; p < positions; p++) {
        let linear = 0;
        let integrated = 0;
        for (let c = p * channels; c < (p + 1) * channels; c++)
          linear += gradients[c] * (with_.activations[c] - without.activations[c]);
        for (let f = 0; f < factors; f++) integrated += along.map[p * factors + f];
        ofPositions.patched.push(scoresOf[p] - low);
        ofPositions.linear.push(linear);
        ofPositions.integrated.push(integrated);
        ofPositions.scale.push(change);
      }
    }
  }
  return {
    pairs: Int32Array.from(kept),
    clean: Float64Array.from(cleanScores),
    corrupt: Float64Array.from(corruptScores),
    factors: restoration(ofFactors, factors + 1),
    ...(byPosition ? { positions: restoration(ofPositions, positions) } : {}),
  };
}

function concat(a: Float32Array, b: Float32Array): Float32Array {
  const joined = new Float32Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/**
 * How much of the change returns when only the positions at the object are given back, pair by pair: where in depth
 * the object still is where it was seen.
 * @param masks 1 where the object shows, [pairs, rows, columns] of the observation
 * @returns restored share of each pair; NaN where the target does not change
 */
export async function restoreAtObject(
  open: OpenLayer,
  clean: LayerStates,
  corrupt: LayerStates,
  masks: Uint8Array,
  target: Target,
): Promise<Float64Array> {
  const { size, channels, shape, attributor, policy } = open;
  if (shape.length !== 3) throw new InputError(`restoreAtObject: expected a layer with positions, got ${open.layer}`);
  const [height, width] = shape;
  const [rows, columns] = policy.network.observationShape;
  const mixed = corrupt.activations.slice();
  for (let pair = 0; pair < clean.count; pair++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        if (masks[(pair * rows + y) * columns + x] === 0) continue;
        const at =
          pair * size + (Math.floor((y * height) / rows) * width + Math.floor((x * width) / columns)) * channels;
        mixed.set(clean.activations.subarray(at, at + channels), at);
      }
    }
  }
  const high = await attributor.scores(clean.activations, target, { context: clean.context });
  const low = await attributor.scores(corrupt.activations, target, { context: corrupt.context });
  const patched = await attributor.scores(mixed, target, { context: corrupt.context });
  return high.map((value, i) => (value === low[i] ? Number.NaN : (patched[i] - low[i]) / (value - low[i])));
}
