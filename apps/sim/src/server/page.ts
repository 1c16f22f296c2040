/**
 * The built page: brought up to date by Vite on the first start, in a process of its own, so that the engines load
 * meanwhile and Vite's half a gigabyte is given back afterwards.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, throwIfAborted } from '@saccade/core';
import { fingerprint } from '../../bin/fingerprint.js';
import { root } from '../installation.ts';
import { runProcess } from '../workers/spawn.ts';

const viewer = join(root, 'apps', 'viewer');
export const pageFolder = join(root, 'dist', 'apps', 'viewer');
/** Says of which sources the page was built. */
const stamp = join(pageFolder, '.fingerprint');

function sources(): string[] {
  const own = ['src', 'public', 'index.html', 'vite.config.ts', 'offline.build.js', 'package.json'].map((name) =>
    join(viewer, name),
  );
  const libs = readdirSync(join(root, 'libs')).map((lib) => join(root, 'libs', lib, 'src'));
  return [...own, ...libs, join(root, 'package-lock.json')].filter((path) => existsSync(path));
}

/**
 * @param note told before a build begins, which takes seconds
 * @param signal ends a build that nobody needs any more
 * @returns the folder of the page
 * @throws InputError when it cannot be built
 */
export async function preparePage(note: (line: string) => void, signal: AbortSignal): Promise<string> {
  const wanted = fingerprint(sources(), root);
  const built = await readFile(stamp, 'utf8').catch(() => undefined);
  if (built === wanted) return pageFolder;
  note('building the page (first start, or its sources changed) ...');
  const began = performance.now();
  const fresh = `${pageFolder}.${process.pid}.new`;
  try {
    await mkdir(fresh, { recursive: true });
    await build(fresh, signal);
    await writeFile(join(fresh, '.fingerprint'), wanted);
    await rm(pageFolder, { recursive: true, force: true });
    await rename(fresh, pageFolder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  note(`built the page in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return pageFolder;
}

async function build(folder: string, signal: AbortSignal): Promise<void> {
  try {
    await runProcess('page', [viewer, folder], signal);
  } catch (error) {
    throwIfAborted(signal, 'page');
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError(`page: expected it to build, got ${message}`);
  }
}
