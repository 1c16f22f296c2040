/** Runs the real `saccade` binary, as a user would. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const binary = fileURLToPath(new URL('../../apps/sim/bin/saccade.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Id of the process. */
  readonly process: number;
  readonly finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stderr or stdout matches. */
  seen(pattern: RegExp): Promise<void>;
  /** The first group of what stdout matches. */
  said(pattern: RegExp): Promise<string>;
}

export function startSaccade(...args: string[]): Running {
  const child = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const watchers: { pattern: RegExp; resolve: () => void }[] = [];
  const notice = (): void => {
    for (const { pattern, resolve } of watchers) if (pattern.test(stdout) || pattern.test(stderr)) resolve();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    notice();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    notice();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      watchers.push({ pattern, resolve });
      notice();
      void finished.then(({ stderr: said }) => reject(new Error(`ended without ${String(pattern)}: ${said}`)));
    });
  return {
    process: child.pid ?? 0,
    finished,
    kill: (signal) => child.kill(signal),
    seen,
    async said(pattern) {
      await seen(pattern);
      return pattern.exec(stdout)?.[1] ?? '';
    },
  };
}

export function saccade(...args: string[]): Promise<Finished> {
  return startSaccade(...args).finished;
}
