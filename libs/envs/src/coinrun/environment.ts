/** CoinRun as an environment: the contract, and what editors, maskers and planners ask of it beyond. */
import type { Environment, EnvironmentState, StepInfo } from '../contract.ts';
import { createEnvironment } from '../environment.ts';
import { actionSets } from './actions.ts';
import { resolveCoinRunConfig } from './config.ts';
import type { CoinRunConfig } from './config.ts';
import { applyEdit } from './edit.ts';
import type { Edit } from './edit.ts';
import { CoinRunGame } from './game.ts';
import type { CoinRunInfo } from './game.ts';
import type { Level } from './level.ts';
import { planWorld } from './planner.ts';
import type { PlanOptions } from './planner.ts';
import type { Scene } from './scene.ts';
import { worldOfLevel } from './setup.ts';
import { captureState, worldFromState } from './state.ts';
import type { CoinRunState } from './state.ts';

export interface CoinRunEnvironment extends Environment<StepInfo & CoinRunInfo> {
  readonly config: CoinRunConfig;
  /** What there is to see now. Borrowed: it changes with the next step, reset or edit. */
  readonly scene: Scene;
  /**
   * Writes what each pixel of the observation shows: a `MaskClass` code, and the id of the object (0 for what is none),
   * both [64, 64], at `offset`.
   */
  masksInto(classes: Uint8Array, ids: Uint16Array, offset: number): void;
  /** Changes the running level. Throws InputError on an edit that makes no sense, and then nothing has changed. */
  edit(edit: Edit): void;
  /** Actions, one a step, that lead from here to a coin; null if the search found none. Changes nothing. */
  plan(options?: PlanOptions): number[] | null;
}

/** CoinRun, the default config overridden by `config`. Throws InputError on options that make no sense. */
export function createCoinRun(config: Partial<CoinRunConfig> = {}): CoinRunEnvironment {
  const resolved = resolveCoinRunConfig(config);
  const game = new CoinRunGame(resolved);
  const environment = createEnvironment('coinrun', game, resolved);
  const { directions } = actionSets[resolved.actions];
  return {
    ...environment,
    config: resolved,
    get scene() {
      return game.world.scene;
    },
    masksInto: (classes, ids, offset) => game.masksInto(classes, ids, offset),
    edit(edit) {
      const state = environment.getState();
      environment.setState({ ...state, game: applyEdit(state.game as CoinRunState, edit) });
    },
    plan(options) {
      const world = worldFromState(captureState(game.world));
      const { step } = environment.info();
      const plan = planWorld(world, { maxSteps: resolved.timeLimit - step - 1, ...options });
      return (
        plan?.map(({ dx, dy }) => directions.findIndex((direction) => direction.dx === dx && direction.dy === dy)) ??
        null
      );
    },
  };
}

/**
 * The state in which an episode on `level` begins, for `reset({ options: { state } })`: how custom levels are played.
 * `levelSeed` chooses the looks, and the directions of enemies that have none.
 */
export function stateOfLevel(level: Level, config: CoinRunConfig, levelSeed = 0): EnvironmentState {
  const copy: Level = { ...level, cells: level.cells.slice(), barriers: level.barriers.slice() };
  const game = captureState(worldOfLevel(copy, levelSeed, config));
  worldFromState(game);
  return { environment: 'coinrun', version: 1, levelSeed, step: 0, episodeReturn: 0, cause: -1, game };
}
