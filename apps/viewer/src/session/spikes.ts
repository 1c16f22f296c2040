/** Where the value jumped from one step to the next: what is worth explaining from the frame before. */
import type { Row } from './timeline.ts';

export interface Spike {
  readonly step: number;
  /** V(step) - V(step - 1). */
  readonly change: number;
}

/** Smaller changes are everyday, in the value's units. */
const NOTABLE = 0.5;
/** How many, and how near to each other, steps. */
const MOST = 6;
const APART = 6;

/** The largest jumps within episodes, in the order of time. @param rows in order */
export function spikesOf(rows: readonly Row[]): Spike[] {
  const jumps: Spike[] = [];
  for (let i = 1; i < rows.length; i++) {
    const [before, now] = [rows[i - 1], rows[i]];
    const change = now.value - before.value;
    if (now.step === before.step + 1 && now.episode === before.episode && Math.abs(change) >= NOTABLE) {
      jumps.push({ step: now.step, change });
    }
  }
  const chosen: Spike[] = [];
  for (const jump of jumps.sort((a, b) => Math.abs(b.change) - Math.abs(a.change))) {
    if (chosen.length >= MOST) break;
    if (chosen.every(({ step }) => Math.abs(step - jump.step) >= APART)) chosen.push(jump);
  }
  return chosen.sort((a, b) => a.step - b.step);
}
