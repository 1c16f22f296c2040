/** Surveys the two sets, solves their levels, and prints one table. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { InputError, throwIfAborted } from '@saccade/core';
import {
  createCoinRun,
  createLevelSurvey,
  createOutcome,
  generateLevel,
  HELD_OUT_COUNT,
  HELD_OUT_START,
  layoutHash,
  overlapOf,
  resolveCoinRunConfig,
  textFromLevel,
} from '@saccade/envs';
import type { CoinRunConfig, LevelStatistics, LevelSurvey, Overlap, Spread } from '@saccade/envs';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag, parseFlags, seedFlag } from '../shell/flags.ts';

/** Work between two looks at the clock's other customers, ms: Ctrl+C and progress wait no longer than that. */
const SLICE = 50;

const flagsSchema = z.object({
  ...commonFlags,
  train: integerFlag(0, HELD_OUT_START),
  test: integerFlag(0, HELD_OUT_COUNT),
  difficulty: choiceFlag(['easy', 'hard']),
  set: z.array(z.string()).default([]),
  solve: z.boolean().default(true),
  level: seedFlag().optional(),
});

interface Solved {
  readonly levels: number;
  readonly solved: number;
  /** Seeds of the levels that no plan was found for. */
  readonly unsolved: readonly number[];
  /** Mean length of the plans, steps; null where there is none. */
  readonly meanSteps: number | null;
}

interface SetReport extends LevelStatistics {
  readonly seeds: readonly [first: number, last: number];
  readonly solvability?: Solved;
}

const layoutKeys = ['hazards', 'coinAnywhere', 'endWall'];

/** `coinAnywhere=0.5` -> { coinAnywhere: 0.5 } */
function layoutOptions(texts: readonly string[]): Partial<CoinRunConfig> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      const key = text.slice(0, Math.max(0, at));
      if (!layoutKeys.includes(key)) throw new InputError(`--set: expected ${layoutKeys.join(', ')}, got ${text}`);
      try {
        return [key, JSON.parse(text.slice(at + 1)) as unknown];
      } catch {
        throw new InputError(`--set: expected a JSON value after ${key}=, got ${text.slice(at + 1)}`);
      }
    }),
  );
}

/** Calls `visit` for each of `count` items, in slices between which the process breathes. */
async function inSlices(
  count: number,
  { signal }: CommandContext,
  visit: (index: number) => void,
  onSlice: (done: number) => void,
): Promise<void> {
  let began = performance.now();
  for (let index = 0; index < count; index++) {
    visit(index);
    if (performance.now() - began < SLICE && index + 1 < count) continue;
    onSlice(index + 1);
    await setImmediate();
    throwIfAborted(signal, 'levels');
    began = performance.now();
  }
}

async function survey(
  what: string,
  first: number,
  count: number,
  config: CoinRunConfig,
  context: CommandContext,
): Promise<LevelSurvey> {
  const found = createLevelSurvey(config);
  const progress = context.output.progress({ label: `generating ${what}`, total: count, unit: 'levels' });
  try {
    await inSlices(
      count,
      context,
      (index) => found.add(first + index),
      (done) => progress.update(done),
    );
  } finally {
    progress.finish();
  }
  return found;
}

async function solve(
  what: string,
  first: number,
  count: number,
  config: CoinRunConfig,
  context: CommandContext,
): Promise<Solved> {
  const environment = createCoinRun(config);
  const outcome = createOutcome();
  const unsolved: number[] = [];
  let steps = 0;
  const progress = context.output.progress({ label: `solving ${what}`, total: count, unit: 'levels' });
  try {
    await inSlices(
      count,
      context,
      (index) => {
        environment.begin(first + index);
        for (const action of environment.plan() ?? []) environment.stepInto(outcome, action);
        const { cause, step } = environment.info();
        if (cause === 'coin') steps += step;
        else unsolved.push(first + index);
      },
      (done) => progress.update(done, unsolved.length > 0 ? `${unsolved.length} unsolved` : undefined),
    );
  } finally {
    progress.finish();
  }
  const solved = count - unsolved.length;
  return { levels: count, solved, unsolved, meanSteps: solved === 0 ? null : steps / solved };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const spread = ({ min, median, mean, max }: Spread): string => `${min} | ${median} | ${mean.toFixed(1)} | ${max}`;

/** A line for each figure, a column for each set. */
function table(reports: Readonly<Record<string, SetReport>>): string[] {
  const rows: [string, (report: SetReport) => string][] = [
    ['levels', ({ levels, seeds }) => `${levels} (${seeds[0]} .. ${seeds[1]})`],
    ['different layouts', ({ layouts, levels }) => `${layouts} (${percent(1 - layouts / levels)} are doubles)`],
    ['coin column: min | median | mean | max', ({ coinX }) => spread(coinX)],
    ['coin row: min | median | mean | max', ({ coinY }) => spread(coinY)],
    ['with saws', ({ saws }) => percent(saws)],
    ['with enemies on the ground', ({ groundEnemies }) => percent(groundEnemies)],
    ['with crates', ({ crates }) => percent(crates)],
    ['with pits', ({ pits }) => percent(pits)],
    ['with lava', ({ lava }) => percent(lava)],
    [
      'solved by the planner',
      ({ solvability }) =>
        solvability === undefined
          ? 'not tried'
          : `${solvability.solved} of ${solvability.levels}, ${solvability.meanSteps?.toFixed(1) ?? '-'} steps on average`,
    ],
  ];
  const names = Object.keys(reports);
  const cells = [['', ...names], ...rows.map(([label, text]) => [label, ...names.map((name) => text(reports[name]))])];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

function printOne(seed: number, config: CoinRunConfig, { output }: CommandContext): void {
  const level = generateLevel(seed, config);
  const text = textFromLevel(level);
  output.print(text.trimEnd());
  const { sections, spawn, marker, objects } = level;
  output.result({
    seed,
    difficulty: config.difficulty,
    layout: layoutHash(level),
    text,
    sections,
    spawn,
    marker,
    objects,
  });
}

export async function runLevels(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const { train, test, difficulty, set, solve: solving, level } = parseFlags(flagsSchema, flags);
  const config = resolveCoinRunConfig({ difficulty, ...layoutOptions(set) });
  if (level !== undefined) return printOne(level, config, context);
  if (train + test === 0) throw new InputError('--train: expected levels in one of the sets, got none in both');

  const sets = [
    { name: 'training', first: 0, count: train },
    { name: 'test', first: HELD_OUT_START, count: test },
  ].filter(({ count }) => count > 0);
  const reports: Record<string, SetReport> = {};
  const surveys: LevelSurvey[] = [];
  for (const { name, first, count } of sets) {
    const found = await survey(name, first, count, config, context);
    surveys.push(found);
    const solvability = solving ? await solve(name, first, count, config, context) : undefined;
    reports[name] = { seeds: [first, first + count - 1], ...found.statistics(), solvability };
  }
  const overlap: Overlap | undefined = surveys.length === 2 ? overlapOf(surveys[0], surveys[1]) : undefined;

  const { output } = context;
  for (const line of table(reports)) output.print(line);
  if (overlap !== undefined) {
    output.print(
      `\n${overlap.shared} of ${overlap.testLevels} test levels (${percent(overlap.share)}) have the layout of a training level.`,
    );
  }
  const unsolved = Object.values(reports).flatMap(({ solvability }) => solvability?.unsolved ?? []);
  if (unsolved.length > 0) {
    output.print(
      `\nNo plan was found for ${unsolved.length} levels: ${unsolved.slice(0, 20).join(', ')}${unsolved.length > 20 ? ' ...' : ''}`,
    );
    process.exitCode = 1;
  }
  const { hazards, coinAnywhere, endWall } = config;
  output.result({ difficulty, layout: { hazards, coinAnywhere, endWall }, ...reports, overlap });
}
