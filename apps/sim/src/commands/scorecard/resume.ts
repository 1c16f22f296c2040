/**
 * Scores of a scorecard as they come, a JSON line a frame, so that a run that was stopped goes on where it was when the
 * same command is given again. The file goes when the scorecard is written.
 */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameScores, RandomisationCheck } from '@saccade/insight';

interface Line {
  readonly policy: string;
  readonly frame?: number;
  readonly scores?: FrameScores;
  readonly checks?: Readonly<Record<string, RandomisationCheck>>;
}

export interface Progressed {
  /** Frames that were scored before, in all. */
  readonly found: number;
  known(policy: string): ReadonlyMap<number, FrameScores>;
  checks(policy: string): Readonly<Record<string, RandomisationCheck>> | undefined;
  add(line: Line): void;
  /** All is written: nothing to go on from. */
  finish(): void;
}

/**
 * @param key what the scores depend on: settings, code version, the policies' hashes. A file of another key is begun
 *   anew.
 */
export function openProgress(folder: string, key: unknown): Progressed {
  const path = join(folder, 'scorecard.partial.jsonl');
  const head = JSON.stringify({ key });
  const lines: Line[] = [];
  const before = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  if (before[0] === head) {
    for (const text of before.slice(1)) {
      try {
        lines.push(JSON.parse(text) as Line);
      } catch {
        // The last line of a process that was killed while it wrote.
      }
    }
  }
  writeFileSync(path, [head, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'));
  return {
    found: lines.filter(({ frame }) => frame !== undefined).length,
    known: (policy) =>
      new Map(
        lines.flatMap((line) =>
          line.policy === policy && line.frame !== undefined && line.scores ? [[line.frame, line.scores]] : [],
        ),
      ),
    checks: (policy) => lines.find((line) => line.policy === policy && line.checks)?.checks,
    add: (line) => appendFileSync(path, `${JSON.stringify(line)}\n`),
    finish: () => rmSync(path, { force: true }),
  };
}
