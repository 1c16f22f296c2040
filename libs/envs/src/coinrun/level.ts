/**
 * A level as it is before anyone plays it: cells, barriers, objects, where the agent starts. Looks are not part of it,
 * so that two levels with one layout are equal whatever they wear.
 */
import { createHasher } from '@saccade/core';
import { SPAWN_X, SPAWN_Y } from './constants.ts';
import type { ObjectKind } from './scene.ts';

export interface LevelObject {
  readonly id: number;
  readonly kind: ObjectKind;
  /** Centre, cells. */
  x: number;
  y: number;
  /** The way in which an enemy sets out; undefined leaves it to the dynamics stream. */
  readonly heading?: -1 | 1;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A stretch of a generated level: solid ground, or a pit between two banks. */
export interface Section {
  /** First column and how many. */
  readonly x: number;
  readonly width: number;
  /** The row on which one walks. */
  readonly y: number;
  readonly pit: boolean;
}

export interface Level {
  /** Cells. */
  readonly width: number;
  readonly height: number;
  /** `Cell` codes, [height, width], row 0 at the bottom. */
  readonly cells: Uint8Array;
  /** 1 where enemies turn round, invisible; [height, width]. */
  readonly barriers: Uint8Array;
  readonly objects: LevelObject[];
  /** Where the agent starts, its centre. */
  spawn: Point;
  /** The invisible end marker's centre, in levels whose coin lies elsewhere. */
  marker: Point | null;
  /** How it was built, from left to right; empty where nobody generated it. */
  readonly sections: Section[];
}

export function createEmptyLevel(width: number, height: number): Level {
  return {
    width,
    height,
    cells: new Uint8Array(width * height),
    barriers: new Uint8Array(width * height),
    objects: [],
    spawn: { x: SPAWN_X, y: SPAWN_Y },
    marker: null,
    sections: [],
  };
}

/**
 * Hash of the layout: cells, barriers, kind and place of every object (in any order of ids), start and marker. Two
 * levels with one hash play the same, up to the directions in which enemies set out.
 */
export function layoutHash(level: Level): string {
  const hasher = createHasher().integer(level.width).integer(level.height).bytes(level.cells).bytes(level.barriers);
  const kinds: readonly ObjectKind[] = ['coin', 'saw', 'enemy', 'crate'];
  const sorted = [...level.objects].sort(
    (a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.x - b.x || a.y - b.y,
  );
  for (const { kind, x, y } of sorted) hasher.integer(kinds.indexOf(kind)).float(x).float(y);
  hasher.float(level.spawn.x).float(level.spawn.y);
  if (level.marker !== null) hasher.float(level.marker.x).float(level.marker.y);
  return hasher.digest();
}
