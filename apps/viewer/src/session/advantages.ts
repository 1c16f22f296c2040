/** How much better than expected each held step turned out: the advantage that PPO learns from, over the timeline. */
import { computeAdvantages } from '@saccade/agent';
import type { Row } from './timeline.ts';

/** What policies are trained with unless told otherwise. */
const GAMMA = 0.999;
const LAMBDA = 0.95;

export const noAdvantages: ReadonlyMap<number, number> = new Map();

/**
 * @param rows in order, without gaps
 * @returns advantage by global step; of steps at which something was chosen
 */
export function advantagesOf(rows: readonly Row[]): Map<number, number> {
  const chosen: Row[] = [];
  const after: (Row | undefined)[] = [];
  rows.forEach((row, i) => {
    if (row.action < 0) return;
    chosen.push(row);
    after.push(rows[i + 1]);
  });
  const steps = chosen.length;
  const cut = chosen.map((row, i) => row.end?.kind === 'truncated' || (!row.end && after[i]?.episode !== row.episode));
  const { advantages } = computeAdvantages({
    steps,
    environments: 1,
    rewards: Float32Array.from(chosen, ({ reward }) => reward),
    values: Float32Array.from([...chosen, chosen.at(-1)], (row) => row?.value ?? 0),
    terminated: Uint8Array.from(chosen, ({ end }) => (end?.kind === 'terminated' ? 1 : 0)),
    truncated: Uint8Array.from(cut, Number),
    // An episode that was left for another level goes on as its last value says.
    truncationValues: Float32Array.from(chosen, (row, i) =>
      after[i]?.episode === row.episode ? after[i].value : row.value,
    ),
    gamma: GAMMA,
    lambda: LAMBDA,
  });
  return new Map(chosen.map((row, i) => [row.step, advantages[i]]));
}
