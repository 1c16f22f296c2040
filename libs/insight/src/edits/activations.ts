/**
 * Activation edits: a layer's component along one direction set to something else while the policy looks, or plays.
 * Everything orthogonal to the direction stays as it is.
 */
import { expectLength, InputError } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { sampleIndex, softmaxInto } from '@saccade/agent';
import type { Player } from '@saccade/agent';
import type { OpenLayer } from '../layer/openLayer.ts';

export type ActivationEdit = {
  /** [channels], any length but zero. */
  readonly direction: ArrayLike<number>;
  /** 1 where the edit holds, [positions]; everywhere by default. */
  readonly where?: ArrayLike<number>;
} & (
  | { readonly kind: 'zero' }
  /** The component becomes its mean over a bank, position by position, [positions]. */
  | { readonly kind: 'mean'; readonly means: ArrayLike<number> }
  /** The component of a random frame of a bank, [frames, positions]. */
  | { readonly kind: 'resample'; readonly bank: Float32Array }
  /** The component times `factor`. */
  | { readonly kind: 'scale'; readonly factor: number }
  /** `amount` is added to the component. */
  | { readonly kind: 'steer'; readonly amount: number }
);

/** Components along a direction, in units of its unit vector: activations [rows, channels] -> [rows]. */
export function componentsAlong(activations: ArrayLike<number>, direction: ArrayLike<number>): Float32Array {
  const channels = direction.length;
  let squared = 0;
  for (let c = 0; c < channels; c++) squared += direction[c] ** 2;
  if (!(squared > 0)) throw new InputError('activation edit: expected a direction that is not zero, got zero');
  const length = Math.sqrt(squared);
  const components = new Float32Array(activations.length / channels);
  for (let row = 0; row < components.length; row++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += activations[row * channels + c] * direction[c];
    components[row] = sum / length;
  }
  return components;
}

/** Mean component of each position over frames: activations [frames, positions, channels] -> [positions]. */
export function meanComponents(
  activations: Float32Array,
  direction: ArrayLike<number>,
  positions: number,
): Float32Array {
  const components = componentsAlong(activations, direction);
  const frames = components.length / positions;
  const means = new Float32Array(positions);
  components.forEach((value, at) => (means[at % positions] += value / frames));
  return means;
}

/**
 * @param activations [frames, positions, channels]
 * @param stream draws the frames of `resample`
 * @returns fresh activations
 */
export function editActivations(
  activations: Float32Array,
  positions: number,
  edit: ActivationEdit,
  stream?: RandomStream,
): Float32Array {
  const { direction, where } = edit;
  const channels = direction.length;
  const frames = activations.length / (positions * channels);
  expectLength('editActivations', 'activations', [Math.floor(frames), positions, channels], activations.length);
  if (where) expectLength('editActivations', 'where', [positions], where.length);
  if (edit.kind === 'resample' && !stream) throw new InputError('editActivations: expected a random stream, got none');
  const components = componentsAlong(activations, direction);
  let squared = 0;
  for (let c = 0; c < channels; c++) squared += direction[c] ** 2;
  const length = Math.sqrt(squared);
  const edited = activations.slice();
  for (let frame = 0; frame < frames; frame++) {
    const drawn = edit.kind === 'resample' && stream ? stream.integer(edit.bank.length / positions) : 0;
    for (let position = 0; position < positions; position++) {
      if (where && !where[position]) continue;
      const row = frame * positions + position;
      const change = wanted(edit, components[row], position, drawn * positions) - components[row];
      for (let c = 0; c < channels; c++) edited[row * channels + c] += (change * direction[c]) / length;
    }
  }
  return edited;
}

function wanted(edit: ActivationEdit, component: number, position: number, drawn: number): number {
  switch (edit.kind) {
    case 'zero':
      return 0;
    case 'mean':
      return edit.means[position];
    case 'resample':
      return edit.bank[drawn + position];
    case 'scale':
      return edit.factor * component;
    case 'steer':
      return component + edit.amount;
    default:
      return edit satisfies never;
  }
}

/**
 * Plays with the edit in place, actions sampled. Rows of the evaluation may be any number.
 * @param stream draws the frames of `resample`
 */
export function editedPlayer(open: OpenLayer, edits: readonly ActivationEdit[], stream?: RandomStream): Player {
  const { actions: choices } = open.policy.network;
  const probabilities = new Float64Array(choices);
  return async (actions, observations, turns) => {
    const states = await open.encode(observations);
    const activations = edits.reduce(
      (now, edit) => editActivations(now, open.positions, edit, stream),
      states.activations,
    );
    const outputs = await open.outputs(states, activations);
    for (const { row, stream: own } of turns) {
      softmaxInto(probabilities, outputs, row * (choices + 1), choices);
      actions[row] = sampleIndex(probabilities, own);
    }
  };
}
