/** Evaluates a run's policy in every way that its card states, then writes weights, curve and card. */
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { createFromSpec, environmentOf } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import { layoutOverlap, resolveCoinRunConfig } from '@saccade/envs';
import { decodePolicy } from '@saccade/nn';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { loadPolicy, modelsFolder } from '../../storage/policies.ts';
import { openRunFolder } from '../../storage/runFolder.ts';
import { openEngine } from '../../workers/devices/device.ts';
import { version } from '../../installation.ts';
import { makeFeatures, usualPlan } from '../features/make.ts';
import { blindPlayersOf, evaluateBlind } from '../eval/blindPlayers.ts';
import { heldOutLevels, trainingLevels } from '../eval/levels.ts';
import type { TrainingLevels } from '../eval/levels.ts';
import { evaluateParameters } from '../eval/play.ts';
import type { PlayRequest } from '../eval/play.ts';
import { asDocument } from '../eval/summary.ts';
import type { NamedSummary } from '../eval/summary.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { trainCommandOf } from '../train/commandLine.ts';
import type { TrainingConfig } from '../train/config.ts';
import { cardText } from './card.ts';
import { curvePicture } from './curve.ts';

const flagsSchema = z.object({
  ...commonFlags,
  run: z.string(),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
  description: z.string().min(1).max(200),
  best: z.boolean().default(false),
  episodes: integerFlag(1, 10_000),
  threads: integerFlag(1, 64),
});

/** Training seeds whose layouts the held-out ones are compared with, where training had all levels. */
const overlapSample = 20_000;

export async function runPublish(
  flags: Readonly<Record<string, unknown>>,
  { output, signal }: CommandContext,
): Promise<void> {
  const { run, name, description, best, episodes, threads, seed } = parseFlags(flagsSchema, flags);
  const folder = await openRunFolder(run);
  const config = await folder.config();
  const path = join(run, best ? 'best.safetensors' : 'policy.safetensors');
  const bytes = new Uint8Array(
    await readFile(path).catch(() => {
      throw new InputError(`--run: expected a trained policy, got no ${path}`);
    }),
  );
  const policy = decodePolicy(bytes, path);
  const environment = environmentOf(policy);
  const training = (policy.training['levels'] ?? 'all') as TrainingLevels;
  const actions = createFromSpec(environment).actionSpace.names;
  const heldOut = heldOutLevels(environment, training, episodes, signal);
  const known = trainingLevels(training, Math.min(episodes, training === 'all' ? episodes : training));
  const anywhere: EnvironmentSpec = { ...environment, config: { ...environment.config, coinAnywhere: 1 } };
  const coinRun = environment.name === 'coinrun';
  const blind = blindPlayersOf(environment.name, actions);
  const plans: { name: string; environment: EnvironmentSpec; levelSeeds: number[]; greedy: boolean }[] = [
    { name: 'held-out levels, actions sampled', environment, levelSeeds: heldOut, greedy: false },
    { name: 'held-out levels, greedy', environment, levelSeeds: heldOut, greedy: true },
    { name: 'training levels, actions sampled', environment, levelSeeds: known, greedy: false },
    ...(coinRun
      ? [{ name: 'coin anywhere, actions sampled', environment: anywhere, levelSeeds: heldOut, greedy: false }]
      : []),
  ];
  const total = plans.reduce((sum, plan) => sum + plan.levelSeeds.length, 0) + blind.length * episodes;
  const progress = output.progress({ label: 'evaluating', total, unit: 'episodes' });
  const { engine } = await openEngine('cpu', { threads });
  let done = 0;
  const request = (plan: Pick<PlayRequest, 'environment' | 'levelSeeds'>): PlayRequest => ({
    ...plan,
    seed,
    cancellation: signal,
    onProgress: (played) => progress.update(done + played),
  });
  const results: NamedSummary[] = [];
  let blindResults: NamedSummary[] = [];
  try {
    for (const plan of plans) {
      const summary = await evaluateParameters({
        ...request(plan),
        ...policy,
        compile: engine.compile,
        greedy: plan.greedy,
      });
      results.push({ name: plan.name, ...summary });
      done += plan.levelSeeds.length;
    }
    const levels = request({ environment, levelSeeds: heldOut });
    blindResults = await evaluateBlind(blind, levels, () => (done += episodes));
  } finally {
    progress.finish();
    await engine.dispose();
  }
  const overlap = coinRun
    ? layoutOverlap(
        trainingLevels(training, training === 'all' ? overlapSample : training),
        heldOut,
        resolveCoinRunConfig(environment.config),
        signal,
      )
    : null;
  const curve = await folder.entries('curve');
  const card = {
    name,
    description,
    version,
    environment,
    network: policy.network.architecture,
    trainingLevels: training,
    steps: policy.training['steps'],
    from: (config as TrainingConfig).from ?? null,
    command: trainCommandOf(config, run),
    config,
    engine: engine.description,
    results: results.map(asDocument),
    blind: blindResults.map(asDocument),
    overlap,
    heldOutCurve: (await folder.entries('evaluations')).map(({ steps, solveRate, interval }) => ({
      steps,
      solveRate,
      interval,
    })),
  };
  const target = join(modelsFolder, name);
  await mkdir(target, { recursive: true });
  await writeAtomically(join(target, 'policy.safetensors'), bytes);
  await writeAtomically(join(target, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  await writeAtomically(join(target, 'curve.svg'), curvePicture(curve, card.heldOutCurve));
  await writeAtomically(join(target, 'README.md'), cardText(card, results, blindResults));
  await rm(join(target, 'curve.jsonl'), { force: true });
  await cp(join(run, 'curve.jsonl'), join(target, 'curve.jsonl'));
  // What the viewer shows of its factors, at once.
  await makeFeatures(await loadPolicy({ name, path: join(target, 'policy.safetensors') }), usualPlan, {
    output,
    signal,
  });
  output.print(`${target}: ${description}`);
  output.result(card);
}
