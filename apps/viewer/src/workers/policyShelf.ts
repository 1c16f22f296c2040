/**
 * The policies that lie beside a page without a server: a list that says what they are, small and read at once, and
 * their weights, read when one of them first plays.
 */
import { hashBytes, InputError } from '@saccade/core';
import { buildNetwork } from '@saccade/nn';
import type { Policy } from '@saccade/nn';
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
}

/** All but its weights: enough to offer a policy, not to run it. */
function headOf({ architecture, observationShape, actions, training }: ShelvedPolicy): Policy {
  return { network: buildNetwork(architecture, observationShape, actions.length), parameters: {}, actions, training };
}

export interface PolicyShelf {
  readonly policies: readonly NamedPolicy[];
  /** Bytes of the file. @param hash of one of `policies` @throws InputError when it cannot be had, or is another one */
  bytes(hash: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** @param base address of the page's folder @throws InputError when the list cannot be had */
export async function openShelf(base: string): Promise<PolicyShelf> {
  const folder = new URL('policies/', base).href;
  const text = new TextDecoder().decode(await download(new URL('index.json', folder).href, undefined));
  const list = JSON.parse(text) as readonly ShelvedPolicy[];
  const fetched = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  const fetchBytes = async (hash: string): Promise<Uint8Array<ArrayBuffer>> => {
    const found = list.find((policy) => policy.hash === hash);
    if (!found) throw new InputError(`policy: expected one of ${list.map(({ name }) => name).join(', ')}, got ${hash}`);
    const bytes = await download(new URL(found.file, folder).href, found.bytes);
    if (hashBytes(bytes) !== hash)
      throw new InputError(`${found.file}: expected the file of the list, got another one`);
    return bytes;
  };
  return {
    policies: list.map((shelved) => ({
      name: shelved.name,
      description: shelved.description,
      hash: shelved.hash,
      policy: headOf(shelved),
    })),
    bytes(hash) {
      const known = fetched.get(hash) ?? fetchBytes(hash);
      fetched.set(hash, known);
      // A network that failed once may do better.
      known.catch(() => fetched.delete(hash));
      return known;
    },
  };
}
