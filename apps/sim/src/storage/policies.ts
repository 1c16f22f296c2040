/**
 * Policies on disk: `models/<name>/policy.safetensors` with `card.json` beside it, or any file by its path. A name is
 * looked up among the folders that exist, never joined to a path: nothing typed in a page can reach another folder.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hashBytes, InputError } from '@saccade/core';
import { decodePolicy } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { root } from '../installation.ts';

export interface PolicyFile {
  /** Folder name in models/, or for a file by path its name without `.safetensors`. */
  readonly name: string;
  readonly path: string;
}

export interface StoredPolicy extends PolicyFile {
  readonly policy: Policy;
  readonly bytes: Uint8Array;
  /** The file's bytes, hashed: names the policy in caches and recordings. */
  readonly hash: string;
  /** One line for people: from its card, or from what the file says of itself. */
  readonly description: string;
}

/** Larger files are refused before they are read: the largest architecture has 2.5 MB. */
const largestFile = 256 * 2 ** 20;
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
  return file === fileName ? basename(dirname(path)) : file.replace(/\.safetensors$/, '');
}

/** @throws InputError when the file is truncated, foreign, too large or of a later version */
export async function loadPolicy({ name, path }: PolicyFile): Promise<StoredPolicy> {
  const { size } = await stat(path);
  if (size > largestFile) {
    throw new InputError(`${path}: expected a policy of at most ${largestFile} bytes, got ${size}`);
  }
  const bytes = new Uint8Array(await readFile(path));
  const policy = decodePolicy(bytes, path);
  return { name, path, policy, bytes, hash: hashBytes(bytes), description: await describe(path, policy) };
}

async function describe(path: string, policy: Policy): Promise<string> {
  const plain = `${policy.network.architecture}, ${policy.actions.length} actions`;
  const text = await readFile(join(dirname(path), 'card.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return plain;
  try {
    const card = JSON.parse(text) as { description?: unknown } | null;
    return typeof card?.description === 'string' ? card.description : plain;
  } catch {
    throw new InputError(`${join(dirname(path), 'card.json')}: expected JSON, got something else`);
  }
}
