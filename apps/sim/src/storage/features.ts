/**
 * Features on disk: `features.json` beside a policy, made once and shipped with it, and a cache of what was computed
 * since, by the hash of the policy's bytes.
 */
import { readFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '@saccade/core';
import type { FeaturesFile } from '@saccade/protocol';
import { parseFeaturesFile } from '@saccade/protocol';
import { root } from '../installation.ts';
import { writeAtomically } from './atomicWrite.ts';

export const featuresFileName = 'features.json';

/** What computes features is another computation since: older caches are left alone. */
const cacheVersion = 2;

export const featuresCache = join(root, '.cache', 'features');

async function readAt(path: string): Promise<FeaturesFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parseFeaturesFile(JSON.parse(text));
  } catch (error) {
    const why = error instanceof InputError ? error.message : 'expected JSON, got something else';
    throw new InputError(`${path}: ${why}`);
  }
}

/**
 * The features that came with a policy; undefined where there are none, or they are of other weights.
 * @param path of the policy's file
 * @throws InputError when the file is no features file
 */
export async function shippedFeatures(path: string, hash: string): Promise<FeaturesFile | undefined> {
  const found = await readAt(join(dirname(path), featuresFileName));
  return found?.policy === hash ? found : undefined;
}

const cachePath = (folder: string, hash: string): string => join(folder, `${hash}-${cacheVersion}.json`);

/** What was computed here before; a cache that cannot be read is none. */
export function cachedFeatures(hash: string, folder = featuresCache): Promise<FeaturesFile | undefined> {
  return readAt(cachePath(folder, hash)).catch(() => undefined);
}

export async function cacheFeatures(file: FeaturesFile, folder = featuresCache): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeAtomically(cachePath(folder, file.policy), JSON.stringify(file));
}
