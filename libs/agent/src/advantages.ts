/** Generalised advantage estimation. */
import { expectLength } from '@saccade/core';

/** T steps, N environments, row-major. */
export interface AdvantageInputs {
  readonly steps: number;
  readonly environments: number;
  /** Rewards, [T, N]. */
  readonly rewards: Float32Array;
  /** The critic's estimates, [T + 1, N]; the last row bootstraps. */
  readonly values: Float32Array;
  /** 1 where the step ended its episode for good (death, coin), [T, N]: nothing bootstraps through it. */
  readonly terminated: Uint8Array;
  /** 1 where the step was cut off by the time limit, [T, N]: `truncationValues` bootstraps there. */
  readonly truncated: Uint8Array;
  /** Value of the terminal observation where `truncated`, [T, N]; ignored elsewhere. */
  readonly truncationValues: Float32Array;
  readonly gamma: number;
  readonly lambda: number;
}

export interface Advantages {
  /** [T, N] */
  readonly advantages: Float32Array;
  /** Advantage plus value, what the critic learns, [T, N]. */
  readonly returns: Float32Array;
}

/**
 * A_t = delta_t + gamma lambda A_{t+1} within an episode, delta_t = r_t + gamma V(s_{t+1}) - V(s_t), V = 0 after a
 * termination. Schulman et al. 2016, equation 16, https://arxiv.org/abs/1506.02438
 */
export function computeAdvantages(inputs: AdvantageInputs): Advantages {
  const { steps, environments, rewards, values, terminated, truncated, truncationValues, gamma, lambda } = inputs;
  const shape = [steps, environments];
  expectLength('computeAdvantages', 'values', [steps + 1, environments], values.length);
  for (const [name, array] of Object.entries({ rewards, terminated, truncated, truncationValues })) {
    expectLength('computeAdvantages', name, shape, array.length);
  }
  const advantages = new Float32Array(steps * environments);
  const returns = new Float32Array(steps * environments);
  for (let n = 0; n < environments; n++) {
    let following = 0;
    for (let t = steps - 1; t >= 0; t--) {
      const i = t * environments + n;
      const next = terminated[i] ? 0 : truncated[i] ? truncationValues[i] : values[i + environments];
      const ended = terminated[i] || truncated[i];
      const delta = rewards[i] + gamma * next - values[i];
      following = delta + (ended ? 0 : gamma * lambda * following);
      advantages[i] = following;
      returns[i] = following + values[i];
    }
  }
  return { advantages, returns };
}

/** Mean 0, standard deviation 1 (plus 1e-8), in place, as PPO normalises each minibatch. */
export function normaliseInPlace(values: Float32Array): void {
  let mean = 0;
  for (const value of values) mean += value;
  mean /= values.length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2;
  const scale = 1 / (Math.sqrt(variance / values.length) + 1e-8);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale;
}
