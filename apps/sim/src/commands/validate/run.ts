/** Replays a recording to its end; the replay itself checks. */
import { z } from 'zod';
import { throwIfAborted } from '@saccade/core';
import { readRecording } from '../../storage/recordings.ts';
import { replay } from '../../storage/replay.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, parseFlags } from '../shell/flags.ts';

const flagsSchema = z.object({ ...commonFlags, recording: z.string() });

export async function runValidate(
  flags: Readonly<Record<string, unknown>>,
  { output, signal }: CommandContext,
): Promise<void> {
  const { recording: folder } = parseFlags(flagsSchema, flags);
  const recording = await readRecording(folder);
  const { manifest, events } = recording;
  const progress = output.progress({ label: 'replaying', total: manifest.steps, unit: 'steps' });
  try {
    for (const { step } of replay(recording)) {
      throwIfAborted(signal, 'validate');
      if (step % 1000 === 999) progress.update(step + 1);
    }
  } finally {
    progress.finish();
  }
  output.print(`${folder}: ${manifest.steps} steps and ${events.length} events replay as recorded`);
  output.result({ folder, valid: true, steps: manifest.steps, events: events.length });
}
