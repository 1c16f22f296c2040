/** The package's version and where the repository lies, for a process that runs from a bundle or from the sources. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { internalError } from '@saccade/core';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'apps', 'sim', 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw internalError('the folder of Saccade was not found above its own code');
    folder = parent;
  }
  return folder;
}

/** Folder of the repository: models/, apps/, dist/ lie in it. */
export const root = findRoot();

export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
