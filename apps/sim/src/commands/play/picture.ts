/** The world around the agent as lines of coloured half-blocks: two pixels a character cell, 24-bit colour. */
import { renderView } from '@saccade/envs';
import type { Scene } from '@saccade/envs';

/** Cells along the shorter side of the picture, as in an observation. */
const CELLS = 12.8;
/** Below these a picture shows nothing of use. */
export const leastSize = { columns: 16, rows: 9 } as const;

const colour = (rgba: Uint8ClampedArray, pixel: number): string =>
  `${rgba[4 * pixel]};${rgba[4 * pixel + 1]};${rgba[4 * pixel + 2]}`;

/**
 * @param rgba bytes, [height, width, 4]; an even height
 * @returns height / 2 lines of `width` upper half-blocks: the foreground is the upper pixel, the background the lower
 */
export function halfBlocks(rgba: Uint8ClampedArray, width: number, height: number): string[] {
  return Array.from({ length: height / 2 }, (_, row) => {
    let line = '';
    let above = '';
    let below = '';
    for (let x = 0; x < width; x++) {
      const upper = colour(rgba, 2 * row * width + x);
      const lower = colour(rgba, (2 * row + 1) * width + x);
      if (upper !== above) line += `\x1b[38;2;${upper}m`;
      if (lower !== below) line += `\x1b[48;2;${lower}m`;
      line += '▀';
      above = upper;
      below = lower;
    }
    return `${line}\x1b[0m`;
  });
}

/** The scene around the agent in `columns` x `rows` characters. */
export function pictureLines(scene: Scene, columns: number, rows: number): string[] {
  const height = 2 * rows;
  const scale = Math.min(columns, height) / CELLS;
  const { x, y } = scene.agent;
  const options = { width: columns, height, centreX: x, centreY: y, cellsAcross: columns / scale };
  return halfBlocks(renderView(scene, options), columns, height);
}
