/** Policies on disk: finds them (policyFiles.ts) and reads one, ours or an ONNX graph, with the card beside it. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '@saccade/core';
import type { Policy } from '@saccade/nn';
import { playablePolicy } from './playablePolicy.ts';
import type { PolicyFile } from './policyFiles.ts';
import { methodWarnings } from './randomisation.ts';

export { findPolicies, locatePolicy, modelsFolder } from './policyFiles.ts';
export type { PolicyFile } from './policyFiles.ts';

export interface StoredPolicy extends PolicyFile {
  readonly policy: Policy;
  /** Safetensors, also of what was an ONNX graph. */
  readonly bytes: Uint8Array;
  /** The file's bytes, hashed: names the policy in caches and recordings. */
  readonly hash: string;
  /** One line for people: from its card, or from what the file says of itself. */
  readonly description: string;
  /** By attribution method: what a reader of its maps of this policy has to know, measured by `saccade sanity`. */
  readonly warnings?: Readonly<Record<string, string>>;
}

/** Larger files are refused before they are read: the largest architecture has 2.5 MB. */
export const largestPolicyFile = 256 * 2 ** 20;

/** @throws InputError when the file is truncated, foreign, too large or of a later version */
export async function loadPolicy({ name, path }: PolicyFile): Promise<StoredPolicy> {
  const { size } = await stat(path);
  if (size > largestPolicyFile) {
    throw new InputError(`${path}: expected a policy of at most ${largestPolicyFile} bytes, got ${size}`);
  }
  const bytes = new Uint8Array(await readFile(path));
  const playable = playablePolicy(bytes, path);
  const warnings = await methodWarnings(path, playable.hash);
  return { name, path, ...playable, description: await describe(path, playable.policy), warnings };
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
