/** Which steps belong together: the episodes among rows, for the track above the charts. */
import type { Row } from './timeline.ts';

export interface EpisodeSpan {
  readonly episode: number;
  /** Global steps, both included. */
  readonly from: number;
  readonly to: number;
  /** How it ended, and with which step; null while it runs. */
  readonly cause: string | null;
  readonly endStep: number;
}

/** @param rows in order */
export function episodesOf(rows: Iterable<Row>): EpisodeSpan[] {
  const list: EpisodeSpan[] = [];
  for (const { episode, step, end } of rows) {
    const before = list.at(-1);
    if (before?.episode === episode) {
      list[list.length - 1] = { ...before, to: step, ...(end ? { cause: end.cause, endStep: step } : {}) };
    } else {
      list.push({ episode, from: step, to: step, cause: end?.cause ?? null, endStep: step });
    }
  }
  return list;
}
