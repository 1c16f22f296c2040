/** One policy of a study: trained to its end in a run folder, with the early checkpoints that the study asks for. */
import { stat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFromSpec, createTrainingRun } from '@saccade/agent';
import type { EnvironmentSpec, PpoConfig } from '@saccade/agent';
import { throwIfAborted } from '@saccade/core';
import { createVectorEnvironment } from '@saccade/envs';
import type { LevelSet } from '@saccade/envs';
import { buildNetwork, decodePolicy, encodePolicy } from '@saccade/nn';
import type { Compile, Policy } from '@saccade/nn';
import { openRunFolder } from '../../storage/runFolder.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';

export interface StudyRun {
  readonly folder: string;
  readonly environment: EnvironmentSpec;
  readonly network: string;
  /** Training levels, a count or `all`. */
  readonly levels: number | 'all';
  readonly ppo: PpoConfig;
  /** Environment steps at which the policy is kept, ascending; the last is the end of the run. */
  readonly keepAt: readonly number[];
}

export interface KeptPolicy {
  readonly steps: number;
  readonly policy: Policy;
}

/** Seconds of training that a kill can cost. */
const saveEvery = 60;

export function levelSetOf(levels: number | 'all'): LevelSet {
  return levels === 'all' ? { kind: 'all' } : { kind: 'count', count: levels };
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** Trains what is missing and returns every kept policy. */
export async function trainForStudy(
  { folder: path, environment, network: architecture, levels, ppo, keepAt }: StudyRun,
  compile: Compile,
  signal: AbortSignal,
  onProgress: (steps: number) => void,
): Promise<KeptPolicy[]> {
  const folder = await openRunFolder(path);
  const fileAt = (steps: number): string => join(path, `policy-${steps}.safetensors`);
  const missing: number[] = [];
  for (const steps of keepAt) if (!(await exists(fileAt(steps)))) missing.push(steps);
  if (missing.length > 0) {
    const probe = createFromSpec(environment);
    const { names } = probe.actionSpace;
    const network = buildNetwork(architecture, probe.observationSpace.shape, names.length);
    const vector = createVectorEnvironment(() => createFromSpec(environment), {
      count: ppo.environments,
      levels: levelSetOf(levels),
      seed: ppo.seed,
      replay: ppo.levelReplay,
    });
    const checkpoint = (await folder.checkpoint()) ?? undefined;
    const run = await createTrainingRun({ config: ppo, network, vector, compile, checkpoint });
    await folder.rewind(run.steps());
    let saved = performance.now();
    try {
      while (missing.length > 0) {
        if (signal.aborted) {
          await folder.saveCheckpoint(await run.checkpoint());
          throwIfAborted(signal, 'study');
        }
        const { steps, statistics, explainedVariance } = await run.iterate();
        await folder.append('curve', { steps, ...statistics, explainedVariance });
        onProgress(steps);
        // Rollouts are whole: a policy is kept at the first one that reaches its steps.
        while (missing.length > 0 && (steps >= missing[0] || run.done())) {
          const training = { environment, levels, steps, ppo };
          const policy = { network, parameters: run.policyParameters(), actions: names, training };
          await writeAtomically(fileAt(missing[0]), encodePolicy(policy));
          missing.shift();
        }
        if (performance.now() - saved >= saveEvery * 1000) {
          await folder.saveCheckpoint(await run.checkpoint());
          saved = performance.now();
        }
      }
    } finally {
      run.dispose();
    }
  }
  const kept: KeptPolicy[] = [];
  for (const steps of keepAt)
    kept.push({ steps, policy: decodePolicy(new Uint8Array(await readFile(fileAt(steps))), fileAt(steps)) });
  return kept;
}
