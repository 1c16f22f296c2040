/**
 * Sprites prepared for observations of one size: plain words ready to be copied, tiles of one kind in one block, and
 * backdrops in the same memory as the canvas, because a copy within one array is the fastest that JavaScript has.
 * Everything is made when it is first needed and shared by all renderers of that size, which take turns.
 */
import type { ObjectKind } from '../scene.ts';
import { prepareBackdrop, prepareSprite, type Bitmap } from './atlas.ts';

/** Colours of one sprite: 0xBBGGRR words, [height, width], -1 where nothing is. */
export interface Stamp {
  readonly width: number;
  readonly height: number;
  readonly words: Int32Array;
}

/** All frames of one kind of tile in one size. */
export interface TileSet {
  readonly width: number;
  readonly height: number;
  /** Frame f is at f x width x height. */
  readonly words: Int32Array;
  /** By frame: 0 not made yet, 1 opaque, 2 with gaps. */
  readonly state: Uint8Array;
  readonly ground: boolean;
  readonly variant: number;
  readonly flat: boolean;
}

export interface BackdropPlace {
  /** Index of its first word in the memory. */
  readonly start: number;
  /** Words a row: its width and one canvas more, so that no row wraps while it is copied. */
  readonly pitch: number;
}

/** Frames of one kind of tile. */
const TILE_FRAMES = 64;
/** Frames of one figure at most. */
const FIGURE_FRAMES = 4;

/** Rounds every alpha to nothing or all, so that each pixel belongs to exactly one thing: what makes masks exact. */
function wordsOf({ words }: Bitmap): Int32Array {
  return Int32Array.from(words, (word) => (word >>> 24 < 128 ? -1 : word & 0xffffff));
}

export class Stamps {
  /** The canvas, stride x stride words, and after it the backdrops. Replaced when it grows: read it anew each frame. */
  memory: Int32Array;
  private readonly tileSets: (TileSet | undefined)[] = [];
  private readonly figures: Readonly<Record<ObjectKind | 'agent', (Stamp | undefined)[]>> = {
    coin: [],
    saw: [],
    enemy: [],
    crate: [],
    agent: [],
  };
  private readonly backdrops: (BackdropPlace | undefined)[] = [];

  constructor(
    private readonly stride: number,
    private readonly smallTile: number,
    private readonly backdropSize: number,
  ) {
    this.memory = new Int32Array(stride * stride);
  }

  /** Tiles of a look, `width` and `height` being the smaller or the larger of the two sizes that occur. */
  tiles(ground: boolean, variant: number, width: number, height: number, flat: boolean): TileSet {
    const look = (ground ? variant + 1 : 0) * 2 + (flat ? 1 : 0);
    const slot = (look * 2 + (width - this.smallTile)) * 2 + (height - this.smallTile);
    return (this.tileSets[slot] ??= {
      width,
      height,
      words: new Int32Array(TILE_FRAMES * width * height),
      state: new Uint8Array(TILE_FRAMES),
      ground,
      variant: ground ? variant : 0,
      flat,
    });
  }

  /** Draws a frame of the set that has not been needed so far. */
  makeTile(set: TileSet, frame: number): void {
    const { width, height, variant, flat } = set;
    const name = set.ground ? 'ground' : 'lava';
    const words = wordsOf(prepareSprite(name, variant, frame, width, height, false, flat));
    set.words.set(words, frame * width * height);
    set.state[frame] = words.includes(-1) ? 2 : 1;
  }

  /** An object or the agent in a box of `width` x `height` pixels, which must be the same each time. */
  figure(
    kind: ObjectKind | 'agent',
    variant: number,
    frame: number,
    width: number,
    height: number,
    flip: boolean,
    flat: boolean,
  ): Stamp {
    const slot = ((variant * FIGURE_FRAMES + frame) * 2 + (flip ? 1 : 0)) * 2 + (flat ? 1 : 0);
    const known = this.figures[kind][slot];
    if (known !== undefined) return known;
    const bitmap = prepareSprite(kind, variant, frame, width, height, flip, flat);
    // In a single pixel even a slender figure shows.
    const words = width * height === 1 ? Int32Array.of(bitmap.words[0] & 0xffffff) : wordsOf(bitmap);
    return (this.figures[kind][slot] = { width, height, words });
  }

  backdrop(variant: number): BackdropPlace {
    const known = this.backdrops[variant];
    if (known !== undefined) return known;
    const size = this.backdropSize;
    const pitch = size + this.stride;
    const start = this.memory.length;
    const { words } = prepareBackdrop(variant, size);
    const grown = new Int32Array(start + pitch * size);
    grown.set(this.memory);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < pitch; x++) grown[start + y * pitch + x] = words[y * size + (x % size)] & 0xffffff;
    }
    this.memory = grown;
    return (this.backdrops[variant] = { start, pitch });
  }
}
