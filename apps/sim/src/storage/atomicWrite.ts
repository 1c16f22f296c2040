/** Writes a file so that a reader, a crash or a full disk never meets half of it: a new file, then a rename. */
import { open, rename, rm, stat } from 'node:fs/promises';
import { InputError } from '@saccade/core';

/** @throws InputError when the disk is full; whatever stood at `path` stays */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const file = await open(fresh, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new InputError(
        `${path}: expected room for ${content.length} bytes, got a full disk; nothing was overwritten`,
      );
    }
    throw error;
  }
}

/** @throws InputError unless `folder` is there: asked before a long computation whose result goes into it */
export async function expectFolder(flag: string, folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new InputError(`${flag}: expected a file in a folder that exists, got ${folder}`);
}
