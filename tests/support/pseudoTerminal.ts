/** Runs the real binary in a pseudo terminal (util-linux's `script`), as a person would, and types into it. */
import { spawn, spawnSync } from 'node:child_process';
import { binary } from './saccade.ts';

export const hasPseudoTerminal = spawnSync('script', ['--version']).status === 0;

export interface PseudoTerminal {
  /** Everything written so far. */
  read(): string;
  type(keys: string): void;
  /** Resolves with the match, when the output has one; rejects when the program ends without. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with everything written. */
  readonly finished: Promise<string>;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Prints `before <settings>` and `pid <n>`, runs `saccade ...args`, prints `ended <code> <settings>`. */
export function openPseudoTerminal(columns: number, rows: number, ...args: string[]): PseudoTerminal {
  const run = [process.execPath, binary, ...args].map(quoted).join(' ');
  const command = `stty cols ${columns} rows ${rows}; echo before $(stty -g); sh -c 'echo pid $$; exec "$@"' - ${run}; echo ended $? $(stty -g)`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  let over = false;
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const watcher of watchers) watcher();
  });
  const finished = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      over = true;
      for (const watcher of watchers) watcher();
      resolve(text);
    });
  });
  return {
    read: () => text,
    type: (keys) => void child.stdin.write(keys),
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match === null && !over) return;
          watchers.delete(look);
          if (match === null) reject(new Error(`ended without ${String(pattern)}: ${text.slice(-2000)}`));
          else resolve(match);
        };
        watchers.add(look);
        look();
      }),
    finished,
  };
}
