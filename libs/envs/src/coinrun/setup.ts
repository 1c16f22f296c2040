/** From a level to a world at its first step: the level's layout, its looks, and the enemies' first directions. */
import type { CoinRunConfig } from './config.ts';
import { generateLevel } from './generate.ts';
import type { Level } from './level.ts';
import { chooseLooks, dressObjects } from './looks.ts';
import { World } from './world.ts';

/** The world of level `seed`. */
export function worldOfSeed(seed: number, config: CoinRunConfig): World {
  return worldOfLevel(generateLevel(seed, config), seed, config);
}

/** The world of any level; `seed` chooses looks and directions. Takes `level` over: it must not be used again. */
export function worldOfLevel(level: Level, seed: number, config: CoinRunConfig): World {
  const { theme, variants } = chooseLooks(seed, level, config);
  return new World(
    {
      width: level.width,
      height: level.height,
      cells: level.cells,
      objects: dressObjects(seed, level, config, variants),
      agent: { x: level.spawn.x, y: level.spawn.y, vx: 0, vy: 0, supported: false, facing: 1 },
      theme,
      lavaHidden: config.invisible.includes('lava'),
      step: 0,
    },
    level.barriers,
    level.marker,
  );
}
