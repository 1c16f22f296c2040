/** The numbers behind the charts as files that other programs read. */
import type { Row } from './timeline.ts';

export interface TableRow {
  readonly step: number;
  readonly episode: number;
  /** Name of the action; empty where nothing was chosen. */
  readonly action: string;
  readonly chance: number;
  readonly reward: number;
  readonly value: number;
  readonly advantage: number | null;
  readonly entropy: number;
  /** Why the episode ended with this step; empty where it did not. */
  readonly end: string;
}

export function tableOf(
  rows: Iterable<Row>,
  advantages: ReadonlyMap<number, number>,
  actions: readonly string[],
): TableRow[] {
  return Array.from(rows, ({ step, episode, action, chance, reward, value, entropy, end }) => ({
    step,
    episode,
    action: actions[action] ?? '',
    chance,
    reward,
    value,
    advantage: advantages.get(step) ?? null,
    entropy,
    end: end?.cause ?? '',
  }));
}

const columns = [
  'step',
  'episode',
  'action',
  'chance',
  'reward',
  'value',
  'advantage',
  'entropy',
  'end',
] as const satisfies (keyof TableRow)[];

/** RFC 4180: a line of names, then one a row; text that holds a comma or a quote is quoted. */
export function csvOf(table: readonly TableRow[]): string {
  const field = (value: string | number | null): string => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns.join(','), ...table.map((row) => columns.map((name) => field(row[name])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
}
