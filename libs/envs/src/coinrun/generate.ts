/**
 * The level generator: procgen's CoinRun rules (sections of ground or pits, rising and falling, with saws, enemies and
 * crates, and a coin on a pillar at the right end), on random streams of our own. Only whole numbers and comparisons:
 * the same seed gives the same level everywhere.
 */
import { createStream } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import type { Hazard, LayoutOptions } from './config.ts';
import { LEVEL_SIZE, OBJECT_HALF } from './constants.ts';
import { createEmptyLevel } from './level.ts';
import type { Level } from './level.ts';
import { Cell } from './scene.ts';
import type { ObjectKind } from './scene.ts';

const FIRST_COLUMN = 5;
/** What a jump clears: 1.5^2 / (2 x .2) = 5.6 up and .5 x 2 x 1.5 / .2 = 7.5 across, less a half, whole cells. */
const MAX_RISE = 5;
const MAX_GAP = 7;
/** Sections start only where the widest one and the end still fit. */
const ROOM_FOR_A_SECTION = 15;

class Builder {
  readonly level: Level = createEmptyLevel(LEVEL_SIZE, LEVEL_SIZE);

  fill(column: number, row: number, width: number, height: number, cell: Cell): void {
    const { cells } = this.level;
    for (let y = row; y < row + height; y++) cells.fill(cell, y * LEVEL_SIZE + column, y * LEVEL_SIZE + column + width);
  }

  isGround(column: number, row: number): boolean {
    return this.level.cells[row * LEVEL_SIZE + column] === Cell.ground;
  }

  barrier(column: number, row: number): void {
    this.level.barriers[row * LEVEL_SIZE + column] = 1;
  }

  add(kind: ObjectKind, column: number, row: number): void {
    const { objects } = this.level;
    objects.push({ id: objects.length + 1, kind, x: column + OBJECT_HALF, y: row + OBJECT_HALF });
  }
}

/** Draws an index with the given weights; -1 where all are 0. Always one draw. */
function weighted(stream: RandomStream, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = stream.next() * total;
  if (total === 0) return -1;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** The layout of level `seed`: depends on these options and on nothing else. */
export function generateLevel(seed: number, options: LayoutOptions): Level {
  const stream = createStream(seed, 'layout');
  const builder = new Builder();
  const { level } = builder;
  const top = LEVEL_SIZE - 1;
  builder.fill(0, 0, LEVEL_SIZE, 1, Cell.ground);
  builder.fill(0, top, LEVEL_SIZE, 1, Cell.ground);
  builder.fill(0, 0, 1, LEVEL_SIZE, Cell.ground);
  builder.fill(top, 0, 1, LEVEL_SIZE, Cell.ground);

  const difficulty = stream.between(1, 3);
  const sections = stream.between(difficulty, 2 * difficulty - 1);
  const { lava, saw, enemy } = options.hazards;
  const dangers: readonly Hazard[] = ['lava', 'saw', 'enemy'];
  const danger = weighted(stream, [lava, saw, enemy]);
  const hardest = difficulty === 3 ? 1 : 0;
  let x = FIRST_COLUMN;
  let y = 1;
  for (let section = 0; section < sections && x + ROOM_FOR_A_SECTION < LEVEL_SIZE; section++) {
    const rise = Math.min(stream.between(1, 4) + hardest, MAX_RISE);
    const falls = y >= 20 || (y >= 5 && stream.chance(0.5));
    const width = stream.between(3, 2 + 2 * difficulty) + hardest;
    y = Math.max(1, falls ? y - rise : y + rise);
    const pit = width > 7 && y > 3 && stream.chance((20 - difficulty) / 20) && danger >= 0;
    level.sections.push({ x, width, y, pit });
    if (pit) buildPit(builder, stream, x, y, width, dangers[danger]);
    else buildGround(builder, stream, x, y, width, difficulty, options);
    if (!builder.isGround(x - 1, y)) builder.barrier(x - 1, y);
    x += width;
    builder.barrier(x, y);
  }

  builder.fill(x, 0, 1, y, Cell.ground);
  if (options.endWall) builder.fill(x + 1, 0, LEVEL_SIZE - x - 1, LEVEL_SIZE, Cell.ground);
  else builder.fill(x + 1, 0, LEVEL_SIZE - x - 1, y, Cell.ground);
  placeCoin(builder, seed, x, y, options.coinAnywhere);
  // A later section may have filled a cell in which an earlier one ended.
  for (let i = 0; i < level.cells.length; i++) if (level.cells[i] === Cell.ground) level.barriers[i] = 0;
  return level;
}

/** Two banks and a gap of at most seven cells; over four, an island one cell thick, one below the banks. */
function buildPit(b: Builder, stream: RandomStream, x: number, y: number, width: number, danger: Hazard): void {
  const left = stream.between(1, 3);
  const gap = Math.min(width - left - stream.between(1, 3), MAX_GAP);
  b.fill(x, 0, left, y, Cell.ground);
  b.fill(x + left + gap, 0, width - left - gap, y, Cell.ground);
  const depth = stream.between(1, y - 3);
  if (danger === 'lava') b.fill(x + left, 1, gap, depth, Cell.lava);
  else for (let column = 0; column < gap; column++) b.add(danger, x + left + column, 1);
  if (gap <= 4) return;
  const offset = stream.between(1, 2) + (gap === 5 ? 0 : 1);
  const draw = stream.between(1, 2);
  const island = gap === 7 ? gap - offset - (draw + 1) : draw;
  b.fill(x + left + offset, y - 1, island, 1, Cell.ground);
}

function interiorColumn(stream: RandomStream, x: number, width: number): number {
  return x + 1 + stream.integer(width - 2);
}

/** Solid ground with perhaps a saw, an enemy (hard) and piles of crates, each in a column of the interior. */
function buildGround(
  b: Builder,
  stream: RandomStream,
  x: number,
  y: number,
  width: number,
  difficulty: number,
  { hazards, difficulty: mode }: LayoutOptions,
): void {
  b.fill(x, 0, width, y, Cell.ground);
  let sawColumn = -1;
  let enemyColumn = -1;
  const withSaw = stream.chance((difficulty / 5) * hazards.saw);
  if (withSaw && width > 3) {
    sawColumn = interiorColumn(stream, x, width);
    b.add('saw', sawColumn, y);
  }
  const withEnemy = stream.chance((difficulty / 10) * hazards.enemy);
  if (withEnemy && width > 3 && mode === 'hard') {
    enemyColumn = interiorColumn(stream, x, width);
    b.add('enemy', enemyColumn, y);
  }
  let piled = -1;
  for (let attempt = 0; attempt < 2; attempt++) {
    const column = interiorColumn(stream, x, width);
    const wanted = stream.chance(0.5);
    if (!wanted || column === sawColumn || column === enemyColumn || column === piled) continue;
    piled = column;
    const height = stream.between(1, 3);
    for (let i = 0; i < height; i++) b.add('crate', column, y + i);
  }
}

/** On the pillar at (x, y), or, in a share of the levels, at the start of some section. A stream of its own. */
function placeCoin(b: Builder, seed: number, x: number, y: number, share: number): void {
  const stream = share > 0 ? createStream(seed, 'coin') : null;
  if (stream === null || !stream.chance(share)) {
    b.add('coin', x, y);
    return;
  }
  const { sections } = b.level;
  const section = sections[stream.integer(sections.length)];
  b.add('coin', section.x, section.y);
  b.level.marker = { x: x + OBJECT_HALF, y: y + OBJECT_HALF };
}
