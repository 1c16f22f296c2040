/** Writes a file so that a reader, a crash or a full disk never meets half of it: a new file, then a rename. */
import { appendFile, open, rename, rm, stat } from 'node:fs/promises';
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
    throw isFullDisk(error)
      ? new InputError(`${path}: expected room for ${content.length} bytes, got a full disk; nothing was overwritten`)
      : error;
  }
}

/** No room on the disk, or none left of its user's share. */
function isFullDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(String((error as NodeJS.ErrnoException).code));
}

/** Appends to a log; the lines before stay whatever happens. @throws InputError when the disk is full */
export async function appendTo(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await appendFile(path, content);
  } catch (error) {
    throw isFullDisk(error)
      ? new InputError(`${path}: expected room for ${content.length} more bytes, got a full disk`)
      : error;
  }
}

/** @throws InputError unless `folder` is there: asked before a long computation whose result goes into it */
export async function expectFolder(flag: string, folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new InputError(`${flag}: expected a file in a folder that exists, got ${folder}`);
}
