/**
 * Every sprite by name: how many looks and frames it has, how large it is in cells, and its pixels at any size. The
 * observation, the large view and the page all draw from here.
 */
import { InputError } from '@saccade/core';
import { AGENT_FRAMES, AGENT_HEIGHT, AGENT_WIDTH, agents } from './agents.ts';
import { backdrops } from './backgrounds.ts';
import { BACKDROP_SIZE } from './scenery.ts';
import { crates } from './crates.ts';
import { ENEMY_FRAMES, enemies } from './enemies.ts';
import { GROUND_FRAMES, grounds } from './grounds.ts';
import { SAW_FRAMES, lava, saw } from './hazards.ts';
import { drawPicture, type Picture } from './picture.ts';
import { rasterise } from './rasterise.ts';
import { TINY_BELOW, stretchPixels, type Look } from './sprite.ts';
import { coin } from './treasure.ts';

export type SpriteName = 'background' | 'ground' | 'lava' | 'crate' | 'coin' | 'saw' | 'enemy' | 'agent';

export interface SpriteSheet {
  /** How many looks (`variant` is below it). */
  readonly variants: number;
  /** How many frames each look has. */
  readonly frames: number;
  /** Size of the sprite's box in cells. */
  readonly width: number;
  readonly height: number;
}

/** Lava has two details, each with and without an open surface. */
const LAVA_FRAMES = 4;

const looks: Readonly<Record<Exclude<SpriteName, 'background'>, readonly Look[]>> = {
  ground: grounds,
  lava: [lava],
  crate: crates,
  coin: [coin],
  saw: [saw],
  enemy: enemies,
  agent: agents,
};

export const spriteSheets: Readonly<Record<SpriteName, SpriteSheet>> = {
  background: { variants: backdrops.length, frames: 1, width: BACKDROP_SIZE, height: BACKDROP_SIZE },
  ground: { variants: grounds.length, frames: GROUND_FRAMES, width: 1, height: 1 },
  lava: { variants: 1, frames: LAVA_FRAMES, width: 1, height: 1 },
  crate: { variants: crates.length, frames: 1, width: 1, height: 1 },
  coin: { variants: 1, frames: 1, width: 1, height: 1 },
  saw: { variants: 1, frames: SAW_FRAMES, width: 1, height: 1 },
  enemy: { variants: enemies.length, frames: ENEMY_FRAMES, width: 1, height: 1 },
  agent: { variants: agents.length, frames: AGENT_FRAMES, width: AGENT_WIDTH, height: AGENT_HEIGHT },
};

/** How many looks each part of the world has; look 0 of each is the easy mode's fixed theme. */
export const variety = {
  backgrounds: backdrops.length,
  grounds: grounds.length,
  agents: agents.length,
  enemies: enemies.length,
  crates: crates.length,
} as const;

/** A sprite's pixels: RGBA bytes with straight alpha, [height, width, 4], row 0 at the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

function pictureOf(name: SpriteName, variant: number, frame: number): Picture {
  const { width, height } = spriteSheets[name];
  if (name === 'background') return drawPicture(width, height, (pen) => backdrops[variant].draw(pen));
  const look = looks[name][variant];
  return drawPicture(width, height, (pen) => look.draw(pen, frame), look.room);
}

function expectSprite(who: string, name: SpriteName, variant: number, frame: number): void {
  const sheet: SpriteSheet | undefined = spriteSheets[name];
  if (sheet === undefined)
    throw new InputError(
      `${who}: expected a sprite among ${Object.keys(spriteSheets).join(', ')}, got ${String(name)}`,
    );
  if (!Number.isInteger(variant) || variant < 0 || variant >= sheet.variants) {
    throw new InputError(`${who}: expected a variant of ${name} from 0 to ${sheet.variants - 1}, got ${variant}`);
  }
  if (!Number.isInteger(frame) || frame < 0 || frame >= sheet.frames) {
    throw new InputError(`${who}: expected a frame of ${name} from 0 to ${sheet.frames - 1}, got ${frame}`);
  }
}

/** One sprite into a box of exactly `width` x `height` pixels; hand-set pixels where a cell is smaller than 8. */
export function rasteriseInto(name: SpriteName, variant: number, frame: number, width: number, height: number): Raster {
  expectSprite('rasteriseSprite', name, variant, frame);
  if (name !== 'background' && width / spriteSheets[name].width < TINY_BELOW) {
    const look = looks[name][variant];
    return { width, height, data: stretchPixels(look.pixels(frame), look.palette, width, height) };
  }
  return { width, height, data: rasterise(pictureOf(name, variant, frame), width, height) };
}

/** One sprite at `cellPixels` pixels a cell (any positive number), its box rounded to whole pixels. */
export function rasteriseSprite(name: SpriteName, variant: number, frame: number, cellPixels: number): Raster {
  if (!(cellPixels > 0))
    throw new InputError(`rasteriseSprite: expected a positive number of pixels a cell, got ${cellPixels}`);
  const sheet = spriteSheets[name];
  const size = (cells: number): number => Math.max(1, Math.floor(cells * cellPixels + 0.5));
  return rasteriseInto(name, variant, frame, size(sheet?.width ?? 1), size(sheet?.height ?? 1));
}

/** The colour of a sprite in the monochrome asset mode, 0xRRGGBB. */
export function flatColour(name: Exclude<SpriteName, 'background'>): number {
  return looks[name][0].flat ?? 0xffffff;
}

/** The backdrop where backgrounds are switched off. */
export function plainColour(variant: number): number {
  return backdrops[variant].plain;
}
