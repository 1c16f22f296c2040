/** A policy is a network with its parameters and the names of its actions; its own file format is safetensors. */
import { InputError, sameShape } from '@saccade/core';
import { architectures, buildNetwork } from './architectures.ts';
import type { HostTensors } from './compile.ts';
import type { Network } from './network.ts';
import { networkFile, networkFrom } from './networkFile.ts';
import type { NetworkFile } from './networkFile.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

export interface Policy {
  readonly network: Network;
  /** One tensor for each entry of `network.parameters`. */
  readonly parameters: HostTensors;
  /** Names of the actions, in the order of the logits. */
  readonly actions: readonly string[];
  /** What the policy was trained in and how, as JSON values; shown, and used to build its environment. */
  readonly training: Readonly<Record<string, unknown>>;
}

const metadataKey = 'saccade.policy';
const formatVersion = 1;

interface PolicyHeader {
  version: number;
  architecture: string;
  observationShape: number[];
  actions: string[];
  training: Record<string, unknown>;
  /** Of networks that no builder makes. */
  network?: NetworkFile;
}

function isHeader(value: unknown): value is PolicyHeader {
  const header = value as PolicyHeader | null;
  return (
    typeof header === 'object' &&
    header !== null &&
    typeof header.architecture === 'string' &&
    Array.isArray(header.observationShape) &&
    header.observationShape.length > 0 &&
    header.observationShape.every((length) => Number.isSafeInteger(length) && length > 0) &&
    Array.isArray(header.actions) &&
    header.actions.length > 0 &&
    header.actions.every((action) => typeof action === 'string') &&
    typeof header.training === 'object' &&
    header.training !== null
  );
}

function parseHeader(text: string, name: string): PolicyHeader {
  const malformed = `${name}: expected a Saccade policy, got a malformed ${metadataKey}`;
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new InputError(malformed);
  }
  const version = (header as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > formatVersion) {
    throw new InputError(`${name}: expected policy version ${formatVersion}, got ${version}: a newer Saccade wrote it`);
  }
  if (version !== formatVersion || !isHeader(header)) throw new InputError(malformed);
  return header;
}

/** Throws an InputError when a parameter is missing, superfluous, of another shape, or not finite. */
export function expectParameters(network: Network, parameters: HostTensors, name: string): void {
  for (const [key, { shape }] of Object.entries(network.parameters)) {
    const tensor = parameters[key];
    if (!tensor) throw new InputError(`${name}: expected a parameter ${key} [${shape.join(', ')}], got none`);
    if (!sameShape(tensor.shape, shape)) {
      throw new InputError(`${name}: expected ${key} [${shape.join(', ')}], got [${tensor.shape.join(', ')}]`);
    }
    if (tensor.dtype !== 'float32') throw new InputError(`${name}: expected ${key} as float32, got ${tensor.dtype}`);
    if (!tensor.data.every(Number.isFinite))
      throw new InputError(`${name}: expected finite values, got NaN or infinity in ${key}`);
  }
}

export function encodePolicy({ network, parameters, actions, training }: Policy): Uint8Array {
  const header: PolicyHeader = {
    version: formatVersion,
    architecture: network.architecture,
    observationShape: [...network.observationShape],
    actions: [...actions],
    training: { ...training },
    ...(Object.hasOwn(architectures, network.architecture) ? {} : { network: networkFile(network) }),
  };
  return encodeSafetensors({ tensors: parameters, metadata: { [metadataKey]: JSON.stringify(header) } });
}

/**
 * @param file the bytes of a policy file
 * @param name what to call the file in errors
 * @throws InputError when it is truncated, foreign, of a later version, or does not fit its architecture
 */
export function decodePolicy(file: Uint8Array, name = 'policy'): Policy {
  const { tensors, metadata } = decodeSafetensors(file, name);
  const text = metadata[metadataKey];
  if (!text) throw new InputError(`${name}: expected a Saccade policy, got a safetensors file without ${metadataKey}`);
  const header = parseHeader(text, name);
  const { architecture, observationShape, actions } = header;
  const network = header.network
    ? networkFrom(header.network, { architecture, observationShape, actions: actions.length }, name)
    : buildNetwork(architecture, observationShape, actions.length);
  expectParameters(network, tensors, name);
  const parameters = Object.fromEntries(Object.keys(network.parameters).map((key) => [key, tensors[key]]));
  return { network, parameters, actions, training: header.training };
}

/**
 * The same policy, given what its layer `input` holds instead of bytes: observations that are floats already are taken
 * as they are.
 */
export function takeInputAsIs(policy: Policy): Policy {
  const { nodes, parameters } = policy.network;
  const input = nodes.find(({ name }) => name === 'input');
  const unused = new Set<string>(input && 'parameters' in input ? input.parameters : []);
  const used = <T>(table: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(table).filter(([key]) => !unused.has(key)));
  return {
    ...policy,
    parameters: used(policy.parameters),
    network: {
      ...policy.network,
      parameters: used(parameters),
      nodes: nodes.map((node) =>
        node === input ? { name: node.name, op: 'scale', inputs: node.inputs, factor: 1 } : node,
      ),
    },
  };
}
