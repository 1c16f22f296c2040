/**
 * Starts a worker of this folder by its name, as a thread or a process. In a bundle its JavaScript lies beside the running code, of the
 * very same sources; where the sources run themselves (tests), the bundle is brought up to date first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { root } from '../installation.ts';

async function bundleFolder(): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  if (existsSync(join(here, 'main.js'))) return here;
  // Not a literal: a bundler must not follow it.
  const launcher = pathToFileURL(join(root, 'apps', 'sim', 'bin', 'bundle.js')).href;
  const { bundle } = (await import(/* @vite-ignore */ launcher)) as { bundle: () => Promise<string> };
  return bundle();
}

/** JavaScript of a worker. @param name `engine` for workers/engine.worker.ts */
async function workerFile(name: string): Promise<string> {
  return join(await bundleFolder(), 'workers', `${name}.worker.js`);
}

/** @param name `engine` for workers/engine.worker.ts */
export async function spawnWorker(name: string, workerData: unknown = null): Promise<Worker> {
  return new Worker(await workerFile(name), { workerData });
}

/**
 * Runs a worker's file to its end in a process of its own: for what takes much memory once.
 * @throws Error with what it wrote to stderr when it fails
 */
export async function runProcess(name: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [await workerFile(name), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(said.trim() || `code ${code}`);
}
