/**
 * Players that do not look, to compare a policy with: every constant action, and right with jumps at random. The best
 * of each kind is reported, chosen on the very levels it is reported on: the comparison favours them.
 */
import { blindRunner, constantPlayer } from '@saccade/agent';
import type { Player } from '@saccade/agent';
import { evaluatePlayer } from './play.ts';
import type { PlayRequest } from './play.ts';
import type { NamedSummary } from './summary.ts';

export interface BlindPlayer {
  readonly name: string;
  readonly kind: 'constant' | 'random jumps';
  readonly player: Player;
}

/** Chances of a jump in a step that the blind runner is tried with. */
const jumpChances = [0.05, 0.1, 0.2, 0.5];

export function blindPlayersOf(environment: string, actions: readonly string[]): BlindPlayer[] {
  const constant = actions.map((action, i) => ({
    name: `blind: constant ${action}`,
    kind: 'constant' as const,
    player: constantPlayer(i),
  }));
  if (environment !== 'coinrun') return constant;
  const jumping = jumpChances.map((p) => ({
    name: `blind: right, jumps with p = ${p}`,
    kind: 'random jumps' as const,
    player: blindRunner(actions, p),
  }));
  return [...constant, ...jumping];
}

/** The best of each kind. @param onPlayer called after each player */
export async function evaluateBlind(
  players: readonly BlindPlayer[],
  request: PlayRequest,
  onPlayer: () => void,
): Promise<NamedSummary[]> {
  const best = new Map<string, NamedSummary>();
  for (const { name, kind, player } of players) {
    const summary = { name, ...(await evaluatePlayer(player, { ...request, observe: false })) };
    const known = best.get(kind);
    if (!known || summary.solveRate > known.solveRate) best.set(kind, summary);
    onPlayer();
  }
  return [...best.values()];
}
