/**
 * What the agent sees: an agent-centred picture of a few pixels a cell, and, from the same traversal, which thing each
 * pixel shows. Everything is blitted on whole pixels and every pixel is wholly one thing, so a mask is exact: hiding an
 * object changes no pixel outside of its mask.
 *
 * The camera moves in whole pixels with the agent's box, which therefore always covers the same pixels, and tiles are
 * always cut at the same places. The canvas has a margin that takes whatever reaches over the border, so that nothing
 * is clipped; where tiles are opaque, the backdrop is only copied into the gaps between them.
 */
import { InputError } from '@saccade/core';
import type { ObjectKind, Scene, SceneObject } from '../scene.ts';
import { AGENT_HEIGHT, AGENT_WIDTH } from './agents.ts';
import { createAtlas, plainColour, tintWord, wordOf, type Bitmap } from './atlas.ts';
import { BACKDROP_SIZE } from './backgrounds.ts';
import { MaskClass, agentFrame, backdropBottom, backdropLeft, objectFrame, objectVariant } from './draw-list.ts';
import { createPacker } from './pack.ts';
import { TILE_FRAME, TILE_GROUND, createTileWindow } from './tile-window.ts';

export interface ObservationOptions {
  /** Pixels along one side: 64. */
  readonly pixels: number;
  /** Cells along one side: 12.8 (5 pixels a cell), or procgen's 13. */
  readonly cells: number;
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

/** Frames of the busiest sprite but the ground: slots of a lookup table. */
const FRAME_SLOTS = 4;
/** Slots for the frames of one kind of tile in one size. */
const TILE_SLOTS = 64;

const round = (x: number): number => Math.floor(x + 0.5);

/** floor(255 (.5 velocity / most + .5)), a byte; 127 at rest. */
function shade(velocity: number, most: number): number {
  const value = Math.floor(255 * ((0.5 * velocity) / most + 0.5));
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** A sprite of the observation: 0xBBGGRR words, -1 where nothing is. */
interface Stamp {
  readonly width: number;
  readonly height: number;
  readonly words: Int32Array;
  readonly opaque: boolean;
}

interface Backdrop {
  /** Words a row: the backdrop's width and one canvas more, so that no row wraps while it is copied. */
  readonly pitch: number;
  readonly words: Int32Array;
}

/** One for all observations: sprites depend on their size alone. */
const atlas = createAtlas(true);

function stampOf({ width, height, words, opaque }: Bitmap): Stamp {
  return { width, height, opaque, words: Int32Array.from(words, (word) => (word >>> 24 === 0 ? -1 : word & 0xffffff)) };
}

function backdropOf({ width, height, words }: Bitmap, extra: number): Backdrop {
  const pitch = width + extra;
  const out = new Int32Array(pitch * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < pitch; x++) out[y * pitch + x] = words[y * width + (x % width)] & 0xffffff;
  }
  return { pitch, words: out };
}

/** Prepared sprites of one size, shared by all renderers of that size. */
interface Stamps {
  readonly tiles: (Stamp | undefined)[];
  readonly objects: Readonly<Record<ObjectKind | 'agent', (Stamp | undefined)[]>>;
  readonly backdrops: (Backdrop | undefined)[];
}

const stampsBySize = new Map<string, Stamps>();

function stampsFor(pixels: number, cells: number): Stamps {
  const key = `${pixels}/${cells}`;
  let stamps = stampsBySize.get(key);
  if (stamps === undefined) {
    stamps = { tiles: [], objects: { coin: [], saw: [], enemy: [], crate: [], agent: [] }, backdrops: [] };
    stampsBySize.set(key, stamps);
  }
  return stamps;
}

export function createObservationRenderer(options: ObservationOptions): ObservationRenderer {
  const { pixels, cells, velocitySquares } = options;
  if (!Number.isInteger(pixels) || pixels < 8 || pixels > 1024) {
    throw new InputError(`createObservationRenderer: expected pixels from 8 to 1024, got ${pixels}`);
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
  const margin = Math.ceil(scale) + 1;
  const stride = pixels + 2 * margin;
  const start = margin * stride + margin;
  const canvas = new Int32Array(stride * stride);
  const side = Math.floor(cells) + 3;
  const window = createTileWindow(side);
  const columnStart = new Int32Array(side + 1);
  const rowTop = new Int32Array(side + 1);
  const backdropRow = new Int32Array(stride);
  const packer = createPacker(pixels, start, stride);
  const stamps = stampsFor(pixels, cells);

  const tileStamp = (ground: boolean, variant: number, frame: number, w: number, h: number, flat: boolean): Stamp => {
    const look = (ground ? variant + 1 : 0) * 2 + (flat ? 1 : 0);
    const slot = ((look * 2 + (w - smallTile)) * 2 + (h - smallTile)) * TILE_SLOTS + frame;
    return (stamps.tiles[slot] ??= stampOf(
      atlas.sprite(ground ? 'ground' : 'lava', ground ? variant : 0, frame, w, h, false, flat),
    ));
  };
  const figureStamp = (
    kind: ObjectKind | 'agent',
    variant: number,
    frame: number,
    w: number,
    h: number,
    flip: boolean,
    flat: boolean,
  ): Stamp => {
    const slot = ((variant * FRAME_SLOTS + frame) * 2 + (flip ? 1 : 0)) * 2 + (flat ? 1 : 0);
    return (stamps.objects[kind][slot] ??= stampOf(atlas.sprite(kind, variant, frame, w, h, flip, flat)));
  };
  const backdropStamp = (variant: number): Backdrop =>
    (stamps.backdrops[variant] ??= backdropOf(atlas.backdrop(variant, backdropSize), stride));

  const fillRect = (to: number, width: number, height: number, word: number): void => {
    for (let row = 0; row < height; row++, to += stride - width) {
      for (const end = to + width; to < end; to++) canvas[to] = word;
    }
  };
  /** Copies an opaque stamp. */
  const copyStamp = ({ words, width, height }: Stamp, to: number): void => {
    let from = 0;
    if (width === 5) {
      for (let row = 0; row < height; row++, from += 5, to += stride) {
        canvas[to] = words[from];
        canvas[to + 1] = words[from + 1];
        canvas[to + 2] = words[from + 2];
        canvas[to + 3] = words[from + 3];
        canvas[to + 4] = words[from + 4];
      }
      return;
    }
    for (let row = 0; row < height; row++, to += stride - width) {
      for (const end = to + width; to < end; to++, from++) canvas[to] = words[from];
    }
  };
  /** Draws what is not transparent: its colours, or the label where there is one (-1 for none). */
  const drawStamp = ({ words, width, height }: Stamp, at: number, label: number, tint: number | undefined): void => {
    let from = 0;
    let to = at;
    for (let row = 0; row < height; row++, to += stride - width) {
      for (const end = to + width; to < end; to++, from++) {
        const word = words[from];
        if (word < 0) continue;
        canvas[to] = label >= 0 ? label : tint === undefined ? word : tintWord(word, tint) & 0xffffff;
      }
    }
  };

  /** The one traversal: colours where `masking` is false, labels (class << 16 | id) where it is true. */
  const draw = (scene: Scene, masking: boolean): void => {
    const { theme, step, agent, objects } = scene;
    const flat = theme.monochrome;
    // World pixel (x to the right, v up) at the screen's left column and top row.
    const originX = round((agent.x - AGENT_WIDTH / 2) * scale) - agentLeft;
    const topV = round((agent.y - AGENT_HEIGHT / 2) * scale) + agentTop + agentHeight - 1;

    // Backdrop: where to copy it from, or which word stands in for it.
    const plain = masking ? MaskClass.background : wordOf(plainColour(theme.background)) & 0xffffff;
    const backdrop = masking || !theme.backgrounds ? undefined : backdropStamp(theme.background);
    if (backdrop !== undefined) {
      const half = pixels / 2;
      const left = round(backdropLeft((originX + half) / scale) * scale);
      const bottom = round(backdropBottom((topV + 1 - half) / scale) * scale);
      const wrapped = (originX - left - margin) % backdropSize;
      const column = wrapped < 0 ? wrapped + backdropSize : wrapped;
      const first = backdropSize - 1 - (topV - bottom) - margin;
      for (let y = 0; y < stride; y++) {
        const wanted = first + y;
        const row = wanted < 0 ? 0 : wanted >= backdropSize ? backdropSize - 1 : wanted;
        backdropRow[y] = row * backdrop.pitch + column;
      }
    }
    const drawBackdrop = (x: number, y: number, width: number, height: number): void => {
      let to = y * stride + x;
      if (backdrop === undefined) {
        fillRect(to, width, height, plain);
        return;
      }
      const { words } = backdrop;
      for (let row = y; row < y + height; row++, to += stride - width) {
        let from = backdropRow[row] + x;
        for (const end = to + width; to < end; to++, from++) canvas[to] = words[from];
      }
    };

    // Which cells the screen shows, and where their columns and rows begin on the canvas.
    let firstColumn = Math.floor(originX / scale);
    if (round(firstColumn * scale) > originX) firstColumn--;
    else if (round((firstColumn + 1) * scale) <= originX) firstColumn++;
    let columns = 0;
    do columnStart[columns] = round((firstColumn + columns) * scale) - originX + margin;
    while (columnStart[columns++] < pixels + margin);
    columns--;
    const bottomV = topV - pixels + 1;
    let firstRow = Math.floor(bottomV / scale);
    if (round(firstRow * scale) > bottomV) firstRow--;
    else if (round((firstRow + 1) * scale) <= bottomV) firstRow++;
    let rows = 0;
    // rowTop[i] is the canvas row just below row i's lowest, which is row i - 1's highest.
    do rowTop[rows] = topV - round((firstRow + rows) * scale) + 1 + margin;
    while (rowTop[rows++] > margin);
    rows--;

    window.load(scene, firstColumn, firstRow, columns, rows);
    const { tiles } = window;
    for (let row = 0; row < rows; row++) {
      const y = rowTop[row + 1];
      const height = rowTop[row] - y;
      let gap = -1;
      for (let column = 0; column < columns; column++) {
        const tile = tiles[row * side + column];
        const x = columnStart[column];
        if (tile === 0) {
          if (gap < 0) gap = x;
          continue;
        }
        if (gap >= 0) {
          drawBackdrop(gap, y, x - gap, height);
          gap = -1;
        }
        const width = columnStart[column + 1] - x;
        const ground = (tile & TILE_GROUND) !== 0;
        const stamp = tileStamp(ground, theme.ground, tile & TILE_FRAME, width, height, flat);
        const label = (ground ? MaskClass.ground : MaskClass.lava) << 16;
        const to = y * stride + x;
        if (stamp.opaque) {
          if (masking) fillRect(to, width, height, label);
          else copyStamp(stamp, to);
        } else {
          drawBackdrop(x, y, width, height);
          drawStamp(stamp, to, masking ? label : -1, undefined);
        }
      }
      if (gap >= 0) drawBackdrop(gap, y, columnStart[columns] - gap, height);
    }

    const drawObject = (object: SceneObject): void => {
      const x = round((object.x - 0.5) * scale) - originX;
      const y = topV - round((object.y - 0.5) * scale) - box + 1;
      if (x <= -box || y <= -box || x >= pixels || y >= pixels) return;
      const { kind, id } = object;
      const flip = kind === 'enemy' && object.vx < 0;
      const stamp = figureStamp(kind, objectVariant(object), objectFrame(object, step), box, box, flip, flat);
      drawStamp(stamp, start + y * stride + x, masking ? (MaskClass[kind] << 16) | id : -1, object.tint);
    };
    const count = objects.length;
    let enemies = 0;
    for (let i = 0; i < count; i++) {
      const object = objects[i];
      if (object.kind === 'enemy') enemies++;
      else if (object.visible) drawObject(object);
    }
    if (enemies > 0) {
      for (let i = 0; i < count; i++) if (objects[i].kind === 'enemy' && objects[i].visible) drawObject(objects[i]);
    }
    const figure = figureStamp(
      'agent',
      theme.agent,
      agentFrame(agent, step),
      agentWidth,
      agentHeight,
      agent.facing < 0,
      flat,
    );
    drawStamp(figure, start + agentTop * stride + agentLeft, masking ? MaskClass.agent << 16 : -1, undefined);

    if (!velocitySquares) return;
    const first = round(SQUARE * pixels);
    const second = round(2 * SQUARE * pixels) - first;
    const label = MaskClass.velocity << 16;
    fillRect(start, first, first, masking ? label : shade(agent.vx, MAX_SPEED) * 0x10101);
    fillRect(start + first, second, first, masking ? label : shade(agent.vy, MAX_LIFT) * 0x10101);
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
      packer.pack(canvas, out, offset);
    },
    maskInto(classes, ids, offset, scene) {
      expectRoom('maskInto', classes.length, offset, pixels * pixels);
      expectRoom('maskInto', ids.length, offset, pixels * pixels);
      draw(scene, true);
      let to = offset;
      for (let y = 0; y < pixels; y++) {
        let from = start + y * stride;
        for (const end = from + pixels; from < end; from++, to++) {
          const label = canvas[from];
          classes[to] = label >> 16;
          ids[to] = label & 0xffff;
        }
      }
    },
  };
}
