/**
 * The moments of the held past that are worth a look: where things turned out better or worse than expected (at most
 * one an episode and sign), how episodes ended, and actions that the policy itself held unlikely.
 */
import { endTitle, percent, withSign } from '../format.ts';
import type { Row } from './timeline.ts';

export type MomentKind = 'better' | 'worse' | 'goal' | 'death' | 'surprise';

export interface Moment {
  readonly step: number;
  readonly kind: MomentKind;
  readonly text: string;
}

/** How many of a kind. */
const MOST = 6;
/** An action less likely than this is a surprise. */
const UNLIKELY = 0.05;
/** Advantages nearer to zero than this are everyday. */
const NOTABLE = 0.3;

/** The extreme row of each episode, the most extreme first. */
function extremes(rows: readonly Row[], of: (row: Row) => number): Row[] {
  const best = new Map<number, Row>();
  for (const row of rows) {
    const known = best.get(row.episode);
    if (!known || of(row) > of(known)) best.set(row.episode, row);
  }
  return [...best.values()].sort((a, b) => of(b) - of(a)).slice(0, MOST);
}

/**
 * @param advantages by global step
 * @param actionTitle of an action's index
 * @returns in the order of time
 */
export function momentsOf(
  rows: readonly Row[],
  advantages: ReadonlyMap<number, number>,
  actionTitle: (action: number) => string,
): Moment[] {
  const of = (row: Row): number => advantages.get(row.step) ?? 0;
  const chosen = rows.filter(({ action }) => action >= 0);
  const moments: Moment[] = [];
  for (const row of extremes(chosen, of)) {
    if (of(row) > NOTABLE)
      moments.push({ step: row.step, kind: 'better', text: `Better than expected: ${withSign(of(row), 1)}` });
  }
  for (const row of extremes(chosen, (row) => -of(row))) {
    if (of(row) < -NOTABLE)
      moments.push({ step: row.step, kind: 'worse', text: `Worse than expected: ${withSign(of(row), 1)}` });
  }
  for (const { step, end } of chosen.filter((row) => row.end).slice(-2 * MOST)) {
    if (end) moments.push({ step, kind: end.cause === 'coin' ? 'goal' : 'death', text: endTitle(end.cause) });
  }
  const unlikely = chosen.filter(({ chance }) => chance < UNLIKELY).sort((a, b) => a.chance - b.chance);
  for (const { step, action, chance } of unlikely.slice(0, MOST)) {
    moments.push({ step, kind: 'surprise', text: `Unlikely: ${actionTitle(action)}, ${percent(chance, 1)}` });
  }
  return moments.sort((a, b) => a.step - b.step);
}
