/** What the levels of a seed range are like, and which of them are one another's doubles: trust in train and test sets. */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { HELD_OUT_COUNT, HELD_OUT_START, seedsOf } from '../levels.ts';
import type { LevelSet } from '../levels.ts';
import type { LayoutOptions } from './config.ts';
import { generateLevel } from './generate.ts';
import { layoutHash } from './level.ts';
import type { Level, LevelObject } from './level.ts';
import { Cell } from './scene.ts';
import type { ObjectKind } from './scene.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly max: number;
}

export interface LevelStatistics {
  readonly levels: number;
  /** Different layouts among them. */
  readonly layouts: number;
  /** Column and row of the coin. */
  readonly coinX: Spread;
  readonly coinY: Spread;
  /** Shares of the levels that have one or more. */
  readonly saws: number;
  readonly groundEnemies: number;
  readonly crates: number;
  readonly pits: number;
  readonly lava: number;
}

/** Looks at levels one by one, so that a caller can say how far it is. */
export interface LevelSurvey {
  /** Generates the level of `seed` and counts it in. */
  add(seed: number): void;
  /** Throws InputError before the first level. */
  statistics(): LevelStatistics;
  /** The layout of each level, in the order in which they came. */
  readonly hashes: readonly string[];
}

export function createLevelSurvey(options: LayoutOptions): LevelSurvey {
  const columns: number[] = [];
  const rows: number[] = [];
  const hashes: string[] = [];
  const counts = { saws: 0, groundEnemies: 0, crates: 0, pits: 0, lava: 0 };
  return {
    hashes,
    add(seed) {
      const level = generateLevel(seed, options);
      const has = (kind: ObjectKind): boolean => level.objects.some((object) => object.kind === kind);
      const coin = level.objects.find(({ kind }) => kind === 'coin');
      columns.push(Math.floor(coin?.x ?? 0));
      rows.push(Math.floor(coin?.y ?? 0));
      hashes.push(layoutHash(level));
      if (has('saw')) counts.saws += 1;
      if (level.objects.some((object) => object.kind === 'enemy' && !isInPit(level, object))) counts.groundEnemies += 1;
      if (has('crate')) counts.crates += 1;
      if (level.sections.some(({ pit }) => pit)) counts.pits += 1;
      if (level.cells.includes(Cell.lava)) counts.lava += 1;
    },
    statistics() {
      const levels = hashes.length;
      if (levels === 0) throw new InputError('LevelSurvey.statistics: expected one level or more, got none');
      const share = (count: number): number => count / levels;
      return {
        levels,
        layouts: new Set(hashes).size,
        coinX: spreadOf(columns),
        coinY: spreadOf(rows),
        saws: share(counts.saws),
        groundEnemies: share(counts.groundEnemies),
        crates: share(counts.crates),
        pits: share(counts.pits),
        lava: share(counts.lava),
      };
    },
  };
}

function surveyOf(seeds: readonly number[], options: LayoutOptions, cancellation?: Cancellation): LevelSurvey {
  const survey = createLevelSurvey(options);
  seeds.forEach((seed, index) => {
    if (index % 1024 === 0) throwIfAborted(cancellation, 'levels');
    survey.add(seed);
  });
  return survey;
}

/** Statistics of the levels with these seeds; InputError where there are none. */
export function levelStatistics(
  seeds: readonly number[],
  options: LayoutOptions,
  cancellation?: Cancellation,
): LevelStatistics {
  return surveyOf(seeds, options, cancellation).statistics();
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    min: sorted[0],
    median: sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    max: sorted[sorted.length - 1],
  };
}

function isInPit(level: Level, { x }: LevelObject): boolean {
  return level.sections.some((section) => section.pit && x > section.x && x < section.x + section.width);
}

export interface Overlap {
  readonly trainingLevels: number;
  /** Different layouts among them. */
  readonly trainingLayouts: number;
  readonly testLevels: number;
  readonly testLayouts: number;
  /** Test levels whose layout is among the training layouts, and their share of the test levels. */
  readonly shared: number;
  readonly share: number;
}

/** How many of the test levels are a training level's double. */
export function overlapOf(training: LevelSurvey, test: LevelSurvey): Overlap {
  const testLevels = test.hashes.length;
  if (testLevels === 0) throw new InputError('overlapOf: expected one test level or more, got none');
  const trained = new Set(training.hashes);
  const shared = test.hashes.filter((hash) => trained.has(hash)).length;
  return {
    trainingLevels: training.hashes.length,
    trainingLayouts: trained.size,
    testLevels,
    testLayouts: new Set(test.hashes).size,
    shared,
    share: shared / testLevels,
  };
}

/** `overlapOf` the levels with these seeds. */
export function layoutOverlap(
  training: readonly number[],
  test: readonly number[],
  options: LayoutOptions,
  cancellation?: Cancellation,
): Overlap {
  return overlapOf(surveyOf(training, options, cancellation), surveyOf(test, options, cancellation));
}

/**
 * The held-out seeds of a policy: 2^31 + 0..`count`-1, less any whose layout is among its finite `training` levels, each
 * layout once. With training on all levels nothing is left out but doubles.
 */
export function heldOutSeeds(
  options: LayoutOptions,
  training: LevelSet,
  count: number = HELD_OUT_COUNT,
  cancellation?: Cancellation,
): number[] {
  const trained = training.kind === 'all' ? [] : seedsOf(training);
  const taken = new Set(surveyOf(trained, options, cancellation).hashes);
  const seeds: number[] = [];
  for (let seed = HELD_OUT_START; seed < HELD_OUT_START + count; seed++) {
    if (seed % 1024 === 0) throwIfAborted(cancellation, 'heldOutSeeds');
    const hash = layoutHash(generateLevel(seed, options));
    if (taken.has(hash)) continue;
    taken.add(hash);
    seeds.push(seed);
  }
  return seeds;
}
