/**
 * Arms of an experiment on disk: each plays its levels in chunks, several at once, and a chunk that is done is a line
 * of a file, so that a run stopped anywhere goes on where it was.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createActor, createFromSpec, playLevels } from '@saccade/agent';
import type { EnvironmentSpec, EpisodeResult, Player } from '@saccade/agent';
import { throwIfAborted } from '@saccade/core';
import type { CoinRunEnvironment } from '@saccade/envs';
import type { Compile, Policy } from '@saccade/nn';
import { withEnemyDirections } from './enemyDirections.ts';
import { actingBatch, packedPlayer } from './packedPlayer.ts';
import { lanes } from './session.ts';

export interface Arm {
  /** Also the name of its file. */
  readonly name: string;
  readonly policy: Policy;
  /** Of coinrun. */
  readonly environment: EnvironmentSpec;
  /** Who plays, where it is not the policy as it is; it takes any number of environments. */
  readonly player?: Player;
}

/** Levels of a chunk: what a kill can cost. */
const chunk = 250;

interface ArmRequest {
  /** Where results are kept and looked for; nowhere without it. */
  readonly folder?: string;
  readonly levelSeeds: readonly number[];
  readonly compile: Compile;
  /** Names the episodes' streams: arms with one seed share the action noise of every level. */
  readonly seed: number;
  /** Chunks that play beside each other. */
  readonly pipelines: number;
  readonly onProgress?: (levels: number) => void;
  readonly signal: AbortSignal;
}

interface Line {
  readonly start: number;
  readonly results: readonly EpisodeResult[];
}

async function linesOf(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Line] : [];
    } catch {
      // A kill cut the last line short: its chunk is played again.
      return [];
    }
  });
}

/** Plays what is missing of an arm; results in the order of `levelSeeds`, enemies told apart by their direction. */
export async function playArm(
  { name, policy, environment, player }: Arm,
  { folder, levelSeeds, compile, seed, pipelines, onProgress, signal }: ArmRequest,
): Promise<EpisodeResult[]> {
  const path = folder === undefined ? undefined : join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.jsonl`);
  const done = new Map((path ? await linesOf(path) : []).map(({ start, results }) => [start, results]));
  const results = new Array<EpisodeResult>(levelSeeds.length);
  const missing: number[] = [];
  let played = 0;
  for (let start = 0; start < levelSeeds.length; start += chunk) {
    const wanted = levelSeeds.slice(start, start + chunk);
    const known = done.get(start);
    if (known?.length === wanted.length && known.every(({ levelSeed }, i) => levelSeed === wanted[i])) {
      known.forEach((result, i) => (results[start + i] = result));
      played += known.length;
    } else missing.push(start);
  }
  onProgress?.(played);
  if (missing.length === 0) return results;
  const actor = await createActor(policy.network, policy.parameters, actingBatch, compile);
  try {
    const work = async (): Promise<void> => {
      const environments = Array.from({ length: lanes }, () =>
        withEnemyDirections(createFromSpec(environment) as CoinRunEnvironment),
      );
      for (let start = missing.shift(); start !== undefined; start = missing.shift()) {
        throwIfAborted(signal, 'playing levels');
        const part = await playLevels({
          environments,
          player: player ?? packedPlayer(actor, policy.network),
          levelSeeds: levelSeeds.slice(start, start + chunk),
          seed,
          cancellation: signal,
        });
        part.forEach((result, i) => (results[(start ?? 0) + i] = result));
        if (path) await appendFile(path, `\n${JSON.stringify({ start, results: part } satisfies Line)}\n`);
        played += part.length;
        onProgress?.(played);
      }
    };
    await Promise.all(Array.from({ length: pipelines }, work));
  } finally {
    actor.dispose();
  }
  return results;
}
