/**
 * What the agent sees: a picture of a few pixels a cell, of its surroundings or of the whole level, and, from the same
 * traversal, which thing each pixel shows. Everything is blitted on whole pixels and every pixel is wholly one thing, so
 * a mask is exact: hiding an object changes no pixel outside of its mask.
 *
 * A camera on the agent moves in whole pixels with its box, which therefore always covers the same pixels. The canvas
 * has a margin that takes whatever reaches over the border, so that nothing is clipped; the backdrop is only copied into
 * rows that have gaps.
 */
import { InputError } from '@saccade/core';
import type { Scene, SceneObject } from '../scene.ts';
import { AGENT_HEIGHT, AGENT_WIDTH } from './agents.ts';
import { wordOf } from './atlas.ts';
import { copyTile, drawWords, fillRect } from './blit.ts';
import { BACKDROP_SIZE } from './scenery.ts';
import { MaskClass, agentFrame, backdropBottom, backdropLeft, objectFrame, objectVariant } from './draw-list.ts';
import { createPacker } from './pack.ts';
import { TINY_BELOW } from './sprite.ts';
import { plainColour } from './sprites.ts';
import { Stamps, type TileSet } from './stamps.ts';
import { TILE_FRAME, TILE_GROUND, createTileWindow } from './tile-window.ts';

export interface ObservationOptions {
  /** Pixels along one side: 64. */
  readonly pixels: number;
  /** Cells along one side: 12.8 (5 pixels a cell), procgen's 13, or a whole level's longer side. */
  readonly cells: number;
  /** What stands in the middle: the agent (where absent), or the level's centre. */
  readonly centre?: 'agent' | 'level';
  /** Paint the agent's velocity as two grey squares at the top left? */
  readonly velocitySquares: boolean;
}

export interface ObservationRenderer {
  /** Writes RGB bytes, [pixels, pixels, 3], row 0 at the top, at `offset`. */
  renderInto(out: Uint8Array, offset: number, scene: Scene): void;
  /**
   * Writes `MaskClass` codes and object ids (0 for the agent and whatever is no object), both [pixels, pixels], at
   * `offset`.
   */
  maskInto(classes: Uint8Array, ids: Uint16Array, offset: number, scene: Scene): void;
}

/** Side of one velocity square as a share of the picture's: 12.8 of 64 pixels. */
const SQUARE = 0.2;
const MAX_SPEED = 0.5;
const MAX_LIFT = 1.5;

const round = (x: number): number => Math.floor(x + 0.5);

/** floor(255 (.5 velocity / most + .5)), a byte; 127 at rest. */
function shade(velocity: number, most: number): number {
  const value = Math.floor(255 * ((0.5 * velocity) / most + 0.5));
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Where an observation of `pixels` paints velocities (both squares, at the top left), and their shade at rest. */
export function velocitySquaresOf(pixels: number): {
  readonly width: number;
  readonly height: number;
  readonly atRest: number;
} {
  return { width: round(2 * SQUARE * pixels), height: round(SQUARE * pixels), atRest: shade(0, MAX_SPEED) };
}

const stampsBySize = new Map<string, Stamps>();

export function createObservationRenderer(options: ObservationOptions): ObservationRenderer {
  const { pixels, cells, velocitySquares, centre = 'agent' } = options;
  if (!Number.isInteger(pixels) || pixels < 8 || pixels > 512) {
    throw new InputError(`createObservationRenderer: expected pixels from 8 to 512, got ${pixels}`);
  }
  if (!(cells >= 2 && cells <= pixels)) {
    throw new InputError(`createObservationRenderer: expected cells from 2 to the ${pixels} pixels, got ${cells}`);
  }
  const scale = pixels / cells;
  const smallTile = Math.floor(scale);
  const box = round(scale);
  const agentWidth = round(AGENT_WIDTH * scale);
  const agentHeight = round(AGENT_HEIGHT * scale);
  const agentLeft = Math.floor((pixels - agentWidth) / 2);
  const agentTop = Math.floor((pixels - agentHeight) / 2);
  const backdropSize = round(BACKDROP_SIZE * scale);
  const margin = Math.max(Math.ceil(scale), agentHeight) + 1;
  const stride = pixels + 2 * margin;
  const start = margin * stride + margin;
  const side = Math.floor(cells) + 3;
  const window = createTileWindow(side);
  /** Canvas column of each visible cell's left border; canvas row just below each visible cell. */
  const columnStart = new Int32Array(side + 1);
  const rowEnd = new Int32Array(side + 1);
  const packer = createPacker(pixels, start, stride);
  const key = `${pixels}/${cells}`;
  const stamps = stampsBySize.get(key) ?? new Stamps(stride, smallTile, backdropSize);
  stampsBySize.set(key, stamps);
  /** Hand-set tiles have no gaps; larger ones may. */
  const opaqueTiles = box < TINY_BELOW && Math.ceil(scale) < TINY_BELOW;

  // Set by `aim` for the present frame.
  /** World pixel (x to the right, v up) at the screen's left column and top row. */
  let originX = 0;
  let topV = 0;
  let columns = 0;
  let rows = 0;

  const aim = (scene: Scene): void => {
    if (centre === 'agent') {
      const { agent } = scene;
      originX = round((agent.x - AGENT_WIDTH / 2) * scale) - agentLeft;
      topV = round((agent.y - AGENT_HEIGHT / 2) * scale) + agentTop + agentHeight - 1;
    } else {
      originX = round((scene.width * scale - pixels) / 2);
      topV = round((scene.height * scale + pixels) / 2) - 1;
    }
    let firstColumn = Math.floor(originX / scale);
    if (round(firstColumn * scale) > originX) firstColumn--;
    else if (round((firstColumn + 1) * scale) <= originX) firstColumn++;
    columns = -1;
    do columnStart[++columns] = round((firstColumn + columns) * scale) - originX + margin;
    while (columnStart[columns] < pixels + margin);
    const bottomV = topV - pixels + 1;
    let firstRow = Math.floor(bottomV / scale);
    if (round(firstRow * scale) > bottomV) firstRow--;
    else if (round((firstRow + 1) * scale) <= bottomV) firstRow++;
    rows = -1;
    do rowEnd[++rows] = topV - round((firstRow + rows) * scale) + 1 + margin;
    while (rowEnd[rows] > margin);
    window.load(scene, firstColumn, firstRow, columns, rows);
  };

  const drawBackdrop = (scene: Scene): void => {
    const place = stamps.backdrop(scene.theme.background);
    const { memory } = stamps;
    const half = pixels / 2;
    const left = round(backdropLeft((originX + half) / scale) * scale);
    const bottom = round(backdropBottom((topV + 1 - half) / scale) * scale);
    const wrapped = (originX - left) % backdropSize;
    const from = place.start + (wrapped < 0 ? wrapped + backdropSize : wrapped);
    const first = backdropSize - 1 - (topV - bottom) - margin;
    for (let row = 0; row < rows; row++) {
      if (opaqueTiles && window.gaps[row] === 0) continue;
      for (let y = rowEnd[row + 1]; y < rowEnd[row]; y++) {
        const wanted = first + y;
        const line = from + (wanted < 0 ? 0 : wanted >= backdropSize ? backdropSize - 1 : wanted) * place.pitch;
        memory.copyWithin(y * stride + margin, line, line + pixels);
      }
    }
  };

  const drawTiles = (scene: Scene, masking: boolean): void => {
    const { memory } = stamps;
    const { tiles } = window;
    const { ground: look, monochrome } = scene.theme;
    let set: TileSet | undefined;
    let setGround = false;
    for (let row = 0; row < rows; row++) {
      const y = rowEnd[row + 1];
      const height = rowEnd[row] - y;
      for (let column = 0, at = row * side; column < columns; column++, at++) {
        const tile = tiles[at];
        if (tile === 0) continue;
        const x = columnStart[column];
        const width = columnStart[column + 1] - x;
        const ground = (tile & TILE_GROUND) !== 0;
        if (set === undefined || ground !== setGround || set.width !== width || set.height !== height) {
          set = stamps.tiles(ground, look, width, height, monochrome);
          setGround = ground;
        }
        const frame = tile & TILE_FRAME;
        if (set.state[frame] === 0) stamps.makeTile(set, frame);
        const to = y * stride + x;
        const label = masking ? (ground ? MaskClass.ground : MaskClass.lava) << 16 : -1;
        if (set.state[frame] === 2) drawWords(memory, to, stride, set, frame * width * height, label, undefined);
        else if (masking) fillRect(memory, to, stride, width, height, label);
        else copyTile(memory, to, stride, set, frame);
      }
    }
  };

  const drawObject = (scene: Scene, object: SceneObject, masking: boolean): void => {
    const x = round((object.x - 0.5) * scale) - originX;
    if (x <= -box || x >= pixels) return;
    const y = topV - round((object.y - 0.5) * scale) - box + 1;
    if (y <= -box || y >= pixels) return;
    const { kind, id } = object;
    const flip = kind === 'enemy' && object.vx < 0;
    const frame = objectFrame(object, scene.step);
    const stamp = stamps.figure(kind, objectVariant(object), frame, box, box, flip, scene.theme.monochrome);
    const label = masking ? (MaskClass[kind] << 16) | id : -1;
    drawWords(stamps.memory, start + y * stride + x, stride, stamp, 0, label, object.tint);
  };

  const drawObjects = (scene: Scene, masking: boolean): void => {
    const { objects } = scene;
    const count = objects.length;
    let enemies = 0;
    for (let i = 0; i < count; i++) {
      const object = objects[i];
      if (object.kind === 'enemy') enemies++;
      else if (object.visible) drawObject(scene, object, masking);
    }
    for (let i = 0; enemies > 0 && i < count; i++) {
      const object = objects[i];
      if (object.kind !== 'enemy') continue;
      enemies--;
      if (object.visible) drawObject(scene, object, masking);
    }
  };

  const drawAgent = ({ agent, theme, step }: Scene, masking: boolean): void => {
    const frame = agentFrame(agent, step);
    const flip = agent.facing < 0;
    const stamp = stamps.figure('agent', theme.agent, frame, agentWidth, agentHeight, flip, theme.monochrome);
    const x = round((agent.x - AGENT_WIDTH / 2) * scale) - originX;
    const y = topV - round((agent.y - AGENT_HEIGHT / 2) * scale) - agentHeight + 1;
    if (x <= -agentWidth || x >= pixels || y <= -agentHeight || y >= pixels) return;
    const label = masking ? MaskClass.agent << 16 : -1;
    drawWords(stamps.memory, start + y * stride + x, stride, stamp, 0, label, undefined);
  };

  const drawVelocity = ({ agent }: Scene, masking: boolean): void => {
    const first = round(SQUARE * pixels);
    const second = round(2 * SQUARE * pixels) - first;
    const label = MaskClass.velocity << 16;
    const { memory } = stamps;
    fillRect(memory, start, stride, first, first, masking ? label : shade(agent.vx, MAX_SPEED) * 0x10101);
    fillRect(memory, start + first, stride, second, first, masking ? label : shade(agent.vy, MAX_LIFT) * 0x10101);
  };

  /** The one traversal: colours where `masking` is false, labels (class << 16 | id) where it is true. */
  const draw = (scene: Scene, masking: boolean): void => {
    aim(scene);
    if (masking) stamps.memory.fill(MaskClass.background, 0, stride * stride);
    else if (scene.theme.backgrounds) drawBackdrop(scene);
    else stamps.memory.fill(wordOf(plainColour(scene.theme.background)) & 0xffffff, 0, stride * stride);
    drawTiles(scene, masking);
    drawObjects(scene, masking);
    drawAgent(scene, masking);
    if (velocitySquares) drawVelocity(scene, masking);
  };

  const expectRoom = (who: string, length: number, offset: number, wanted: number): void => {
    if (!(offset >= 0 && offset + wanted <= length)) {
      throw new InputError(`${who}: expected room for ${wanted} elements at offset ${offset}, got ${length - offset}`);
    }
  };

  return {
    renderInto(out, offset, scene) {
      expectRoom('renderInto', out.length, offset, pixels * pixels * 3);
      draw(scene, false);
      packer.pack(stamps.memory, out, offset);
    },
    maskInto(classes, ids, offset, scene) {
      expectRoom('maskInto', classes.length, offset, pixels * pixels);
      expectRoom('maskInto', ids.length, offset, pixels * pixels);
      draw(scene, true);
      const { memory } = stamps;
      let to = offset;
      for (let y = 0; y < pixels; y++) {
        let from = start + y * stride;
        for (const end = from + pixels; from < end; from++, to++) {
          const label = memory[from];
          classes[to] = label >> 16;
          ids[to] = label & 0xffff;
        }
      }
    },
  };
}
