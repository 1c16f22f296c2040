/** A policy with random weights on disk: the program's plumbing needs a policy, not a good one. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStream } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { buildNetwork, encodePolicy, initialiseParameters } from '@saccade/nn';
import type { Policy } from '@saccade/nn';

export function randomPolicy(seed = 1): Policy {
  const { actionSpace, observationSpace } = createCoinRun();
  const network = buildNetwork('compact', observationSpace.shape, actionSpace.names.length);
  const parameters = initialiseParameters(network, createStream(seed, 'random policy'));
  const training = { environment: { name: 'coinrun', config: { difficulty: 'easy' } } };
  return { network, parameters, actions: actionSpace.names, training };
}

/** @returns a new folder, and in it `<name>/policy.safetensors` for each name */
export async function policyFolder(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-policies-'));
  for (const [i, name] of names.entries()) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'policy.safetensors'), encodePolicy(randomPolicy(i + 1)));
  }
  return folder;
}
