// One number for a set of source folders: two equal ones mean that nothing has to be built again.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Hash over names, sizes and times of all files of the folders (or single files), and over `extra`. */
export function fingerprint(paths, extra = '') {
  const hash = createHash('sha256').update(`${process.version} ${extra}\n`);
  const visit = (path) => {
    const { size, mtimeMs, isFile } = describe(path);
    if (isFile) hash.update(`${path} ${size} ${mtimeMs}\n`);
    else for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  for (const path of paths) visit(path);
  return hash.digest('hex').slice(0, 16);
}

function describe(path) {
  const stats = statSync(path);
  return { size: stats.size, mtimeMs: stats.mtimeMs, isFile: stats.isFile() };
}
