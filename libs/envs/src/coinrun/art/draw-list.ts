/**
 * What is drawn, in which order, and as which sprite and frame: said once, for the observation, its masks, the large
 * view and the page.
 *
 * Order: backdrop; tiles; crates, coins and saws; enemies; the agent; and, in observations only, velocity squares.
 * Objects of one layer are drawn in the order of the scene's list. Out of bounds is wall, so it is drawn as ground.
 */
import { Cell, type Scene, type SceneAgent, type SceneObject } from '../scene.ts';
import { AGENT_HEIGHT, AGENT_WIDTH, AgentFrame } from './agents.ts';
import { PARALLAX } from './backgrounds.ts';
import { BACKDROP_FOOT, BACKDROP_SIZE } from './scenery.ts';
import { Open } from './grounds.ts';
import { SAW_FRAMES } from './hazards.ts';
import type { SpriteName } from './sprites.ts';

/** What a pixel shows. The codes of every class mask. */
export const MaskClass = {
  background: 0,
  ground: 1,
  lava: 2,
  crate: 3,
  coin: 4,
  saw: 5,
  enemy: 6,
  agent: 7,
  velocity: 8,
} as const;
export type MaskClass = (typeof MaskClass)[keyof typeof MaskClass];

/** Steps between two frames of a walk. */
const WALK_STEPS = 5;

/** What a cell shows: outside of the level ground, where lava is hidden nothing in its place. */
export function cellAt(scene: Scene, column: number, row: number): number {
  if (column < 0 || row < 0 || column >= scene.width || row >= scene.height) return Cell.ground;
  const code = scene.cells[row * scene.width + column];
  return code === Cell.lava && scene.lavaHidden === true ? Cell.empty : code;
}

/** Details repeat after this many cells, more than an observation shows. */
export const DETAIL_PERIOD = 16;

/** Which of a tile's details shows at a cell: fixed noise of the position, 0-3. */
export function detailAt(column: number, row: number): number {
  const x = column & (DETAIL_PERIOD - 1);
  const y = row & (DETAIL_PERIOD - 1);
  let mixed = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed >>> 16) & 3;
}

/** Frame of a ground tile: open sides (towards empty cells) in bits 0-3, detail above. */
function groundFrame(scene: Scene, column: number, row: number): number {
  let open = 0;
  if (cellAt(scene, column, row + 1) === Cell.empty) open |= Open.top;
  if (cellAt(scene, column + 1, row) === Cell.empty) open |= Open.right;
  if (cellAt(scene, column, row - 1) === Cell.empty) open |= Open.bottom;
  if (cellAt(scene, column - 1, row) === Cell.empty) open |= Open.left;
  return open | (detailAt(column, row) << 4);
}

/** Frame of a lava tile: bit 0 is an open surface, bit 1 the detail. */
function lavaFrame(scene: Scene, column: number, row: number): number {
  return (cellAt(scene, column, row + 1) === Cell.empty ? 1 : 0) | ((detailAt(column, row) & 1) << 1);
}

export function agentFrame(agent: SceneAgent, step: number): number {
  if (!agent.supported) return AgentFrame.air;
  if (agent.vx === 0) return AgentFrame.stand;
  return Math.floor(step / WALK_STEPS) % 2 === 0 ? AgentFrame.walkA : AgentFrame.walkB;
}

export function objectFrame(object: SceneObject, step: number): number {
  if (object.kind === 'saw') return step % SAW_FRAMES;
  if (object.kind === 'enemy') return Math.floor(step / WALK_STEPS) % 2;
  return 0;
}

/** Only crates and enemies come in several looks. */
export function objectVariant(object: SceneObject): number {
  return object.kind === 'crate' || object.kind === 'enemy' ? object.variant : 0;
}

/** Left border of the backdrop, cells, for a camera at `centreX`: it lags behind, which makes it look far away. */
export const backdropLeft = (centreX: number): number => centreX * (1 - PARALLAX);
/** Bottom border of the backdrop, cells. */
export const backdropBottom = (centreY: number): number => centreY * (1 - PARALLAX) - BACKDROP_FOOT;

export interface DrawItem {
  readonly sprite: SpriteName;
  readonly variant: number;
  readonly frame: number;
  /** Left and bottom of the box in cells, y up. */
  readonly x: number;
  readonly y: number;
  /** Size of the box in cells. A backdrop repeats sideways; above and below, its border rows continue. */
  readonly width: number;
  readonly height: number;
  /** Mirrored left to right. */
  readonly flip: boolean;
  /** Multiplies the colour, 0xRRGGBB; undefined draws it as it is. */
  readonly tint: number | undefined;
  /** The object's id; 0 for the agent and whatever is no object. */
  readonly id: number;
  readonly class: MaskClass;
}

/** Which part of the world a list covers, cells. The backdrop's parallax depends on the centre. */
export interface Window {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
}

/** A square item that neither moves nor mirrors. */
function still(
  sprite: SpriteName,
  variant: number,
  frame: number,
  x: number,
  y: number,
  side: number,
  kind: MaskClass,
): DrawItem {
  return { sprite, variant, frame, x, y, width: side, height: side, flip: false, tint: undefined, id: 0, class: kind };
}

/** Everything visible in the window, bottom first. The backdrop is left out where the theme is plain. */
export function drawList(scene: Scene, window: Window): DrawItem[] {
  const { theme, step } = scene;
  const items: DrawItem[] = [];
  const left = window.centreX - window.width / 2;
  const bottom = window.centreY - window.height / 2;
  const right = left + window.width;
  const top = bottom + window.height;
  if (theme.backgrounds) {
    const x = backdropLeft(window.centreX);
    const y = backdropBottom(window.centreY);
    items.push(still('background', theme.background, 0, x, y, BACKDROP_SIZE, MaskClass.background));
  }
  for (let row = Math.floor(bottom); row < top; row++) {
    for (let column = Math.floor(left); column < right; column++) {
      const code = cellAt(scene, column, row);
      if (code === Cell.ground) {
        const frame = groundFrame(scene, column, row);
        items.push(still('ground', theme.ground, frame, column, row, 1, MaskClass.ground));
      } else if (code === Cell.lava) {
        items.push(still('lava', 0, lavaFrame(scene, column, row), column, row, 1, MaskClass.lava));
      }
    }
  }
  for (const enemies of [false, true]) {
    for (const object of scene.objects) {
      if (!object.visible || (object.kind === 'enemy') !== enemies) continue;
      const x = object.x - 0.5;
      const y = object.y - 0.5;
      if (x >= right || x + 1 <= left || y >= top || y + 1 <= bottom) continue;
      items.push({
        sprite: object.kind,
        variant: objectVariant(object),
        frame: objectFrame(object, step),
        x,
        y,
        width: 1,
        height: 1,
        flip: enemies && object.vx < 0,
        tint: object.tint,
        id: object.id,
        class: MaskClass[object.kind],
      });
    }
  }
  const { agent } = scene;
  const x = agent.x - AGENT_WIDTH / 2;
  const y = agent.y - AGENT_HEIGHT / 2;
  items.push({
    sprite: 'agent',
    variant: theme.agent,
    frame: agentFrame(agent, step),
    x,
    y,
    width: AGENT_WIDTH,
    height: AGENT_HEIGHT,
    flip: agent.facing < 0,
    tint: undefined,
    id: 0,
    class: MaskClass.agent,
  });
  return items;
}
