/**
 * From a scene to its two parts on the wire and back. Apart from the schemas, so that what only reads a scene carries
 * no validator.
 */
import { InputError } from '@saccade/core';
import type { Layout, Moving } from './scene.ts';

const objectKinds = ['coin', 'saw', 'enemy', 'crate'] as const;

/** Columns of `objects`: id, kind, x, y, vx, variant, visible (0 or 1), tint (-1 for none). */
export const objectColumns = 8;

/** `Scene` of @saccade/envs, by structure. */
export interface WireScene {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  readonly objects: readonly {
    readonly id: number;
    readonly kind: (typeof objectKinds)[number];
    x: number;
    y: number;
    vx: number;
    readonly variant: number;
    visible: boolean;
    tint?: number;
  }[];
  readonly agent: { x: number; y: number; vx: number; vy: number; supported: boolean; facing: -1 | 1 };
  readonly theme: {
    readonly background: number;
    readonly ground: number;
    readonly agent: number;
    readonly monochrome: boolean;
    readonly backgrounds: boolean;
  };
  readonly lavaHidden?: boolean;
  step: number;
}

/** Copies: the scene may move on afterwards. */
export function encodeLayout(scene: WireScene, layout: number, levelSeed: number): Layout {
  const { width, height, cells, theme } = scene;
  const { background, ground, agent, monochrome, backgrounds } = theme;
  return {
    layout,
    levelSeed,
    width,
    height,
    cells: cells.slice(),
    theme: { background, ground, agent, monochrome, backgrounds },
    lavaHidden: scene.lavaHidden ?? false,
  };
}

/** Copies: the scene may move on afterwards. */
export function encodeMoving(scene: WireScene, layout: number): Moving {
  const objects = new Float64Array(scene.objects.length * objectColumns);
  scene.objects.forEach(({ id, kind, x, y, vx, variant, visible, tint }, i) => {
    objects.set([id, objectKinds.indexOf(kind), x, y, vx, variant, visible ? 1 : 0, tint ?? -1], i * objectColumns);
  });
  const { x, y, vx, vy, supported, facing } = scene.agent;
  return { layout, step: scene.step, agent: { x, y, vx, vy, supported, facing }, objects };
}

/** @throws InputError when the parts belong to different layouts, or an object is of no known kind */
export function decodeScene(layout: Layout, moving: Moving): WireScene {
  if (layout.layout !== moving.layout) {
    throw new InputError(`decodeScene: expected what moves in layout ${layout.layout}, got ${moving.layout}`);
  }
  const objects: WireScene['objects'][number][] = [];
  for (let at = 0; at < moving.objects.length; at += objectColumns) {
    const [id, code, x, y, vx, variant, visible, tint] = moving.objects.subarray(at, at + objectColumns);
    const kind = objectKinds[code];
    if (!kind) throw new InputError(`decodeScene: expected an object kind below ${objectKinds.length}, got ${code}`);
    objects.push({ id, kind, x, y, vx, variant, visible: visible !== 0, ...(tint >= 0 ? { tint } : {}) });
  }
  const { width, height, cells, theme, lavaHidden } = layout;
  return { width, height, cells, theme, lavaHidden, objects, agent: { ...moving.agent }, step: moving.step };
}
