/** Runs a training from its config: engine, environments, loop, checkpoints, evaluations, progress. */
import { InputError } from '@saccade/core';
import { createFromSpec, createTrainingRun, DivergenceError } from '@saccade/agent';
import type { EndedEpisode, EvaluationSummary, IterationReport, TrainingRun } from '@saccade/agent';
import { createVectorEnvironment } from '@saccade/envs';
import type { VectorConfig, VectorEnvironment } from '@saccade/envs';
import { buildNetwork, encodePolicy } from '@saccade/nn';
import type { Compile, HostTensors, Network } from '@saccade/nn';
import { openRunFolder } from '../../storage/runFolder.ts';
import type { RunFolder } from '../../storage/runFolder.ts';
import { openScalarLog } from '../../storage/tensorBoard.ts';
import { ThreadEndedError } from '../../workers/calls.ts';
import { createThreadedVector } from '../../workers/vectorThreads.ts';
import type { ThreadedVector } from '../../workers/vectorThreads.ts';
import { openEngine } from '../../workers/devices/device.ts';
import { heldOutLevels } from '../eval/levels.ts';
import { evaluateParameters } from '../eval/play.ts';
import type { CommandContext } from '../shell/command.ts';
import type { TrainingConfig, TrainingRequest } from './config.ts';

/** Ended episodes that the progress line averages over. */
const recentEpisodes = 200;

function policyBytes(config: TrainingConfig, network: Network, parameters: HostTensors, steps: number): Uint8Array {
  const { names } = createFromSpec(config.environment).actionSpace;
  const training = {
    environment: config.environment,
    levels: config.levels,
    steps,
    ppo: config.ppo,
    from: config.from,
  };
  return encodePolicy({ network, parameters, actions: names, training });
}

/** Evaluates on held-out levels; a new best policy is kept. */
async function evaluateHeldOut(
  config: TrainingConfig,
  run: TrainingRun,
  folder: RunFolder,
  levelSeeds: readonly number[],
  compile: Compile,
  signal: AbortSignal,
): Promise<EvaluationSummary> {
  const summary = await evaluateParameters({
    environment: config.environment,
    network: run.network,
    parameters: run.policyParameters(),
    compile,
    levelSeeds,
    greedy: false,
    seed: config.ppo.seed,
    cancellation: signal,
  });
  const before = await folder.entries('evaluations');
  await folder.append('evaluations', { steps: run.steps(), ...summary });
  if (before.every((entry) => (entry['solveRate'] as number) <= summary.solveRate)) {
    await folder.savePolicy('best', policyBytes(config, run.network, run.policyParameters(), run.steps()));
  }
  return summary;
}

function prefixed(prefix: string, scalars: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(scalars).map(([tag, value]) => [`${prefix}/${tag}`, value]));
}

function recentText(recent: readonly EndedEpisode[]): string {
  if (recent.length === 0) return 'no episode ended yet';
  const mean = recent.reduce((sum, episode) => sum + episode.return, 0) / recent.length;
  const solved = recent.filter((episode) => episode.return > 0).length / recent.length;
  return `return ${mean.toFixed(2)}, solved ${(100 * solved).toFixed(1)}%`;
}

function curveEntry(report: IterationReport): { steps: number } & Record<string, unknown> {
  const { steps, updates, learningRate, statistics, explainedVariance, episodes } = report;
  const mean = (pick: (episode: EndedEpisode) => number): number | null =>
    episodes.length === 0 ? null : episodes.reduce((sum, episode) => sum + pick(episode), 0) / episodes.length;
  return {
    steps,
    updates,
    episodes: episodes.length,
    meanReturn: mean((episode) => episode.return),
    solveRate: mean((episode) => (episode.return > 0 ? 1 : 0)),
    meanLength: mean((episode) => episode.length),
    learningRate,
    explainedVariance,
    ...statistics,
  };
}

/** The environments of a run, stepped here or in threads of their own. */
async function openVector({ config, envWorkers }: TrainingRequest): Promise<VectorEnvironment | ThreadedVector> {
  const { environment, levels, ppo } = config;
  const shape: VectorConfig = {
    count: ppo.environments,
    levels: levels === 'all' ? { kind: 'all' } : { kind: 'count', count: levels },
    seed: ppo.seed,
    replay: ppo.levelReplay,
  };
  return envWorkers > 0
    ? createThreadedVector(environment, { ...shape, threads: envWorkers })
    : createVectorEnvironment(() => createFromSpec(environment), shape);
}

export async function runTraining(request: TrainingRequest, { output, signal }: CommandContext): Promise<void> {
  const { config, resume } = request;
  const folder = await openRunFolder(request.folder);
  const checkpoint = await folder.checkpoint();
  if (resume && !checkpoint) throw new InputError(`--resume: expected a checkpoint in ${folder.path}, got none`);
  if (!resume && checkpoint) {
    throw new InputError(
      `${folder.path}: expected a new folder, got a run: --resume goes on with it, --run names another`,
    );
  }
  const { environment, ppo } = config;
  const probe = createFromSpec(environment);
  const network = buildNetwork(config.network, probe.observationSpace.shape, probe.actionSpace.names.length);
  const heldOut = heldOutLevels(environment, config.levels, config.evaluation.levels, signal);
  const { engine, passedOver } = await openEngine(request.device, request);
  const { compile } = engine;
  const vector = await openVector(request);
  try {
    const run = await createTrainingRun({
      config: ppo,
      network,
      vector,
      compile,
      halves: engine.beside,
      checkpoint: checkpoint ?? undefined,
      start: request.start,
    });
    await folder.saveConfig(config);
    await folder.rewind(run.steps());
    const scalars = await openScalarLog(folder.path);
    for (const { engine, reason } of passedOver) output.note(`not on ${engine}: ${reason}`);
    output.note(`${resume ? 'going on with' : 'training into'} ${folder.path} on ${engine.description}`);
    const progress = output.progress({ label: 'training', total: ppo.totalSteps, unit: 'steps', start: run.steps() });
    let recent: EndedEpisode[] = [];
    let saved = performance.now();
    const save = async (): Promise<void> => {
      await folder.saveCheckpoint(await run.checkpoint());
      await folder.savePolicy('policy', policyBytes(config, network, run.policyParameters(), run.steps()));
      saved = performance.now();
    };
    // Before the first step too: a run that is killed in its first minute can be gone on with.
    if (!resume) await save();
    try {
      while (!run.done() && !signal.aborted) {
        const before = run.steps();
        const report = await run.iterate();
        recent = [...recent, ...report.episodes].slice(-recentEpisodes);
        const entry = curveEntry(report);
        await folder.append('curve', entry);
        await scalars.write(run.steps(), prefixed('train', entry));
        progress.update(run.steps(), recentText(recent));
        if (performance.now() - saved >= request.checkpointEvery * 1000) await save();
        const passed = (every: number): boolean =>
          every > 0 && Math.floor(before / every) !== Math.floor(run.steps() / every);
        if (passed(config.keepEvery)) {
          await folder.keepPolicy(run.steps(), policyBytes(config, network, run.policyParameters(), run.steps()));
        }
        if (passed(config.evaluation.every) && !signal.aborted) {
          const summary = await evaluateHeldOut(config, run, folder, heldOut, compile, signal);
          const { solveRate, interval } = summary;
          await scalars.write(run.steps(), prefixed('held-out', { ...summary }));
          const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
          progress.log(
            `held-out levels at ${run.steps()} steps: ${percent(solveRate)} solved (95%: ${interval.map(percent).join('-')})`,
          );
        }
      }
    } catch (error) {
      if (error instanceof DivergenceError) {
        throw new DivergenceError(`${error.message}; ${folder.path} keeps the last good checkpoint`);
      }
      if (error instanceof ThreadEndedError) {
        throw new InputError(`${error.message}; ${folder.path} keeps the last checkpoint, --resume goes on with it`);
      }
      throw error;
    } finally {
      progress.finish();
    }
    await save();
    output.print(`${run.done() ? 'finished' : 'stopped'} at ${run.steps()} steps: ${folder.path}/policy.safetensors`);
    output.result({ folder: folder.path, steps: run.steps(), finished: run.done(), recent: recentText(recent) });
    run.dispose();
  } finally {
    if ('dispose' in vector) await vector.dispose();
    await engine.dispose();
  }
}
