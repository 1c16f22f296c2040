/**
 * A Chromium without a window, driven over two pipes by the DevTools protocol: no package is needed for that, and no
 * port is opened. Used for what only browsers have, which is video encoders.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CancelledError, InputError } from '@saccade/core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'chrome.exe'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param given a path that was asked for @throws InputError that says what to install, or what needs none */
export function findChromium(given: string | undefined, path = process.env['PATH'] ?? ''): string {
  if (given !== undefined) {
    if (executable(given)) return given;
    throw new InputError(`--browser: expected a program, got ${given}`);
  }
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const files = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere];
  const found = files.find(executable);
  if (found !== undefined) return found;
  throw new InputError(
    '--format: expected a Chromium to encode video, got none on the PATH: install one (apt-get install chromium), name it with --browser, or take gif, which needs none',
  );
}

const flags = [
  '--headless',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  // Nothing is fetched; should a page try, there is nobody to ask.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--remote-debugging-pipe',
];

interface Answer {
  readonly id?: number;
  readonly result?: { readonly [key: string]: unknown };
  readonly error?: { readonly message: string };
}

export interface ChromiumPage {
  /** Value of an expression in the page, awaited; what it throws is thrown. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens a page in a browser of its own. @throws CancelledError once `signal` is aborted */
export async function openChromium(program: string, address: string, signal: AbortSignal): Promise<ChromiumPage> {
  const profile = await mkdtemp(join(tmpdir(), 'saccade-chromium-'));
  // Chromium refuses its sandbox to root; the page is ours and asks nobody.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(program, [...flags, ...sandbox, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (text) => (said = (said + String(text)).slice(-2000)));
  const [, , , commands, answers] = child.stdio as unknown as [null, null, Readable, Writable, Readable];
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let over: Error | undefined;
  const end = (error: Error): void => {
    over ??= error;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
  };
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end(new InputError(`--browser: expected a Chromium, got ${program}: ${error.message}`));
      resolve();
    });
    child.once('close', () => {
      end(new InputError(`--browser: expected a Chromium that runs, got ${said.trim().split('\n').at(-1) ?? program}`));
      resolve();
    });
  });
  commands.on('error', () => undefined);
  let rest = '';
  answers.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const answer = JSON.parse(part) as Answer;
      if (answer.id === undefined) continue;
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    }
  });
  const send = (method: string, params: object, sessionId?: string): Promise<NonNullable<Answer['result']>> =>
    new Promise<Answer>((resolve, reject) => {
      if (over) return reject(over);
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      commands.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    }).then(({ result, error }) => {
      if (error) throw new Error(`Chromium: ${method}: ${error.message}`);
      return result ?? {};
    });
  const abort = (): void => {
    end(new CancelledError('export'));
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', abort, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { targetId } = await send('Target.createTarget', { url: address });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    return {
      async evaluate(expression) {
        const params = { expression, awaitPromise: true, returnByValue: true };
        const answer = await send('Runtime.evaluate', params, sessionId as string);
        const failed = answer['exceptionDetails'] as { text: string; exception?: { description?: string } } | undefined;
        if (failed) throw new Error(failed.exception?.description?.split('\n')[0] ?? failed.text);
        return (answer['result'] as { value?: unknown }).value;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
