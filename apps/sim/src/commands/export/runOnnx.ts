/** Writes the ONNX file, after a runtime that knows nothing of us has run it beside the policy. */
import { dirname } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createStream, InputError, sizeOf, throwIfAborted } from '@saccade/core';
import { createActor } from '@saccade/agent';
import { compareOutputs, exportOnnx, policyOutputs } from '@saccade/nn';
import type { Compile, Policy, PolicyOutputs } from '@saccade/nn';
import { typicalFrames } from '@saccade/session';
import { readAnyPolicy } from '../../storage/anyPolicy.ts';
import { expectFolder, writeAtomically } from '../../storage/atomicWrite.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import type { OnnxSettings } from './settings.ts';

/** What the policy really sees says most; of a policy without an environment of ours nobody knows: random bytes. */
async function observationsFor(
  policy: Policy,
  compile: Compile,
  frames: number,
  seed: number,
): Promise<{ readonly observations: Uint8Array; readonly source: string }> {
  const { network, parameters, training } = policy;
  const size = sizeOf(network.observationShape);
  if (training['environment'] === undefined) {
    const stream = createStream(seed, 'observations to compare');
    const observations = Uint8Array.from({ length: frames * size }, () => stream.integer(256));
    return { observations, source: 'random observations' };
  }
  const actor = await createActor(network, parameters, 1, compile);
  const bank = await typicalFrames(policy, {
    async act(observation) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  });
  return { observations: bank.subarray(0, frames * size), source: 'frames that it meets' };
}

async function runtimeOutputs(file: Uint8Array, policy: Policy, observations: Uint8Array): Promise<PolicyOutputs> {
  const shape = policy.network.observationShape;
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const count = observations.length / sizeOf(shape);
    const observation = new Tensor('uint8', observations, [count, ...shape]);
    const { logits, value } = await session.run({ observation });
    return { logits: logits.data as Float32Array, value: value.data as Float32Array };
  } finally {
    await session.release();
  }
}

export async function runOnnx(settings: OnnxSettings, { output, signal }: CommandContext): Promise<void> {
  const { onnx, declaration, frames, seed } = settings;
  await expectFolder('--onnx', dirname(onnx));
  const { policy, hash } = await readAnyPolicy(settings.policy, declaration);
  const file = exportOnnx(policy);
  const compile = await createCompile(1);
  const { observations, source } = await observationsFor(policy, compile, frames, seed);
  throwIfAborted(signal, 'export');
  const expected = await policyOutputs(policy, observations, compile);
  const parity = compareOutputs(expected, await runtimeOutputs(file, policy, observations));
  if (!parity.equal) {
    throw new InputError(
      `${onnx}: expected the outputs of the policy, got logits that differ by up to ${parity.logits} and values by up to ${parity.value}; nothing was written`,
    );
  }
  await writeAtomically(onnx, file);
  output.print(
    `parity on ${parity.observations} ${source}: logits differ by at most ${parity.logits.toExponential(1)}, values by ${parity.value.toExponential(1)}, the same action ${parity.sameAction} times`,
  );
  output.print(`wrote ${onnx} (${file.length} bytes)`);
  output.result({ policy: settings.policy.name, policyHash: hash, file: onnx, bytes: file.length, parity });
}
