/** What a policy loses when a layer is replaced by what K numbers a position can say of it. */
import type { Cancellation } from '@saccade/core';
import { softmax } from '@saccade/attribution';
import type { OpenLayer } from '../layer/openLayer.ts';
import type { Codec } from './codecs.ts';
import { forEachBlock } from './rows.ts';

export interface Fidelity {
  readonly name: string;
  readonly description: string;
  /** 1 - squared error / squared distance from the channels' means. */
  readonly r2: number;
  /** Mean |V' - V|, in the value's units, and over the value's standard deviation. */
  readonly valueChange: number;
  readonly relativeValueChange: number;
  /** Mean KL(policy || policy with the reconstruction), nats. */
  readonly divergence: number;
  /** Share of the frames whose likeliest action stays. */
  readonly sameAction: number;
}

/** KL(p || q) of the action distributions of two rows of logits. */
export function policyDivergence(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  actions: number,
  offset = 0,
): number {
  const p = softmax(before, actions, offset);
  const q = softmax(after, actions, offset);
  return p.reduce((sum, value, i) => (value > 0 ? sum + value * Math.log(value / q[i]) : sum), 0);
}

function likeliest(outputs: Float32Array, offset: number, actions: number): number {
  let best = 0;
  for (let i = 1; i < actions; i++) if (outputs[offset + i] > outputs[offset + best]) best = i;
  return best;
}

/** @param observations held out from the fit, [frames, height, width, channel] */
export async function measureFidelity(
  open: OpenLayer,
  observations: Uint8Array,
  codecs: readonly Codec[],
  options: { readonly cancellation?: Cancellation; readonly progress?: (done: number) => void } = {},
): Promise<Fidelity[]> {
  const { channels, policy } = open;
  const { actions } = policy.network;
  const width = actions + 1;
  const means = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const sums = codecs.map(() => ({ error: 0, value: 0, divergence: 0, same: 0 }));
  const values: number[] = [];
  let rows = 0;
  await forEachBlock(
    open,
    observations,
    async (states) => {
      const { activations, count } = states;
      for (let at = 0; at < activations.length; at++) {
        means[at % channels] += activations[at];
        squares[at % channels] += activations[at] ** 2;
      }
      rows += activations.length / channels;
      const before = await open.outputs(states, undefined, options.cancellation);
      for (let i = 0; i < count; i++) values.push(before[i * width + actions]);
      for (const [k, codec] of codecs.entries()) {
        const rebuilt = codec.reconstruct(activations);
        const sum = sums[k];
        for (let at = 0; at < activations.length; at++) sum.error += (activations[at] - rebuilt[at]) ** 2;
        const after = await open.outputs(states, rebuilt, options.cancellation);
        for (let i = 0, row = 0; i < count; i++, row += width) {
          sum.value += Math.abs(after[row + actions] - before[row + actions]);
          sum.divergence += policyDivergence(before, after, actions, row);
          if (likeliest(before, row, actions) === likeliest(after, row, actions)) sum.same++;
        }
      }
    },
    options,
  );
  const total = squares.reduce((sum, square, c) => sum + square - means[c] ** 2 / rows, 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return codecs.map(({ name, description }, k) => ({
    name,
    description,
    r2: 1 - sums[k].error / total,
    valueChange: sums[k].value / values.length,
    relativeValueChange: sums[k].value / values.length / spread,
    divergence: sums[k].divergence / values.length,
    sameAction: sums[k].same / values.length,
  }));
}
