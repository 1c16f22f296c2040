/** A policy is a network with its parameters and the names of its actions; its file is safetensors. */
import { InputError, sameShape } from '@saccade/core';
import { buildNetwork } from './architectures.ts';
import type { HostTensors } from './compile.ts';
import type { Network } from './network.ts';
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
  const header = JSON.parse(text) as PolicyHeader;
  if (header.version !== formatVersion) {
    throw new InputError(
      `${name}: expected policy version ${formatVersion}, got ${header.version}: a newer Saccade wrote it`,
    );
  }
  const network = buildNetwork(header.architecture, header.observationShape, header.actions.length);
  expectParameters(network, tensors, name);
  const parameters = Object.fromEntries(Object.keys(network.parameters).map((key) => [key, tensors[key]]));
  return { network, parameters, actions: header.actions, training: header.training };
}
