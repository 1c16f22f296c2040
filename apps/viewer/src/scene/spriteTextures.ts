/** Textures of the art at one size, rasterised when first needed and kept until the size changes. */
import type { Raster, SpriteName } from '@saccade/envs';
import { flatColour, rasteriseSprite, spriteSheets } from '@saccade/envs';
import { BufferImageSource, Texture } from 'pixi.js';

/** A backdrop is soft scenery: beyond this many pixels along its side it is stretched instead. */
const LARGEST_BACKDROP = 1280;

export interface SpriteTextures {
  /** Device pixels a cell. */
  readonly cellPixels: number;
  /** @param flat in the one colour of its class, as monochrome themes show it */
  get(sprite: SpriteName, variant: number, frame: number, flat?: boolean): Texture;
  destroy(): void;
}

/** Multiplies colour by alpha: what the GPU blends without dark edges. Straight alpha in, a fresh array out. */
export function premultiplied(data: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3];
    for (let c = 0; c < 3; c++) out[i + c] = Math.round((data[i + c] * alpha) / 255);
    out[i + 3] = alpha;
  }
  return out;
}

/** Keeps the shape, takes the colours away. @param colour 0xRRGGBB */
function flatten(data: Uint8ClampedArray, colour: number): void {
  for (let i = 0; i < data.length; i += 4) data.set([colour >> 16, (colour >> 8) & 255, colour & 255], i);
}

function textureOf({ width, height, data }: Raster, smooth: boolean): Texture {
  const source = new BufferImageSource({
    resource: premultiplied(data),
    width,
    height,
    alphaMode: 'premultiplied-alpha',
    scaleMode: smooth ? 'linear' : 'nearest',
    addressMode: 'repeat',
  });
  return new Texture({ source });
}

export function createSpriteTextures(cellPixels: number): SpriteTextures {
  const textures = new Map<string, Texture>();
  return {
    cellPixels,
    get(sprite, variant, frame, flat = false) {
      const key = `${sprite}/${variant}/${frame}/${flat}`;
      let texture = textures.get(key);
      if (!texture) {
        const most = sprite === 'background' ? LARGEST_BACKDROP / spriteSheets.background.width : cellPixels;
        const raster = rasteriseSprite(sprite, flat ? 0 : variant, frame, Math.min(cellPixels, most));
        if (flat && sprite !== 'background') flatten(raster.data, flatColour(sprite));
        texture = textureOf(raster, sprite === 'background');
        textures.set(key, texture);
      }
      return texture;
    },
    destroy() {
      for (const texture of textures.values()) texture.destroy(true);
      textures.clear();
    },
  };
}
