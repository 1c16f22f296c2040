/** Exact Shapley values: each player's gain, averaged over all orders in which the players can arrive. */
import { InputError } from '@saccade/core';

/** 2^players values are needed. */
export const mostPlayers = 16;

/**
 * phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S)). Shapley 1953.
 * @param values of every coalition, [2^players]; bit i of the index says whether player i is in
 * @returns [players]
 */
export function shapleyValues(values: ArrayLike<number>, players: number): Float64Array {
  if (!Number.isInteger(players) || players < 0 || players > mostPlayers || values.length !== 2 ** players) {
    throw new InputError(
      `shapleyValues: expected 2^players values for at most ${mostPlayers} players, got ${values.length} for ${players}`,
    );
  }
  // |S|! (n - |S| - 1)! / n! = 1 / (n * C(n - 1, |S|)).
  const share = new Float64Array(Math.max(players, 1));
  let binomial = 1;
  for (let size = 0; size < players; size++) {
    share[size] = 1 / (players * binomial);
    binomial = (binomial * (players - 1 - size)) / (size + 1);
  }
  const phi = new Float64Array(players);
  for (let coalition = 0; coalition < values.length; coalition++) {
    let size = 0;
    for (let bits = coalition; bits !== 0; bits &= bits - 1) size++;
    for (let player = 0; player < players; player++) {
      if ((coalition & (1 << player)) !== 0) continue;
      phi[player] += share[size] * (values[coalition | (1 << player)] - values[coalition]);
    }
  }
  return phi;
}
