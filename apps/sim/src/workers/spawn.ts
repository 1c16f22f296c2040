/**
 * Starts a worker thread of this folder by its name. In a bundle its JavaScript lies beside the running code, of the
 * very same sources; where the sources run themselves (tests), the bundle is brought up to date first.
 */
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

/** @param name `engine` for workers/engine.worker.ts */
export async function spawnWorker(name: string, workerData: unknown = null): Promise<Worker> {
  return new Worker(join(await bundleFolder(), 'workers', `${name}.worker.js`), { workerData });
}
