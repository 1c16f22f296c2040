/**
 * The policies that lie beside a page without a server: a list that says what they are, small and read at once, and
 * their weights, read when one of them first plays.
 */
import { hashBytes, InputError } from '@saccade/core';
import { buildNetwork } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import { parseFeaturesFile } from '@saccade/protocol';
import type { FeaturesFile } from '@saccade/protocol';
import type { NamedPolicy } from '@saccade/session';
import { download } from './download.ts';

/** One of `policies/index.json`. */
export interface ShelvedPolicy {
  readonly name: string;
  readonly description: string;
  /** Of the file's bytes. */
  readonly hash: string;
  /** Beside the list. */
  readonly file: string;
  /** Of the file. */
  readonly bytes: number;
  readonly architecture: string;
  /** [height, width, channel] */
  readonly observationShape: readonly number[];
  readonly actions: readonly string[];
  readonly training: Policy['training'];
  /** See `NamedPolicy`. */
  readonly warnings: Readonly<Record<string, string>>;
  /** Of its features, beside the list; null where it came without. */
  readonly features: string | null;
}

/** All but its weights: enough to offer a policy, not to run it. */
function headOf({ architecture, observationShape, actions, training }: ShelvedPolicy): Policy {
  return { network: buildNetwork(architecture, observationShape, actions.length), parameters: {}, actions, training };
}

export interface PolicyShelf {
  readonly policies: readonly NamedPolicy[];
  /** Bytes of the file. @param hash of one of `policies` @throws InputError when it cannot be had, or is another one */
  bytes(hash: string): Promise<Uint8Array<ArrayBuffer>>;
  /** What its layers' factors are; undefined where it came without. @throws InputError when the file cannot be had */
  features(hash: string): Promise<FeaturesFile | undefined>;
}

/** @param base address of the page's folder @throws InputError when the list cannot be had */
export async function openShelf(base: string): Promise<PolicyShelf> {
  const folder = new URL('policies/', base).href;
  const text = new TextDecoder().decode(await download(new URL('index.json', folder).href, undefined));
  const list = JSON.parse(text) as readonly ShelvedPolicy[];
  const entry = (hash: string): ShelvedPolicy => {
    const found = list.find((policy) => policy.hash === hash);
    if (found) return found;
    throw new InputError(`policy: expected one of ${list.map(({ name }) => name).join(', ')}, got ${hash}`);
  };
  const json = async (file: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await download(new URL(file, folder).href, undefined)));
  return {
    policies: list.map((shelved) => ({
      name: shelved.name,
      description: shelved.description,
      hash: shelved.hash,
      policy: headOf(shelved),
      warnings: shelved.warnings,
    })),
    bytes: keeping(async (hash) => {
      const { file, bytes: size } = entry(hash);
      const bytes = await download(new URL(file, folder).href, size);
      if (hashBytes(bytes) !== hash) throw new InputError(`${file}: expected the file of the list, got another one`);
      return bytes;
    }),
    features: keeping(async (hash) => {
      const { features } = entry(hash);
      return features === null ? undefined : parseFeaturesFile(await json(features));
    }),
  };
}

/** Fetches once for each hash. A network that failed may do better the next time. */
function keeping<T>(fetchOf: (hash: string) => Promise<T>): (hash: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (hash) => {
    const before = known.get(hash);
    if (before) return before;
    const fetched = fetchOf(hash);
    known.set(hash, fetched);
    fetched.catch(() => known.delete(hash));
    return fetched;
  };
}
