/**
 * Which policies there are on disk: `models/<name>/policy.safetensors`, or any file by its path. A name is looked up
 * among the folders that exist, never joined to a path: nothing typed in a page can reach another folder. Free of
 * TensorFlow.js, so that a wrong name is answered at once.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '@saccade/core';
import { root } from '../installation.ts';

export interface PolicyFile {
  /** Folder name in models/, or for a file by path its name without its ending. */
  readonly name: string;
  readonly path: string;
}

const fileName = 'policy.safetensors';

export const modelsFolder = join(root, 'models');

/** The policies of a folder of models, by name. */
export async function findPolicies(folder = modelsFolder): Promise<PolicyFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: PolicyFile[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name, fileName);
    if (await isFile(path)) found.push({ name: entry.name, path });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/**
 * What a user of the command line means: the name of a bundled policy, or a path to a file or to a folder that holds
 * `policy.safetensors`. Never for names that come over the network.
 * @throws InputError that lists the bundled policies when it is neither
 */
export async function locatePolicy(nameOrPath: string, folder = modelsFolder): Promise<PolicyFile> {
  const policies = await findPolicies(folder);
  const bundled = policies.find(({ name }) => name === nameOrPath);
  if (bundled) return bundled;
  const path = resolve(nameOrPath);
  if (await isFile(path)) return { name: nameOf(path), path };
  const inside = join(path, fileName);
  if (await isFile(inside)) return { name: nameOf(inside), path: inside };
  const names = policies.map(({ name }) => name);
  throw new InputError(
    `policy: expected ${names.length > 0 ? `one of ${names.join(', ')}, or ` : ''}a path to a ${fileName}, got ${nameOrPath}`,
  );
}

function nameOf(path: string): string {
  const file = basename(path);
  return file === fileName ? basename(dirname(path)) : file.replace(/\.(safetensors|onnx)$/, '');
}
