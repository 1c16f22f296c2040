/**
 * Makes a policy from any file one that plays levels here. Our own files say which world they were trained in; an ONNX
 * graph does not, and is taken to play CoinRun where what it sees and how many actions it has fit.
 */
import { hashBytes, InputError } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { encodePolicy, readPolicy } from '@saccade/nn';
import type { OnnxDeclaration, Policy } from '@saccade/nn';

export interface PlayablePolicy {
  readonly policy: Policy;
  /** Safetensors, whatever the file was: what engines read. */
  readonly bytes: Uint8Array;
  /** Of the file's bytes, and of the declaration where there is one. */
  readonly hash: string;
}

const actionSets = ['named', 'procgen'] as const;
const madeUp = /^action-\d+$/;

/** @throws InputError when it sees or does something that CoinRun does not offer */
function asCoinRun(policy: Policy, file: string): Policy {
  const shape = policy.network.observationShape.join(' x ');
  const worlds = actionSets.map((actions) => createCoinRun({ actions }));
  const sees = worlds[0].observationSpace.shape.join(' x ');
  if (shape !== sees) throw new InputError(`${file}: expected a policy that sees ${sees} (CoinRun), got ${shape}`);
  const at = worlds.findIndex(({ actionSpace: { names } }) => {
    const same = policy.actions.every((name, i) => name === names[i] || madeUp.test(name));
    return same && names.length === policy.actions.length;
  });
  if (at < 0) {
    const counts = worlds.map(({ actionSpace }) => actionSpace.names.length).join(' or ');
    const got = `${policy.actions.length} (${policy.actions.join(', ').slice(0, 200)})`;
    throw new InputError(`${file}: expected CoinRun's ${counts} actions in its order, got ${got}`);
  }
  const environment = { name: 'coinrun', config: { actions: actionSets[at] } };
  return {
    ...policy,
    actions: worlds[at].actionSpace.names,
    training: { ...policy.training, environment },
  };
}

/**
 * @param file what to call it in errors
 * @throws InputError when it is truncated, foreign, cannot be imported, or does not play CoinRun
 */
export function playablePolicy(bytes: Uint8Array, file: string, declaration?: OnnxDeclaration): PlayablePolicy {
  const read = readPolicy(bytes, declaration, file);
  const hash = hashBytes(bytes);
  if (read.training['environment'] !== undefined) {
    // An ONNX graph may say where it plays, too; engines read safetensors alone.
    const own = read.training['onnx'] === undefined;
    return { policy: read, bytes: own ? bytes : encodePolicy(read), hash };
  }
  const policy = asCoinRun(read, file);
  const declared = declaration === undefined ? '' : hashBytes(encodePolicy(policy));
  return { policy, bytes: encodePolicy(policy), hash: declared || hash };
}
