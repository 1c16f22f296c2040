/**
 * Which part of the world the agent sees, so that the attribution lies on the very cells that it is about. The
 * observation's camera moves in whole pixels with the agent's box, and so does this.
 */
import type { Scene, SceneAgent } from '../scene.ts';
import { defaultCoinRunConfig } from '../config.ts';
import { spriteSheets } from './sprites.ts';

/** Cells, y up. */
export interface CellWindow {
  readonly left: number;
  readonly bottom: number;
  readonly size: number;
}

const round = (x: number): number => Math.floor(x + 0.5);

/** @param pixels along a side of the observation */
export function observationWindow(
  agent: Pick<SceneAgent, 'x' | 'y'>,
  pixels: number,
  cells: number = defaultCoinRunConfig.viewCells,
): CellWindow {
  const scale = pixels / cells;
  const { width, height } = spriteSheets.agent;
  const boxWidth = round(width * scale);
  const boxHeight = round(height * scale);
  const left = round((agent.x - width / 2) * scale) - Math.floor((pixels - boxWidth) / 2);
  const top = round((agent.y - height / 2) * scale) + Math.floor((pixels - boxHeight) / 2) + boxHeight;
  return { left: left / scale, bottom: (top - pixels) / scale, size: cells };
}

/** The same of observations that show the whole level: its longer side fills the picture. */
export function levelWindow(level: Pick<Scene, 'width' | 'height'>, pixels: number): CellWindow {
  const cells = Math.max(level.width, level.height);
  const scale = pixels / cells;
  const left = round((level.width * scale - pixels) / 2);
  const top = round((level.height * scale + pixels) / 2);
  return { left: left / scale, bottom: (top - pixels) / scale, size: cells };
}
