/** From a recording to what a session shows: whose thoughts it holds, and its instants, replayed and checked. */
import { InputError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Recording, RecordingInfo } from '@saccade/protocol';
import type { ActingPolicy, OfferedPolicy, OpenRecording } from '@saccade/session';
import { recordedInstants } from './recordedInstants.ts';

export interface Opened {
  readonly policy: OfferedPolicy;
  readonly recording: OpenRecording;
}

/** The policy that it was recorded with; else one that could have played it, to draw maps of. */
function policyFor({ manifest }: Recording, policies: readonly OfferedPolicy[]): OfferedPolicy {
  const recorded = policies.find(({ hash }) => hash === manifest.policy?.hash);
  if (recorded) return recorded;
  const actions = manifest.actions.join(', ');
  const similar = policies.filter(({ policy }) => policy.actions.join(', ') === actions);
  const found = similar.find(({ name }) => name === manifest.policy?.name) ?? similar[0];
  if (found) return found;
  throw new InputError(`recording: expected actions of a policy that this server offers, got ${actions}`);
}

/** @throws InputError when not even its first state can be shown, CancelledError */
export async function openRecording(
  recording: Recording,
  info: RecordingInfo,
  policies: readonly OfferedPolicy[],
  act: (hash: string, observation: Uint8Array) => ReturnType<ActingPolicy['act']>,
  cancellation?: Cancellation,
): Promise<Opened> {
  const policy = policyFor(recording, policies);
  const replayed = await recordedInstants(
    recording,
    { act: (observation) => act(policy.hash, observation) },
    cancellation,
  );
  const known = recording.manifest.policy?.hash === policy.hash;
  return { policy, recording: { ...replayed, info, known } };
}
