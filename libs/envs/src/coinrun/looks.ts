/** Chooses what a level wears, on a random stream of its own: looks never change a layout, nor the other way round. */
import { createStream } from '@saccade/core';
import { variety } from './art/index.ts';
import type { CoinRunConfig } from './config.ts';
import { ENEMY_SPEED } from './constants.ts';
import type { Level } from './level.ts';
import type { SceneObject, Theme } from './scene.ts';

/** Theme of level `seed`, and a look for each enemy and crate. Easy and restricted levels all look alike. */
export function chooseLooks(seed: number, level: Level, config: CoinRunConfig): { theme: Theme; variants: number[] } {
  const varied = config.difficulty === 'hard' && !config.restrictThemes;
  const stream = varied ? createStream(seed, 'theme') : null;
  const draw = (count: number): number => stream?.integer(count) ?? 0;
  const theme: Theme = {
    background: draw(variety.backgrounds),
    ground: draw(variety.grounds),
    agent: draw(variety.agents),
    monochrome: config.monochrome,
    backgrounds: config.backgrounds,
  };
  const variants = level.objects.map(({ kind }) => {
    if (kind === 'enemy') return draw(variety.enemies);
    return kind === 'crate' ? draw(variety.crates) : 0;
  });
  return { theme, variants };
}

/** The level's objects as they are at the first step: looks, and the directions in which enemies set out. */
export function dressObjects(seed: number, level: Level, config: CoinRunConfig, variants: number[]): SceneObject[] {
  const undecided = level.objects.some(({ kind, heading }) => kind === 'enemy' && heading === undefined);
  const stream = undecided ? createStream(seed, 'dynamics') : null;
  const hidden: readonly string[] = config.invisible;
  return level.objects.map(({ id, kind, x, y, heading }, index) => ({
    id,
    kind,
    x,
    y,
    vx: kind === 'enemy' ? ENEMY_SPEED * (heading ?? (stream?.chance(0.5) ? 1 : -1)) : 0,
    variant: variants[index],
    visible: !hidden.includes(kind),
    tint: undefined,
  }));
}
