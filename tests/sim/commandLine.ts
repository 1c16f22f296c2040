/**
 * Runs a command line in this process, from the sources: what a command says and does needs no process of its own.
 * tests/support/saccade.ts runs the real binary, for what only a process shows.
 */
import { expect } from 'vitest';
import { runCommandLine } from '../../apps/sim/src/main.ts';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(...args: string[]): Promise<Said> {
  let stdout = '';
  let stderr = '';
  const code = await runCommandLine(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    interruption: () => new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** The one line of a refusal. */
export async function refusal(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect(code, stderr).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trimEnd()).not.toContain('\n');
  return stderr.trimEnd();
}
