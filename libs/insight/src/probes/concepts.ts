/**
 * Concept vectors: what an object adds to a layer, on average, and what happens to a decision when that is added or
 * taken away where no object changed. Random vectors of the same length are the yardstick.
 */
import { createStream, InputError, normal } from '@saccade/core';
import { scoreOf } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';

/** mean(a(x) - a(x without the object)), [...layer shape]. */
export function conceptVector(clean: LayerStates, corrupt: LayerStates): Float32Array {
  if (clean.count !== corrupt.count || clean.count === 0) {
    throw new InputError(`conceptVector: expected pairs of frames, got ${clean.count} and ${corrupt.count}`);
  }
  const size = clean.activations.length / clean.count;
  const vector = new Float32Array(size);
  for (let at = 0; at < clean.activations.length; at++) {
    vector[at % size] += (clean.activations[at] - corrupt.activations[at]) / clean.count;
  }
  return vector;
}

export interface Steering {
  /** Mean change of the target with the vector added, and with it taken away. */
  readonly plus: number;
  readonly minus: number;
  /** The same for each random vector of equal length. */
  readonly randomPlus: readonly number[];
  readonly randomMinus: readonly number[];
  /** Is |plus| (|minus|) larger than that of every random vector? */
  readonly beyondRandomPlus: boolean;
  readonly beyondRandomMinus: boolean;
}

/** @param states of frames that the vector was not made of */
export async function steer(
  open: OpenLayer,
  states: LayerStates,
  vector: Float32Array,
  target: Target,
  { random = 20, seed = 0 }: { readonly random?: number; readonly seed?: number } = {},
): Promise<Steering> {
  if (vector.length !== open.size)
    throw new InputError(`steer: expected a vector of ${open.size} values, got ${vector.length}`);
  const width = open.policy.network.actions + 1;
  const mean = async (direction: Float32Array, sign: number): Promise<number> => {
    const moved = states.activations.map((value, at) => value + sign * direction[at % open.size]);
    const outputs = await open.outputs(states, moved);
    let sum = 0;
    for (let i = 0; i < states.count; i++) sum += scoreOf(target, outputs, i * width);
    return sum / states.count;
  };
  const zero = new Float32Array(open.size);
  const base = await mean(zero, 0);
  const stream = createStream(seed, 'steering');
  let squared = 0;
  for (const value of vector) squared += value * value;
  const randomPlus: number[] = [];
  const randomMinus: number[] = [];
  for (let i = 0; i < random; i++) {
    const draw = Float32Array.from(zero, () => normal(stream));
    let length = 0;
    for (const value of draw) length += value * value;
    const scaled = draw.map((value) => value * Math.sqrt(squared / length));
    randomPlus.push((await mean(scaled, 1)) - base);
    randomMinus.push((await mean(scaled, -1)) - base);
  }
  const plus = (await mean(vector, 1)) - base;
  const minus = (await mean(vector, -1)) - base;
  const beyond = (value: number, others: readonly number[]): boolean =>
    others.every((other) => Math.abs(value) > Math.abs(other));
  return {
    plus,
    minus,
    randomPlus,
    randomMinus,
    beyondRandomPlus: random > 0 && beyond(plus, randomPlus),
    beyondRandomMinus: random > 0 && beyond(minus, randomMinus),
  };
}
