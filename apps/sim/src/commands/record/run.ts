/** Plays the episode that the viewer would play, and writes it down. */
import { throwIfAborted } from '@saccade/core';
import { createActor, environmentOf } from '@saccade/agent';
import { recordingVersion } from '@saccade/protocol';
import type { End, Manifest, RecordedStep } from '@saccade/protocol';
import { environmentFor, Player } from '@saccade/session';
import { version } from '../../installation.ts';
import { loadPolicy } from '../../storage/policies.ts';
import { expectNewRecording, writeRecording } from '../../storage/recordings.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { CommandContext } from '../shell/command.ts';
import type { Settings } from './settings.ts';

export async function runRecord(settings: Settings, { output, signal }: CommandContext): Promise<void> {
  const { level, seed, out } = settings;
  await expectNewRecording(out);
  const { policy, name, hash } = await loadPolicy(settings.policy);
  const environment = environmentFor(policy);
  const actor = await createActor(policy.network, policy.parameters, 1, await createCompile(1));
  const player = new Player(
    environment,
    {
      async act(observation) {
        const { logits, values } = await actor.act(observation);
        return { logits, value: values[0] };
      },
    },
    level,
    seed,
  );
  const startHash = environment.stateHash();
  const steps: RecordedStep[] = [];
  let end: End | null = null;
  const progress = output.progress({ label: 'recording', unit: 'steps' });
  try {
    while (end === null && steps.length < settings.steps) {
      throwIfAborted(signal, 'record');
      const instant = await player.next();
      if (instant.action === null) break;
      const { action, actor: who, reward, value, logits } = instant;
      end = instant.end;
      steps.push({ action, actor: who, reward, value, logits, end, stateHash: environment.stateHash() });
      if (steps.length % 100 === 0) progress.update(steps.length);
    }
  } finally {
    progress.finish();
  }
  const { name: environmentName, config } = environmentOf(policy);
  const manifest: Manifest = {
    format: 'saccade-recording',
    version: recordingVersion,
    saccade: version,
    environment: { name: environmentName, config: { ...config } },
    levelSeed: level,
    seed,
    actions: [...policy.actions],
    policy: { name, hash, weightEdits: [] },
    branch: null,
    startHash,
    steps: steps.length,
    return: environment.info().episodeReturn,
    end,
  };
  await writeRecording(out, { manifest, steps, events: [] });
  const how = end === null ? 'not at its end' : `${end.kind}: ${end.cause}`;
  output.print(`recorded ${steps.length} steps of level ${level} (${how}, return ${manifest.return}) into ${out}`);
  output.result({ folder: out, ...manifest });
}
