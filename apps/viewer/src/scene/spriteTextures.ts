/**
 * Textures of the art at one size, rasterised when first needed. Small sprites are few enough to be kept until the size
 * changes; of the backdrops, megabytes each, those that were drawn last.
 */
import type { Raster, SpriteName } from '@saccade/envs';
import { flatColour, rasteriseSprite, spriteSheets } from '@saccade/envs';
import { BufferImageSource, Texture } from 'pixi.js';
import { createSpriteAtlas } from './spriteAtlas.ts';

/** A backdrop is soft scenery: beyond this many pixels along its side it is stretched instead. */
const LARGEST_BACKDROP = 1280;
/** Of all backdrops that are kept. */
const BACKDROP_BYTES = 16 * 2 ** 20;

export interface SpriteTextures {
  /** Device pixels a cell. */
  readonly cellPixels: number;
  /** @param flat in the one colour of its class, as monochrome themes show it */
  get(sprite: SpriteName, variant: number, frame: number, flat?: boolean): Texture;
  /** To be called before drawing what `get` returned. */
  flush(): void;
  destroy(): void;
}

/** Multiplies colour by alpha: what the GPU blends without dark edges. Straight alpha in, a fresh array out. */
export function premultiplied(data: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array(data);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3];
    if (alpha === 255) continue;
    for (let c = 0; c < 3; c++) out[i + c] = Math.round((data[i + c] * alpha) / 255);
  }
  return out;
}

/** Keeps the shape, takes the colours away. @param colour 0xRRGGBB */
function flatten(data: Uint8ClampedArray, colour: number): void {
  for (let i = 0; i < data.length; i += 4) data.set([colour >> 16, (colour >> 8) & 255, colour & 255], i);
}

/** @param stretched it is drawn larger than it is */
function backdropOf({ width, height, data }: Raster, stretched: boolean): Texture {
  const source = new BufferImageSource({
    resource: premultiplied(data),
    width,
    height,
    alphaMode: 'premultiplied-alpha',
    scaleMode: stretched ? 'linear' : 'nearest',
    addressMode: 'repeat',
  });
  return new Texture({ source });
}

/** Pixels of the largest small sprite, and how many there are: one texture takes all of them. */
function roomFor(cellPixels: number): readonly [width: number, height: number, count: number] {
  const { background: _, ...small } = spriteSheets;
  const sheets = Object.values(small);
  const most = (of: 'width' | 'height'): number =>
    Math.ceil(cellPixels * Math.max(...sheets.map((sheet) => sheet[of])));
  return [most('width'), most('height'), sheets.reduce((sum, { variants, frames }) => sum + variants * frames, 0)];
}

export function createSpriteTextures(cellPixels: number): SpriteTextures {
  const atlas = createSpriteAtlas(...roomFor(cellPixels));
  const textures = new Map<string, Texture>();
  /** The one that was drawn last comes last. */
  const backdrops = new Map<number, Texture>();
  let bytes = 0;

  function backdrop(variant: number): Texture {
    let texture = backdrops.get(variant);
    if (!texture) {
      const most = LARGEST_BACKDROP / spriteSheets.background.width;
      const raster = rasteriseSprite('background', variant, 0, Math.min(cellPixels, most));
      texture = backdropOf(raster, cellPixels > most);
      bytes += raster.data.length;
    }
    backdrops.delete(variant);
    backdrops.set(variant, texture);
    for (const [oldest, gone] of backdrops) {
      if (bytes <= BACKDROP_BYTES || backdrops.size === 1) break;
      backdrops.delete(oldest);
      bytes -= gone.width * gone.height * 4;
      gone.destroy(true);
    }
    return texture;
  }

  return {
    cellPixels,
    get(sprite, variant, frame, flat = false) {
      if (sprite === 'background') return backdrop(variant);
      const key = `${sprite}/${variant}/${frame}/${flat}`;
      const known = textures.get(key);
      if (known) return known;
      const { width, height, data } = rasteriseSprite(sprite, flat ? 0 : variant, frame, cellPixels);
      if (flat) flatten(data, flatColour(sprite));
      const texture = atlas.add({ width, height, data: premultiplied(data) });
      textures.set(key, texture);
      return texture;
    },
    flush: () => atlas.flush(),
    destroy() {
      for (const texture of backdrops.values()) texture.destroy(true);
      backdrops.clear();
      textures.clear();
      atlas.destroy();
    },
  };
}
