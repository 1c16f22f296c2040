/** Plays the levels of an evaluation, the policy's and the blind players' alike, and reports. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { createFromSpec, environmentOf } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import { HELD_OUT_COUNT } from '@saccade/envs';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import { deviceNames, openEngine } from '../../workers/devices/device.ts';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { heldOutLevels, trainingLevels } from './levels.ts';
import type { TrainingLevels } from './levels.ts';
import { blindPlayersOf, evaluateBlind } from './blindPlayers.ts';
import { evaluateParameters } from './play.ts';
import { asDocument, asLine } from './summary.ts';
import type { NamedSummary } from './summary.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  levels: choiceFlag(['held-out', 'training']),
  episodes: integerFlag(1, HELD_OUT_COUNT),
  greedy: z.boolean().default(false),
  difficulty: choiceFlag(['easy', 'hard']).optional(),
  blind: z.boolean().default(true),
  device: choiceFlag(deviceNames),
  threads: integerFlag(1, 64),
});

export async function runEvaluation(
  flags: Readonly<Record<string, unknown>>,
  { output, signal }: CommandContext,
): Promise<void> {
  const {
    policy: name,
    levels,
    episodes,
    greedy,
    difficulty,
    blind,
    device,
    threads,
    seed,
  } = parseFlags(flagsSchema, flags);
  const stored = await loadPolicy(await locatePolicy(name));
  const { policy } = stored;
  const own = environmentOf(policy);
  if (difficulty !== undefined && own.name !== 'coinrun') {
    throw new InputError(`--difficulty: expected a policy of coinrun, got one of ${own.name}`);
  }
  const environment: EnvironmentSpec = difficulty ? { ...own, config: { ...own.config, difficulty } } : own;
  const training = (policy.training['levels'] ?? 'all') as TrainingLevels;
  const levelSeeds =
    levels === 'training' ? trainingLevels(training, episodes) : heldOutLevels(environment, training, episodes, signal);
  const actions = createFromSpec(environment).actionSpace.names;
  const blindPlayers = blind ? blindPlayersOf(own.name, actions) : [];
  const total = (1 + blindPlayers.length) * episodes;
  const progress = output.progress({ label: 'evaluating', total, unit: 'episodes' });
  const { engine } = await openEngine(device, { threads });
  let done = 0;
  const request = {
    environment,
    levelSeeds,
    seed,
    cancellation: signal,
    onProgress: (played: number) => progress.update(done + played),
  };
  let main: NamedSummary;
  let chosen: NamedSummary[] = [];
  try {
    main = {
      name: stored.name,
      ...(await evaluateParameters({ ...request, ...policy, compile: engine.compile, greedy })),
    };
    done += episodes;
    chosen = await evaluateBlind(blindPlayers, request, () => (done += episodes));
  } finally {
    progress.finish();
    await engine.dispose();
  }
  for (const summary of [main, ...chosen]) output.print(asLine(summary));
  output.result({
    ...asDocument(main),
    policy: { name: stored.name, hash: stored.hash },
    environment,
    levels,
    actions: greedy ? 'greedy' : 'sampled',
    seed,
    engine: engine.description,
    blind: chosen.map(asDocument),
  });
}
