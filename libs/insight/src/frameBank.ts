/** A bank of typical frames: what a target's usual spread and the mean frame are measured on. */
import { expectLength, InputError, sizeOf } from '@saccade/core';
import type { Shape } from '@saccade/core';
import type { Target } from '@saccade/attribution';
import type { PolicyCuts } from './cuts.ts';

export interface FrameBank {
  /** Standard deviation of a target over the bank, in the target's units. */
  spread(target: Target): Promise<number>;
  /** Mean of the frames, values 0-255. */
  meanFrame(): Float32Array;
}

/** @param bank [frames, ...shape] */
export function createFrameBank(bank: Uint8Array, shape: Shape, cuts: PolicyCuts): FrameBank {
  const size = sizeOf(shape);
  const count = Math.floor(bank.length / size);
  if (count < 1) throw new InputError(`frame bank: expected at least one frame of ${size} bytes, got ${bank.length}`);
  expectLength('frame bank', 'frames', [count, ...shape], bank.length);
  let mean: Float32Array | undefined;
  const spreads = new Map<string, Promise<number>>();

  async function measure(target: Target): Promise<number> {
    const { attributor } = await cuts.cutAt(bank.subarray(0, size), 'input');
    const { activations } = await cuts.activations(bank, 'input');
    const scores = await attributor.scores(activations, target);
    const average = scores.reduce((sum, score) => sum + score, 0) / count;
    return Math.sqrt(scores.reduce((sum, score) => sum + (score - average) ** 2, 0) / count);
  }

  return {
    spread(target) {
      const key = JSON.stringify([target.kind, [...(target.kind === 'linear' ? target.weights : target.mask)]]);
      const known = spreads.get(key) ?? measure(target);
      spreads.set(key, known);
      return known;
    },
    meanFrame() {
      if (!mean) {
        const sum = new Float64Array(size);
        for (let at = 0; at < bank.length; at++) sum[at % size] += bank[at];
        mean = Float32Array.from(sum, (value) => value / count);
      }
      return mean;
    },
  };
}
