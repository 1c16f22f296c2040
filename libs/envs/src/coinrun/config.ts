/** How a CoinRun environment is set up: one documented type, one default, two presets. */
import { InputError } from '@saccade/core';
import type { EpisodeConfig } from '../environment.ts';
import { TIME_LIMIT } from './constants.ts';

export type Difficulty = 'easy' | 'hard';
export type Hazard = 'lava' | 'saw' | 'enemy';

/** What shapes a level: with the level seed, all that a layout depends on. */
export interface LayoutOptions {
  /** Easy has no enemies on solid ground and one look; hard has all. */
  readonly difficulty: Difficulty;
  /**
   * How often each hazard occurs, relative to the usual 1. A pit's danger is drawn with these weights (no pits where
   * all are 0); saws and enemies on solid ground occur with their usual probability times the weight, at most 1.
   */
  readonly hazards: Readonly<Record<Hazard, number>>;
  /**
   * Goal misgeneralisation (Langosco et al. 2022): in this share of the levels, 0-1, the coin lies at the start of a
   * uniformly chosen section, and an invisible marker stands where it used to be.
   */
  readonly coinAnywhere: number;
  /** False removes the wall behind the coin: its ground goes on to the level's border. */
  readonly endWall: boolean;
}

export interface CoinRunConfig extends EpisodeConfig, LayoutOptions {
  /** `named`: the 7 actions that differ; `procgen`: procgen's 15. */
  readonly actions: 'named' | 'procgen';
  /** `agent`: the view follows the agent; `level`: the whole level, generated ones at one pixel a cell; at most 64 cells. */
  readonly view: 'agent' | 'level';
  /** Cells across the agent's view; 12.8 makes a cell exactly 5 pixels. Above 2, at most 64. */
  readonly viewCells: number;
  /** Paints the agent's velocity into the top left corner. */
  readonly velocitySquares: boolean;
  /** One look for everything, as easy has always. */
  readonly restrictThemes: boolean;
  /** False draws a plain backdrop. */
  readonly backgrounds: boolean;
  /** Flat single-colour shapes instead of sprites. */
  readonly monochrome: boolean;
  /** Hazards that act but are not drawn. */
  readonly invisible: readonly Hazard[];
  /** The coin pays and vanishes, and the episode goes on. */
  readonly continueAfterCoin: boolean;
  /** Truncates the episode at this step. */
  readonly timeLimit: number;
}

export const defaultCoinRunConfig: CoinRunConfig = {
  levels: { kind: 'all' },
  seed: 0,
  difficulty: 'easy',
  hazards: { lava: 1, saw: 1, enemy: 1 },
  coinAnywhere: 0,
  endWall: true,
  actions: 'named',
  view: 'agent',
  viewCells: 12.8,
  velocitySquares: true,
  restrictThemes: false,
  backgrounds: true,
  monochrome: false,
  invisible: [],
  continueAfterCoin: false,
  timeLimit: TIME_LIMIT,
};

export const coinRunPresets = {
  /** Look and options of "Understanding RL Vision" (Hilton et al. 2020), with procgen's dynamics. */
  distill: { difficulty: 'hard', actions: 'named', viewCells: 12.8, velocitySquares: true },
  /** What procgen's CoinRun shows and offers. */
  procgen: { difficulty: 'hard', actions: 'procgen', viewCells: 13, velocitySquares: false },
} as const satisfies Record<string, Partial<CoinRunConfig>>;

const HAZARDS: readonly Hazard[] = ['lava', 'saw', 'enemy'];

/** Fills in the default and checks everything but the level set, which `createLevelSampler` checks. */
export function resolveCoinRunConfig(partial: Partial<CoinRunConfig> = {}): CoinRunConfig {
  const fail = (expected: string, got: unknown): never => {
    throw new InputError(`CoinRun config: expected ${expected}, got ${String(got)}`);
  };
  for (const key of Object.keys(partial)) {
    if (!(key in defaultCoinRunConfig)) fail(`options ${Object.keys(defaultCoinRunConfig).join(', ')}`, key);
  }
  const given = Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
  const config: CoinRunConfig = { ...defaultCoinRunConfig, ...given };
  config satisfies CoinRunConfig;
  const oneOf = (key: keyof CoinRunConfig, choices: readonly unknown[]): void => {
    if (!choices.includes(config[key])) fail(`${key} to be ${choices.join(' or ')}`, config[key]);
  };
  const within = (key: string, value: unknown, low: number, high: number): void => {
    if (typeof value !== 'number' || !(value >= low && value <= high)) fail(`${key} in ${low}..${high}`, value);
  };
  oneOf('difficulty', ['easy', 'hard']);
  oneOf('actions', ['named', 'procgen']);
  oneOf('view', ['agent', 'level']);
  const flags = [
    'velocitySquares',
    'restrictThemes',
    'backgrounds',
    'monochrome',
    'continueAfterCoin',
    'endWall',
  ] as const;
  for (const flag of flags) oneOf(flag, [true, false]);
  within('viewCells', config.viewCells, 2, 64);
  within('coinAnywhere', config.coinAnywhere, 0, 1);
  within('timeLimit', config.timeLimit, 1, 2 ** 31 - 1);
  if (!Number.isInteger(config.timeLimit)) fail('timeLimit to be whole', config.timeLimit);
  if (typeof config.hazards !== 'object' || config.hazards === null)
    fail('hazards { lava, saw, enemy }', config.hazards);
  for (const hazard of HAZARDS) within(`hazards.${hazard}`, config.hazards[hazard], 0, 1000);
  if (!Array.isArray(config.invisible)) fail('invisible to be a list', config.invisible);
  for (const hazard of config.invisible) {
    if (!HAZARDS.includes(hazard)) fail(`invisible to hold ${HAZARDS.join(', ')}`, hazard);
  }
  return config;
}
