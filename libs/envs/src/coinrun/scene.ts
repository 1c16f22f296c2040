/**
 * What there is to see at one instant: the meeting point of world and art. The dynamics own and mutate it, every
 * renderer (observation, mask, large view, page, video) only reads it, so that none of them can drift from another.
 * Coordinates are in cells, y up, the cell (column, row) covering [column, column + 1) x [row, row + 1).
 */

/** What fills one cell of the level. Crates are objects: they can be removed one by one. */
export const Cell = { empty: 0, ground: 1, lava: 2 } as const;
export type Cell = (typeof Cell)[keyof typeof Cell];

export type ObjectKind = 'coin' | 'saw' | 'enemy' | 'crate';

export interface SceneObject {
  /** Unique in the level and stable through it; 1 and up (0 is the agent). */
  readonly id: number;
  readonly kind: ObjectKind;
  /** Centre, cells. Half-size .5 for every kind. */
  x: number;
  y: number;
  /** Horizontal velocity, cells a step; 0 for what stands still. Enemies face where they go. */
  vx: number;
  /** Which look, below the art's count for this kind. */
  readonly variant: number;
  /** Drawn at all? Hidden objects still act (the article's invisible hazards). */
  visible: boolean;
  /** Multiplies the sprite's colour, 0xRRGGBB; undefined draws it as it is. */
  tint?: number;
}

export interface SceneAgent {
  /** Centre, cells. Half-sizes .5 x .5787. */
  x: number;
  y: number;
  /** Cells a step. */
  vx: number;
  vy: number;
  /** Does it stand on something? */
  supported: boolean;
  facing: -1 | 1;
}

/** Looks, chosen by a random stream of their own: they never change a layout. Each below the art's count. */
export interface Theme {
  readonly background: number;
  readonly ground: number;
  readonly agent: number;
  /** Draws flat single-colour shapes instead of sprites. */
  readonly monochrome: boolean;
  /** Draws a plain backdrop where false. */
  readonly backgrounds: boolean;
}

export interface Scene {
  /** Level size, cells. */
  readonly width: number;
  readonly height: number;
  /** `Cell` codes, [height, width], row 0 at the bottom. */
  readonly cells: Uint8Array;
  readonly objects: readonly SceneObject[];
  readonly agent: SceneAgent;
  readonly theme: Theme;
  /** Draws lava cells as if they were empty (they still kill): the invisible-hazard variant. */
  readonly lavaHidden?: boolean;
  /** Steps since the episode began: what animation runs on (walking swaps every 5, saws every step). */
  step: number;
}
