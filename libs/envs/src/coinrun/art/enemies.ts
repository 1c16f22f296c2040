/**
 * The creatures that patrol, facing right, each with a silhouette of its own. Two frames of a walk. All of them frown,
 * which no harmless thing does. Number 0 is the easy mode's.
 */
import type { Creature } from './creature.ts';
import { beetle, crab, slime, turtle } from './enemies-crawling.ts';
import { bat, fungus, ghost, robot, spiky } from './enemies-upright.ts';
import { INK, type Look } from './sprite.ts';

export const ENEMY_FRAMES = 2;

const build = (creature: Creature): Look => ({
  draw: creature.draw,
  room: 0.055,
  pixels: (frame) => creature.pixels[frame % 2],
  palette: { K: INK, W: 0xffffff, ...creature.palette },
  flat: 0x9b4dff,
});

export const enemies: readonly Look[] = [spiky, slime, bat, beetle, turtle, fungus, robot, crab, ghost].map(build);
