/** Plays the levels of an evaluation, the policy's and the blind players' alike, and reports. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { blindRunner, constantPlayer, createFromSpec, environmentOf } from '@saccade/agent';
import type { EnvironmentSpec, EvaluationSummary } from '@saccade/agent';
import { HELD_OUT_COUNT, HELD_OUT_START } from '@saccade/envs';
import type { Policy } from '@saccade/nn';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import { deviceNames, openEngine } from '../../workers/devices/device.ts';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { evaluateParameters, evaluatePlayer } from './play.ts';

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

/** Chances of a jump in a step that the blind runner is tried with; the best one is reported. */
const jumpChances = [0.05, 0.1, 0.2, 0.5];

interface NamedSummary extends EvaluationSummary {
  readonly name: string;
}

const best = (summaries: readonly NamedSummary[]): NamedSummary =>
  summaries.reduce((a, b) => (b.solveRate > a.solveRate ? b : a));

function levelSeedsFor(policy: Policy, set: 'held-out' | 'training', episodes: number): number[] {
  if (set === 'held-out') return Array.from({ length: episodes }, (_, i) => HELD_OUT_START + i);
  const levels = policy.training['levels'];
  const count = typeof levels === 'number' ? levels : HELD_OUT_START;
  if (episodes > count) {
    throw new InputError(`--episodes: expected at most the policy's ${count} training levels, got ${episodes}`);
  }
  return Array.from({ length: episodes }, (_, i) => i);
}

/** What a machine reads; names as in published tables. */
function asDocument({ name, episodes, solveRate, interval, meanReturn, meanLength, failures }: NamedSummary) {
  return {
    name,
    solve_rate: solveRate,
    ci95: interval,
    episodes,
    mean_return: meanReturn,
    mean_length: meanLength,
    failures,
  };
}

function asLine({ name, solveRate, interval, meanReturn, failures }: NamedSummary): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
  const causes = Object.entries(failures)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => `${cause} ${count}`);
  return `${name.padEnd(34)} ${percent(solveRate).padStart(6)} solved (95%: ${interval.map(percent).join(' to ')}), mean return ${meanReturn.toFixed(2)}, failures: ${causes.join(', ') || 'none'}`;
}

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
  const levelSeeds = levelSeedsFor(policy, levels, episodes);
  const actions = createFromSpec(environment).actionSpace.names;
  const blindPlayers = blind
    ? [
        ...actions.map((action, i) => ({ name: `constant ${action}`, player: constantPlayer(i) })),
        ...(own.name === 'coinrun'
          ? jumpChances.map((p) => ({ name: `right, jumps with p = ${p}`, player: blindRunner(actions, p) }))
          : []),
      ]
    : [];
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
  const blindSummaries: NamedSummary[] = [];
  let main: NamedSummary;
  try {
    const summary = await evaluateParameters({ ...request, ...policy, compile: engine.compile, greedy });
    main = { name: stored.name, ...summary };
    for (const { name: label, player } of blindPlayers) {
      done += episodes;
      blindSummaries.push({ name: `blind: ${label}`, ...(await evaluatePlayer(player, request)) });
    }
  } finally {
    progress.finish();
    await engine.dispose();
  }
  const chosen = blind
    ? [
        best(blindSummaries.slice(0, actions.length)),
        ...(blindSummaries.length > actions.length ? [best(blindSummaries.slice(actions.length))] : []),
      ]
    : [];
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
