/**
 * What the agent sees: an agent-centred picture of a few pixels a cell, and, from the same traversal, which thing each
 * pixel shows. Everything is blitted on whole pixels and every pixel is wholly one thing, so a mask is exact: hiding an
 * object changes no pixel outside of its mask.
 *
 * The camera moves in whole pixels with the agent's box, which therefore always covers the same pixels, and tiles are
 * always cut at the same places.
 */
import { InputError } from '@saccade/core';
import { Cell, type Scene, type SceneObject } from '../scene.ts';
import { AGENT_HEIGHT, AGENT_WIDTH } from './agents.ts';
import { createAtlas, plainColour, tintWord, wordOf, type Atlas, type Bitmap } from './atlas.ts';
import { BACKDROP_FOOT, BACKDROP_SIZE, PARALLAX } from './backgrounds.ts';
import { MaskClass, agentFrame, cellAt, groundFrame, lavaFrame, objectFrame, objectVariant } from './draw-list.ts';

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
  /** Writes `MaskClass` codes and object ids (0 for the agent and whatever is no object), both [pixels, pixels], at `offset`. */
  maskInto(classes: Uint8Array, ids: Uint16Array, offset: number, scene: Scene): void;
}

/** Side of one velocity square as a share of the picture's: 12.8 of 64 pixels. */
const SQUARE = 0.2;
const MAX_SPEED = 0.5;
const MAX_LIFT = 1.5;

const round = (x: number): number => Math.floor(x + 0.5);
const shade = (velocity: number, most: number): number => {
  const value = Math.floor(255 * ((0.5 * velocity) / most + 0.5));
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

/** One for all observations: sprites depend on their size alone. */
const atlas: Atlas = createAtlas(true);

export function createObservationRenderer(options: ObservationOptions): ObservationRenderer {
  const { pixels, cells, velocitySquares } = options;
  if (!Number.isInteger(pixels) || pixels < 8 || pixels > 1024)
    throw new InputError(`createObservationRenderer: expected pixels from 8 to 1024, got ${pixels}`);
  if (!(cells >= 2 && cells <= pixels))
    throw new InputError(`createObservationRenderer: expected cells from 2 to the ${pixels} pixels, got ${cells}`);
  const scale = pixels / cells;
  const box = round(scale);
  const agentWidth = round(AGENT_WIDTH * scale);
  const agentHeight = round(AGENT_HEIGHT * scale);
  const agentLeft = Math.floor((pixels - agentWidth) / 2);
  const agentTop = Math.floor((pixels - agentHeight) / 2);
  const backdropSize = round(BACKDROP_SIZE * scale);
  const backdropFoot = round((BACKDROP_SIZE - BACKDROP_FOOT) * scale);
  // The canvas has a margin that takes whatever reaches over the border, so that blits need no clipping.
  const margin = Math.ceil(scale) + 1;
  const stride = pixels + 2 * margin;
  const colours = new Uint32Array(stride * stride);
  const labels = new Uint32Array(stride * stride);

  /** Draws colours or labels of one bitmap with its top left at screen (x, y). */
  const blit = (
    target: Uint32Array,
    bitmap: Bitmap,
    x: number,
    y: number,
    label: number,
    tint: number | undefined,
  ): void => {
    const { width, height, words } = bitmap;
    if (x <= -margin || y <= -margin || x + width >= pixels + margin || y + height >= pixels + margin) return;
    let from = 0;
    for (let row = 0; row < height; row++) {
      let to = (y + row + margin) * stride + x + margin;
      for (let column = 0; column < width; column++, from++, to++) {
        const word = words[from];
        if (word === 0) continue;
        target[to] = label !== 0 ? label : tint === undefined ? word : tintWord(word, tint);
      }
    }
  };

  /** The one traversal: colours where `masking` is false, labels (class << 16 | id) where it is true. */
  const draw = (scene: Scene, masking: boolean): void => {
    const { theme, step, agent } = scene;
    const target = masking ? labels : colours;
    const flat = theme.monochrome;
    const labelOf = (kind: number, id: number): number => (masking ? (kind << 16) | id : 0);
    // World pixel (x to the right, v up) at the screen's left column and top row.
    const originX = round((agent.x - AGENT_WIDTH / 2) * scale) - agentLeft;
    const topV = round((agent.y - AGENT_HEIGHT / 2) * scale) + agentTop + agentHeight - 1;

    if (masking) target.fill(0);
    else if (!theme.backgrounds) target.fill(wordOf(plainColour(theme.background)));
    else {
      const { words } = atlas.backdrop(theme.background, backdropSize);
      const half = pixels / 2;
      const shiftX = round((originX + half) * PARALLAX - half);
      const shiftV = round((topV - half) * PARALLAX + half);
      for (let row = 0; row < pixels; row++) {
        const wanted = backdropFoot - 1 - shiftV + row;
        const source = (wanted < 0 ? 0 : wanted >= backdropSize ? backdropSize - 1 : wanted) * backdropSize;
        let column = shiftX % backdropSize;
        if (column < 0) column += backdropSize;
        let to = (row + margin) * stride + margin;
        for (let x = 0; x < pixels; x++, to++) {
          target[to] = words[source + column];
          if (++column === backdropSize) column = 0;
        }
      }
    }

    const firstColumn = Math.floor((originX - 1) / scale);
    const firstRow = Math.floor((topV - pixels) / scale);
    for (let row = firstRow; ; row++) {
      const bottom = round(row * scale);
      if (bottom > topV) break;
      const height = round((row + 1) * scale) - bottom;
      const y = topV - bottom - height + 1;
      for (let column = firstColumn; ; column++) {
        const left = round(column * scale);
        const x = left - originX;
        if (x >= pixels) break;
        const code = cellAt(scene, column, row);
        if (code === Cell.empty) continue;
        const width = round((column + 1) * scale) - left;
        if (code === Cell.ground)
          blit(
            target,
            atlas.sprite('ground', theme.ground, groundFrame(scene, column, row), width, height, false, flat),
            x,
            y,
            labelOf(MaskClass.ground, 0),
            undefined,
          );
        else
          blit(
            target,
            atlas.sprite('lava', 0, lavaFrame(scene, column, row), width, height, false, flat),
            x,
            y,
            labelOf(MaskClass.lava, 0),
            undefined,
          );
      }
    }

    const drawObject = (object: SceneObject): void => {
      const x = round((object.x - 0.5) * scale) - originX;
      const y = topV - round((object.y - 0.5) * scale) - box + 1;
      if (x <= -box || y <= -box || x >= pixels || y >= pixels) return;
      const flip = object.kind === 'enemy' && object.vx < 0;
      const bitmap = atlas.sprite(object.kind, objectVariant(object), objectFrame(object, step), box, box, flip, flat);
      blit(target, bitmap, x, y, labelOf(MaskClass[object.kind], object.id), object.tint);
    };
    for (const object of scene.objects) if (object.visible && object.kind !== 'enemy') drawObject(object);
    for (const object of scene.objects) if (object.visible && object.kind === 'enemy') drawObject(object);
    const figure = atlas.sprite(
      'agent',
      theme.agent,
      agentFrame(agent, step),
      agentWidth,
      agentHeight,
      agent.facing < 0,
      flat,
    );
    blit(target, figure, agentLeft, agentTop, labelOf(MaskClass.agent, 0), undefined);

    if (!velocitySquares) return;
    const first = round(SQUARE * pixels);
    const second = round(2 * SQUARE * pixels);
    const grey = (value: number): number => wordOf(value * 0x10101);
    const vx = masking ? labelOf(MaskClass.velocity, 0) : grey(shade(agent.vx, MAX_SPEED));
    const vy = masking ? labelOf(MaskClass.velocity, 0) : grey(shade(agent.vy, MAX_LIFT));
    for (let y = 0; y < first; y++) {
      const start = (y + margin) * stride + margin;
      target.fill(vx, start, start + first);
      target.fill(vy, start + first, start + second);
    }
  };

  const expectRoom = (who: string, length: number, offset: number, wanted: number): void => {
    if (!(offset >= 0 && offset + wanted <= length))
      throw new InputError(`${who}: expected room for ${wanted} elements at offset ${offset}, got ${length - offset}`);
  };

  return {
    renderInto(out, offset, scene) {
      expectRoom('renderInto', out.length, offset, pixels * pixels * 3);
      draw(scene, false);
      let to = offset;
      for (let y = 0; y < pixels; y++) {
        let from = (y + margin) * stride + margin;
        for (let x = 0; x < pixels; x++, from++, to += 3) {
          const word = colours[from];
          out[to] = word & 255;
          out[to + 1] = (word >>> 8) & 255;
          out[to + 2] = (word >>> 16) & 255;
        }
      }
    },
    maskInto(classes, ids, offset, scene) {
      expectRoom('maskInto', classes.length, offset, pixels * pixels);
      expectRoom('maskInto', ids.length, offset, pixels * pixels);
      draw(scene, true);
      let to = offset;
      for (let y = 0; y < pixels; y++) {
        let from = (y + margin) * stride + margin;
        for (let x = 0; x < pixels; x++, from++, to++) {
          classes[to] = labels[from] >>> 16;
          ids[to] = labels[from] & 0xffff;
        }
      }
    },
  };
}
