/** Divides rewards by the running standard deviation of the discounted return, as procgen's training does. */

export interface RewardNormaliserState {
  readonly count: number;
  readonly mean: number;
  readonly m2: number;
  /** Discounted return so far of each environment. */
  readonly returns: readonly number[];
}

export interface RewardNormaliser {
  /**
   * Normalises the rewards of one step in place.
   * @param rewards [environments]
   * @param ended 1 where the step ended its episode, [environments]
   */
  normalise(rewards: Float32Array, ended: Uint8Array): void;
  state(): RewardNormaliserState;
}

/** Larger normalised rewards are clipped, as in OpenAI's baselines. */
const largest = 10;

/** Running mean and variance by Welford's method (Knuth, TAOCP 2, 4.2.2). */
export function createRewardNormaliser(
  environments: number,
  gamma: number,
  from?: RewardNormaliserState,
): RewardNormaliser {
  let count = from?.count ?? 0;
  let mean = from?.mean ?? 0;
  let m2 = from?.m2 ?? 0;
  const returns = Float64Array.from(from?.returns ?? new Float64Array(environments));
  return {
    normalise(rewards, ended) {
      for (let n = 0; n < environments; n++) {
        returns[n] = returns[n] * gamma + rewards[n];
        count++;
        const delta = returns[n] - mean;
        mean += delta / count;
        m2 += delta * (returns[n] - mean);
      }
      const deviation = Math.sqrt(m2 / count + 1e-8);
      for (let n = 0; n < environments; n++) {
        rewards[n] = Math.max(-largest, Math.min(largest, rewards[n] / deviation));
        if (ended[n]) returns[n] = 0;
      }
    },
    state: () => ({ count, mean, m2, returns: [...returns] }),
  };
}
