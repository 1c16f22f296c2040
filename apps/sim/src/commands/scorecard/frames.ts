/** What the commands that score attribution methods look at: which methods, and one frame a held-out level. */
import { createActor, createFromSpec } from '@saccade/agent';
import { methodNamed, methods as registry } from '@saccade/attribution';
import { framePerLevel } from '@saccade/insight';
import type { LevelFrames } from '@saccade/insight';
import { actingBatch, packedPlayer } from '../insight/packedPlayer.ts';
import { heldOut, lanes } from '../insight/session.ts';
import type { Analysis } from '../insight/session.ts';

/** @throws InputError that lists the methods when a name is none of them */
export function methodsOf(names: string): string[] {
  if (names === 'all') return Object.keys(registry);
  const chosen = names.split(',').map((name) => name.trim());
  for (const name of chosen) methodNamed(name);
  return [...new Set(chosen)];
}

/** One frame of each of the first so many held-out levels, the policy playing. */
export async function framesOfLevels(
  { stored, environment, compile, withProgress }: Analysis,
  count: number,
  seed: number,
  signal: AbortSignal,
): Promise<LevelFrames> {
  const { network, parameters } = stored.policy;
  const actor = await createActor(network, parameters, actingBatch, compile);
  try {
    return await withProgress(`playing ${stored.name}`, (progress) =>
      framePerLevel({
        environments: Array.from({ length: Math.min(lanes, count) }, () => createFromSpec(environment)),
        player: packedPlayer(actor, network),
        levelSeeds: heldOut(count),
        seed,
        onProgress: (done, total) => progress(done / total),
        cancellation: signal,
      }),
    );
  } finally {
    actor.dispose();
  }
}
