/** How enemies walk: without gravity, mirrored at walls and barriers. Part of the dynamics, so nothing but + - * /, floor. */
import { CORNER_MARGIN, LEAST_SUBSTEPS, OBJECT_HALF } from './constants.ts';
import { Cell } from './scene.ts';
import type { Scene, SceneObject } from './scene.ts';

const CORNER = OBJECT_HALF * CORNER_MARGIN;

function turnsAt({ width, height, cells }: Scene, barriers: Uint8Array, x: number, y: number): boolean {
  if (!(x >= 0 && y >= 0 && x < width && y < height)) return true;
  const cell = Math.floor(y) * width + Math.floor(x);
  return cells[cell] === Cell.ground || barriers[cell] === 1;
}

/** One step of `enemy`; `barriers` is 1 where enemies turn round, [height, width]. */
export function moveEnemy(scene: Scene, barriers: Uint8Array, enemy: SceneObject): void {
  const substeps = Math.max(LEAST_SUBSTEPS, Math.floor(4 * Math.abs(enemy.vx)));
  const low = enemy.y - CORNER;
  const high = enemy.y + CORNER;
  for (let i = 0; i < substeps; i++) {
    const distance = enemy.vx / substeps;
    const x = enemy.x + distance;
    const ahead = distance > 0 ? x + CORNER : x - CORNER;
    if (!turnsAt(scene, barriers, ahead, low) && !turnsAt(scene, barriers, ahead, high)) {
      enemy.x = x;
      continue;
    }
    const edge = distance > 0 ? Math.floor(x + OBJECT_HALF) - OBJECT_HALF : Math.ceil(x - OBJECT_HALF) + OBJECT_HALF;
    const mirrored = 2 * edge - x;
    enemy.vx = -enemy.vx;
    // An editor may have walled it in: then it turns on the spot.
    const behind = distance > 0 ? mirrored - CORNER : mirrored + CORNER;
    if (!turnsAt(scene, barriers, behind, low) && !turnsAt(scene, barriers, behind, high)) enemy.x = mirrored;
  }
}
