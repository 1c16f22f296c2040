/**
 * The cells that an observation shows, with the frame of each tile. The window is copied out of the level once a frame
 * with one cell to spare all around, so that picking a frame from the four neighbours needs no border checks.
 */
import { Cell, type Scene } from '../scene.ts';
import { DETAIL_PERIOD, cellAt, detailAt } from './draw-list.ts';
import { Open } from './grounds.ts';

/** Kinds of a window's entry, in the bits above the frame. */
export const TILE_GROUND = 1 << 8;
const TILE_LAVA = 2 << 8;
export const TILE_FRAME = 255;

const details = new Uint8Array(DETAIL_PERIOD * DETAIL_PERIOD);
for (let i = 0; i < details.length; i++) details[i] = detailAt(i % DETAIL_PERIOD, Math.floor(i / DETAIL_PERIOD));

export interface TileWindow {
  /** What each cell of the window shows: 0 for nothing, else kind | frame; [side, side], row 0 at the bottom. */
  readonly tiles: Uint16Array;
  /** By row: is any of its cells empty? */
  readonly gaps: Uint8Array;
  /** Reads `columns` x `rows` cells from (firstColumn, firstRow); the same frames as the draw list's. */
  load(scene: Scene, firstColumn: number, firstRow: number, columns: number, rows: number): void;
}

/** A window for up to `side` cells each way. */
export function createTileWindow(side: number): TileWindow {
  const tiles = new Uint16Array(side * side);
  const gaps = new Uint8Array(side);
  const pitch = side + 2;
  const codes = new Uint8Array(pitch * pitch);

  const copy = (scene: Scene, firstColumn: number, firstRow: number, columns: number, rows: number): void => {
    const { width, height, cells } = scene;
    const hidden = scene.lavaHidden === true;
    const inside = firstColumn > 0 && firstColumn + columns < width;
    for (let row = -1; row <= rows; row++) {
      const level = firstRow + row;
      let to = (row + 1) * pitch;
      if (inside && level >= 0 && level < height) {
        let from = level * width + firstColumn - 1;
        for (let column = -1; column <= columns; column++, from++, to++) {
          const code = cells[from];
          codes[to] = hidden && code === Cell.lava ? Cell.empty : code;
        }
      } else {
        for (let column = -1; column <= columns; column++, to++) {
          codes[to] = cellAt(scene, firstColumn + column, level);
        }
      }
    }
  };

  return {
    tiles,
    gaps,
    load(scene, firstColumn, firstRow, columns, rows) {
      copy(scene, firstColumn, firstRow, columns, rows);
      for (let row = 0; row < rows; row++) {
        let at = (row + 1) * pitch + 1;
        let to = row * side;
        let gap = 0;
        const noise = ((firstRow + row) & (DETAIL_PERIOD - 1)) * DETAIL_PERIOD;
        for (let column = 0; column < columns; column++, at++, to++) {
          const code = codes[at];
          if (code === Cell.empty) {
            tiles[to] = 0;
            gap = 1;
            continue;
          }
          const detail = details[noise + ((firstColumn + column) & (DETAIL_PERIOD - 1))];
          if (code === Cell.ground) {
            tiles[to] =
              TILE_GROUND |
              (detail << 4) |
              (codes[at + pitch] === Cell.empty ? Open.top : 0) |
              (codes[at + 1] === Cell.empty ? Open.right : 0) |
              (codes[at - pitch] === Cell.empty ? Open.bottom : 0) |
              (codes[at - 1] === Cell.empty ? Open.left : 0);
          } else {
            tiles[to] = TILE_LAVA | ((detail & 1) << 1) | (codes[at + pitch] === Cell.empty ? 1 : 0);
          }
        }
        gaps[row] = gap;
      }
    },
  };
}
