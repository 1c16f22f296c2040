/**
 * The numbers of the last steps, by global step: what charts and the scrubber draw. Rows come from frames as they are
 * shown and, where this page skipped frames, from the server's history. A row is known or unknown, never guessed.
 */
import type { End, FrameMessage, HistoryMessage } from '@saccade/protocol';

export interface Row {
  readonly step: number;
  readonly episode: number;
  /** -1 where nothing was chosen. */
  readonly action: number;
  /** Probability that the policy gave to the action; 1 where nothing was chosen. */
  readonly chance: number;
  readonly reward: number;
  readonly value: number;
  /** Nats. */
  readonly entropy: number;
  readonly end: End | null;
}

/** Entropy of a distribution, nats. */
export function entropyOf(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i];
    if (p > 0) entropy -= p * Math.log(p);
  }
  return entropy;
}

export class Timeline {
  readonly capacity: number;
  private readonly rows = new Map<number, Row>();
  /** Global steps, both included; `newest` -1 while nothing is held. */
  oldest = 0;
  newest = -1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** What the server still holds: rows outside are forgotten. */
  setRange(oldest: number, newest: number): void {
    if (newest < this.newest || oldest < this.oldest) this.rows.clear();
    this.newest = newest;
    this.oldest = Math.max(oldest, newest - this.capacity + 1, 0);
    for (const step of this.rows.keys()) {
      if (step < this.oldest || step > newest) this.rows.delete(step);
    }
  }

  row(step: number): Row | undefined {
    return this.rows.get(step);
  }

  /** @returns false where its row was known: an instant never changes */
  addFrame(frame: FrameMessage): boolean {
    if (this.rows.get(frame.step)?.episode === frame.episode) return false;
    this.rows.set(frame.step, {
      step: frame.step,
      episode: frame.episode,
      action: frame.action ?? -1,
      chance: frame.action === null ? 1 : frame.probabilities[frame.action],
      reward: frame.reward,
      value: frame.value,
      entropy: entropyOf(frame.probabilities),
      end: frame.action === null ? null : frame.end,
    });
    return true;
  }

  addHistory(history: HistoryMessage): void {
    const rows = history.values.length;
    const actions = rows === 0 ? 0 : history.probabilities.length / rows;
    const ends = new Map(history.ends.map(({ step, end }) => [step, end]));
    for (let i = 0; i < rows; i++) {
      const step = history.from + i;
      const action = history.actions[i];
      if (step < this.oldest || step > this.newest) continue;
      this.rows.set(step, {
        step,
        episode: history.episodes[i],
        action,
        chance: action < 0 ? 1 : history.probabilities[i * actions + action],
        reward: history.rewards[i],
        value: history.values[i],
        entropy: entropyOf(history.probabilities.subarray(i * actions, (i + 1) * actions)),
        end: ends.get(step) ?? null,
      });
    }
  }

  /** The shortest range from <= step < to that covers everything unknown, or nothing to ask for. */
  missing(): { readonly from: number; readonly to: number } | undefined {
    let from = -1;
    let to = -1;
    for (let step = this.oldest; step <= this.newest; step++) {
      if (this.rows.has(step)) continue;
      if (from < 0) from = step;
      to = step + 1;
    }
    return from < 0 ? undefined : { from, to };
  }

  /** Known rows in order. */
  *known(): Generator<Row> {
    for (let step = this.oldest; step <= this.newest; step++) {
      const row = this.rows.get(step);
      if (row) yield row;
    }
  }
}
