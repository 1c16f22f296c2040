/** Every sprite at any size: whole, in its box, told apart from the others, and the same bytes each time. */
import { createHasher } from '@saccade/core';
import { rasteriseSprite, spriteSheets, variety, type Raster, type SpriteName } from '@saccade/envs';
import { describe, expect, it } from 'vitest';

const names = Object.keys(spriteSheets) as SpriteName[];
const pieces = names.filter((name) => name !== 'background');

interface Sprite {
  readonly name: SpriteName;
  readonly variant: number;
  readonly frame: number;
}

function spritesOf(name: SpriteName): Sprite[] {
  const { variants, frames } = spriteSheets[name];
  return Array.from({ length: variants * frames }, (_, i) => ({
    name,
    variant: Math.floor(i / frames),
    frame: i % frames,
  }));
}

const draw = ({ name, variant, frame }: Sprite, cellPixels: number): Raster =>
  rasteriseSprite(name, variant, frame, cellPixels);
const alphaAt = ({ width, data }: Raster, x: number, y: number): number => data[(y * width + x) * 4 + 3];

/** Mean colour of the opaque pixels inside a box. */
function meanColour(
  { width, height, data }: Raster,
  x0 = 0,
  y0 = 0,
  x1 = width,
  y1 = height,
): [number, number, number] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const i = (y * width + x) * 4;
      if (data[i + 3] < 128) continue;
      for (let c = 0; c < 3; c++) sum[c] += data[i + c];
      count++;
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

describe('the variety', () => {
  it('is at least the one that was promised', () => {
    expect(variety.backgrounds).toBeGreaterThanOrEqual(8);
    expect(variety.grounds).toBeGreaterThanOrEqual(6);
    expect(variety.agents).toBeGreaterThanOrEqual(5);
    expect(variety.enemies).toBeGreaterThanOrEqual(9);
    expect(variety.crates).toBeGreaterThanOrEqual(4);
  });
});

describe('rasteriseSprite', () => {
  it('keeps the bytes of every sprite at 5 and at 24 pixels a cell', () => {
    const hashes = names.map((name) => {
      const hasher = createHasher();
      for (const cellPixels of [5, 24]) {
        if (name === 'background' && cellPixels > 5) continue;
        for (const sprite of spritesOf(name)) hasher.bytes(draw(sprite, cellPixels).data);
      }
      return [name, hasher.digest()];
    });
    expect(Object.fromEntries(hashes)).toMatchInlineSnapshot(`
      {
        "agent": "cd331e8b8524ede7",
        "background": "d1a8ef25570e2435",
        "coin": "56d8bcbad05810a5",
        "crate": "5b4b5959dedec0a3",
        "enemy": "50c0593c833ee6b5",
        "ground": "dff3d941d5215828",
        "lava": "11d7c125118394e1",
        "saw": "2670ff608ceaf9ed",
      }
    `);
  });

  it('fills a box of the size that the sheet tells', () => {
    for (const name of names) {
      for (const cellPixels of [1, 3.3, 5, 17, 40.25]) {
        if (name === 'background' && cellPixels > 5) continue;
        const { width, height, data } = rasteriseSprite(name, 0, 0, cellPixels);
        expect(width).toBe(Math.max(1, Math.round(spriteSheets[name].width * cellPixels)));
        expect(height).toBe(Math.max(1, Math.round(spriteSheets[name].height * cellPixels)));
        expect(data.length).toBe(width * height * 4);
      }
    }
  });

  it('gives the same bytes again', () => {
    for (const name of pieces)
      expect(rasteriseSprite(name, 0, 0, 31).data).toEqual(rasteriseSprite(name, 0, 0, 31).data);
  });

  it('covers the whole of a backdrop and, but for rounded corners, of every tile', () => {
    for (const sprite of spritesOf('background')) {
      const raster = draw(sprite, 3);
      expect(raster.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    }
    for (const sprite of [...spritesOf('ground'), ...spritesOf('lava'), ...spritesOf('crate')]) {
      const raster = draw(sprite, 32);
      const label = `${sprite.name} ${sprite.variant} ${sprite.frame}`;
      const gaps: string[] = [];
      for (let at = 6; at < 26; at++) {
        for (const [x, y] of [
          [at, 0],
          [at, 31],
          [0, at],
          [31, at],
          [at, at],
        ]) {
          if (alphaAt(raster, x, y) !== 255) gaps.push(`${label} at ${x}, ${y}`);
        }
      }
      expect(gaps).toEqual([]);
      expect(draw(sprite, 5).data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    }
  });

  it('clips nothing that moves or is to be taken: it ends within its box', () => {
    for (const name of ['agent', 'enemy', 'coin', 'saw'] as const) {
      for (const sprite of spritesOf(name)) {
        const raster = draw(sprite, 96);
        const { width, height } = raster;
        const label = `${name} ${sprite.variant} ${sprite.frame}`;
        let border = 0;
        for (let x = 0; x < width; x++) border = Math.max(border, alphaAt(raster, x, 0));
        for (let y = 0; y < height; y++)
          border = Math.max(border, alphaAt(raster, 0, y), alphaAt(raster, width - 1, y));
        expect(border, label).toBeLessThan(40);
      }
    }
  });

  it('gives every creature a silhouette of its own, small and large', () => {
    const area = (a: Raster, b: Raster): number => {
      let differing = 0;
      for (let i = 3; i < a.data.length; i += 4) if (a.data[i] >= 128 !== b.data[i] >= 128) differing++;
      return differing;
    };
    for (let one = 0; one < variety.enemies; one++) {
      for (let other = 0; other < one; other++) {
        expect(area(rasteriseSprite('enemy', one, 0, 40), rasteriseSprite('enemy', other, 0, 40))).toBeGreaterThan(60);
        expect(rasteriseSprite('enemy', one, 0, 5).data).not.toEqual(rasteriseSprite('enemy', other, 0, 5).data);
      }
    }
  });

  it('keeps what matters apart in colour from every backdrop and from each other', () => {
    const backdrops = spritesOf('background').map((sprite) => draw(sprite, 2));
    // Where play happens: from the backdrop's foot to ten cells above it.
    const scenery = backdrops.map((raster) => meanColour(raster, 0, 28, 64, 52));
    for (const name of ['agent', 'coin', 'saw', 'lava', 'crate', 'enemy'] as const) {
      for (const sprite of spritesOf(name)) {
        const colour = meanColour(draw(sprite, 5));
        scenery.forEach((behind, i) => {
          expect(distance(colour, behind), `${name} ${sprite.variant} before backdrop ${i}`).toBeGreaterThan(30);
        });
      }
    }
    const faces = (['agent', 'coin', 'saw', 'lava', 'crate', 'enemy', 'ground'] as const).map((name) =>
      meanColour(rasteriseSprite(name, 0, 0, 5)),
    );
    faces.forEach((one, i) => {
      for (const other of faces.slice(0, i)) expect(distance(one, other)).toBeGreaterThan(40);
    });
  });

  it('says what it expected and what came', () => {
    expect(() => rasteriseSprite('dragon' as SpriteName, 0, 0, 5)).toThrow(
      /expected a sprite among background, .*, got dragon/,
    );
    expect(() => rasteriseSprite('enemy', 9, 0, 5)).toThrow(
      'rasteriseSprite: expected a variant of enemy from 0 to 8, got 9',
    );
    expect(() => rasteriseSprite('coin', 0, 1.5, 5)).toThrow(/frame of coin from 0 to 0, got 1.5/);
    expect(() => rasteriseSprite('coin', 0, 0, 0)).toThrow(/positive number of pixels a cell, got 0/);
  });
});
