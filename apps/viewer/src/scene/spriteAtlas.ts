/**
 * Many small pictures on few textures: a batch of sprites then needs one texture, and a shader that looks up one. The
 * shader that chooses between sixteen costs a renderer in software sixteen look-ups a pixel.
 */
import { BufferImageSource, Rectangle, Texture } from 'pixi.js';

/** Pixels, RGBA bytes, premultiplied, [height, width, 4], row 0 at the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Transparent pixels between pictures: what is drawn next to one never shows its neighbour. */
const GUTTER = 1;

export interface SpriteAtlas {
  add(picture: Picture): Texture;
  /** Hands what was added to the GPU; to be called before drawing. */
  flush(): void;
  destroy(): void;
}

/** @param width of the widest picture, pixels @param height of the tallest @param count of pictures on one texture */
export function createSpriteAtlas(width: number, height: number, count: number): SpriteAtlas {
  const slots = Math.ceil(Math.sqrt(count));
  const stepX = width + GUTTER;
  const stepY = height + GUTTER;
  const sources: BufferImageSource[] = [];
  const textures: Texture[] = [];
  const changed = new Set<BufferImageSource>();

  function pageFor(slot: number): BufferImageSource {
    const page = Math.floor(slot / (slots * slots));
    sources[page] ??= new BufferImageSource({
      resource: new Uint8Array(slots * stepX * slots * stepY * 4),
      width: slots * stepX,
      height: slots * stepY,
      alphaMode: 'premultiplied-alpha',
      scaleMode: 'nearest',
    });
    return sources[page];
  }

  return {
    add(picture) {
      const slot = textures.length;
      const source = pageFor(slot);
      const on = slot % (slots * slots);
      const left = (on % slots) * stepX;
      const top = Math.floor(on / slots) * stepY;
      const pixels = source.resource as Uint8Array;
      for (let y = 0; y < picture.height; y++) {
        const row = picture.data.subarray(y * picture.width * 4, (y + 1) * picture.width * 4);
        pixels.set(row, ((top + y) * source.width + left) * 4);
      }
      changed.add(source);
      const texture = new Texture({ source, frame: new Rectangle(left, top, picture.width, picture.height) });
      textures.push(texture);
      return texture;
    },
    flush() {
      for (const source of changed) source.update();
      changed.clear();
    },
    destroy() {
      for (const texture of textures) texture.destroy(false);
      for (const source of sources) source.destroy();
    },
  };
}
