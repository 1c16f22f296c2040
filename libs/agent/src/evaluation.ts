/** How often a player solves levels: one episode a level, with an interval, and what the failures died of. */
import { createStream, InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Environment } from '@saccade/envs';
import type { Player, PlayerTurn } from './players.ts';

export interface EpisodeResult {
  readonly levelSeed: number;
  /** The environment gave a positive return. */
  readonly solved: boolean;
  readonly return: number;
  /** Steps. */
  readonly length: number;
  /** One of the environment's `endCauses`. */
  readonly cause: string;
}

export interface EvaluationRequest {
  /** As many environments as rows the player's actor takes. */
  readonly environments: readonly Environment[];
  readonly player: Player;
  /** False for players that do not look: nothing is rendered. Default true. */
  readonly observe?: boolean;
  /** Levels to play, each once. */
  readonly levelSeeds: readonly number[];
  /** Names the streams of the episodes, one a level. */
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly cancellation?: Cancellation;
}

/** Results in the order of `levelSeeds`; they do not depend on how many environments run beside each other. */
export async function playLevels(request: EvaluationRequest): Promise<EpisodeResult[]> {
  const { environments, player, observe = true, levelSeeds, seed, onProgress, cancellation } = request;
  if (environments.length === 0 || levelSeeds.length === 0) {
    throw new InputError(
      `playLevels: expected environments and levels, got ${environments.length} and ${levelSeeds.length}`,
    );
  }
  const size = environments[0].observationSpace.shape.reduce((product, axis) => product * axis, 1);
  const rows = environments.length;
  const observations = new Uint8Array(rows * size);
  const actions = new Int32Array(rows);
  const results: EpisodeResult[] = new Array<EpisodeResult>(levelSeeds.length);
  const playing: (number | null)[] = environments.map(() => null);
  const turns: (PlayerTurn | null)[] = environments.map(() => null);
  const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
  let next = 0;
  let done = 0;
  const begin = (row: number): void => {
    if (next >= levelSeeds.length) {
      playing[row] = turns[row] = null;
      return;
    }
    playing[row] = next;
    turns[row] = { row, stream: createStream(`${seed}/${levelSeeds[next]}`, 'evaluation') };
    environments[row].begin(levelSeeds[next]);
    if (observe) environments[row].observeInto(observations, row * size);
    next++;
  };
  for (let row = 0; row < rows; row++) begin(row);
  while (done < levelSeeds.length) {
    throwIfAborted(cancellation, 'playLevels');
    await player(
      actions,
      observations,
      turns.filter((turn) => turn !== null),
    );
    for (let row = 0; row < rows; row++) {
      const index = playing[row];
      if (index === null) continue;
      const environment = environments[row];
      environment.stepInto(outcome, actions[row]);
      if (!outcome.terminated && !outcome.truncated) {
        if (observe) environment.observeInto(observations, row * size);
        continue;
      }
      const { episodeReturn, step, cause } = environment.info();
      results[index] = {
        levelSeed: levelSeeds[index],
        solved: episodeReturn > 0,
        return: episodeReturn,
        length: step,
        cause: cause ?? 'unknown',
      };
      done++;
      begin(row);
    }
    onProgress?.(done, levelSeeds.length);
  }
  return results;
}

export interface EvaluationSummary {
  readonly episodes: number;
  readonly solveRate: number;
  /** Wilson's 95% interval of the solve rate. */
  readonly interval: readonly [low: number, high: number];
  readonly meanReturn: number;
  /** Steps. */
  readonly meanLength: number;
  /** How many unsolved episodes ended by each cause. */
  readonly failures: Readonly<Record<string, number>>;
}

/** The score interval of a proportion (Wilson 1927): centre and half-width shrink towards 1/2; z = 1.96 for 95%. */
export function wilsonInterval(successes: number, trials: number, z = 1.959963984540054): [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half = (z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))) / denominator;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

export function summarise(results: readonly EpisodeResult[]): EvaluationSummary {
  const episodes = results.length;
  const solved = results.filter((result) => result.solved).length;
  const failures: Record<string, number> = {};
  for (const { solved: won, cause } of results) if (!won) failures[cause] = (failures[cause] ?? 0) + 1;
  const mean = (pick: (result: EpisodeResult) => number): number =>
    results.reduce((sum, result) => sum + pick(result), 0) / Math.max(1, episodes);
  return {
    episodes,
    solveRate: solved / Math.max(1, episodes),
    interval: wilsonInterval(solved, episodes),
    meanReturn: mean((result) => result.return),
    meanLength: mean((result) => result.length),
    failures,
  };
}
