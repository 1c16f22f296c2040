/**
 * Where a command's words go. For people: the result on stdout, notes and progress on stderr. For machines (`--json`):
 * one JSON document on stdout, everything else on stderr.
 */
import { createProgress } from './progress.ts';
import type { Progress, ProgressStream, ProgressTask } from './progress.ts';

/** What of `process.stdout` is used; tests hand in their own. */
export type WordStream = ProgressStream;

export interface Output {
  /** Is the result for a machine? */
  readonly json: boolean;
  /** A line of the result, for people: stdout; dropped under --json, whose document says it. */
  print(line: string): void;
  /** The result for machines, once: written under --json only. */
  result(document: unknown): void;
  /** A note beside the result: stderr. */
  note(line: string): void;
  progress(task: ProgressTask): Progress;
}

export function createOutput(json: boolean, stdout: WordStream, stderr: WordStream): Output {
  return {
    json,
    print(line) {
      if (!json) stdout.write(`${line}\n`);
    },
    result(document) {
      if (json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
    note(line) {
      stderr.write(`${line}\n`);
    },
    progress: (task) => createProgress(stderr, task, () => performance.now()),
  };
}
