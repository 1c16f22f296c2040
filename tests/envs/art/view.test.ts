/** The draw list and the large view that is drawn from it. */
import { MaskClass, drawList, rasteriseSprite, renderView, variety, type Scene, type Window } from '@saccade/envs';
import { describe, expect, it } from 'vitest';
import { chanceScene, drawnScene } from './scenes.ts';

const around = (scene: Scene, width = 12.8): Window => ({
  centreX: scene.agent.x,
  centreY: scene.agent.y,
  width,
  height: width,
});
const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('drawList', () => {
  it('goes from the backdrop over tiles, things and creatures to the agent', () => {
    const layer: Record<number, number> = {
      [MaskClass.background]: 0,
      [MaskClass.ground]: 1,
      [MaskClass.lava]: 1,
      [MaskClass.crate]: 2,
      [MaskClass.coin]: 2,
      [MaskClass.saw]: 2,
      [MaskClass.enemy]: 3,
      [MaskClass.agent]: 4,
    };
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const layers = drawList(scene, around(scene)).map((item) => layer[item.class]);
      expect(layers).toEqual([...layers].sort((a, b) => a - b));
      expect(layers.filter((at) => at === 4).length).toBe(1);
    }
  });

  it('holds every visible object in the window once, at its place, and no hidden one', () => {
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const items = drawList(scene, around(scene, 40));
      for (const object of scene.objects) {
        const own = items.filter((item) => item.id === object.id);
        expect(own.length).toBe(object.visible ? 1 : 0);
        if (own.length === 0) continue;
        expect([own[0].x + 0.5, own[0].y + 0.5]).toEqual([expect.closeTo(object.x, 9), expect.closeTo(object.y, 9)]);
        expect(own[0]).toMatchObject({ sprite: object.kind, tint: object.tint, class: MaskClass[object.kind] });
        expect(own[0].flip).toBe(object.kind === 'enemy' && object.vx < 0);
      }
    }
  });

  it('swaps walking frames every five steps and the blade every step', () => {
    const frameOf = (sprite: string, step: number): number | undefined => {
      const scene = drawnScene({ step, agent: { vx: 0.4 } });
      return drawList(scene, around(scene, 48)).find((item) => item.sprite === sprite)?.frame;
    };
    const frames = (sprite: string): (number | undefined)[] =>
      Array.from({ length: 12 }, (_, step) => frameOf(sprite, step));
    expect(frames('agent')).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1]);
    expect(frames('enemy')).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0]);
    expect(frames('saw')).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    expect(frames('coin')).toEqual(Array(12).fill(0));
  });

  it('stands the agent still, or puts it into the air', () => {
    const frameOf = (agent: Partial<Scene['agent']>): number | undefined => {
      const scene = drawnScene({ agent });
      return drawList(scene, around(scene)).at(-1)?.frame;
    };
    expect(frameOf({ vx: 0, supported: true })).toBe(0);
    expect(frameOf({ vx: 0.5, supported: false })).toBe(3);
  });
});

describe('renderView', () => {
  it('paints every pixel, whatever the size and the window', () => {
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const width = 33 + seed;
      const height = 120 - seed;
      const rgba = renderView(scene, {
        width,
        height,
        centreX: seed / 2,
        centreY: seed / 3,
        cellsAcross: 2 + seed / 2,
      });
      expect(rgba.length).toBe(width * height * 4);
      expect(rgba.some((value, i) => i % 4 === 3 && value !== 255)).toBe(false);
    }
  });

  it('gives the same bytes again, after other views too', () => {
    const scene = drawnScene();
    const options = { width: 160, height: 120, centreX: 8, centreY: 4, cellsAcross: 9.7 };
    const first = renderView(scene, options);
    for (const seed of seeds) renderView(chanceScene(seed, variety), { ...options, cellsAcross: 4 + seed });
    expect(renderView(scene, options)).toEqual(first);
  });

  it('moves the world by whole pixels with the camera', () => {
    const scene = drawnScene({ theme: { backgrounds: false } });
    const size = 128;
    const at = (centreX: number): Uint8ClampedArray =>
      renderView(scene, { width: size, height: size, centreX, centreY: 5, cellsAcross: 8 });
    const here = at(10);
    const there = at(10 + 3 / 16);
    for (let y = 0; y < size; y++) {
      const row = (pixels: Uint8ClampedArray, from: number): Uint8ClampedArray =>
        pixels.subarray((y * size + from) * 4, (y * size + from + size - 3) * 4);
      expect(row(there, 0)).toEqual(row(here, 3));
    }
  });

  it('draws a thing with the very pixels of its sprite', () => {
    const scene = drawnScene({ theme: { backgrounds: false } });
    const crate = scene.objects.find(({ kind }) => kind === 'crate');
    expect(crate).toBeDefined();
    if (crate === undefined) return;
    const rgba = renderView(scene, { width: 20, height: 20, centreX: crate.x, centreY: crate.y, cellsAcross: 1 });
    const sprite = rasteriseSprite('crate', 0, 0, 20);
    for (let i = 0; i < rgba.length; i += 4) {
      if (sprite.data[i + 3] === 255) expect(rgba.subarray(i, i + 3)).toEqual(sprite.data.subarray(i, i + 3));
    }
  });

  it('multiplies a tint into the colours of an object', () => {
    const [plain, tinted] = [undefined, 0x00ff80].map((tint) => {
      const scene = drawnScene({ objects: (all) => all.map((object) => ({ ...object, tint })) });
      const coin = scene.objects.find(({ kind }) => kind === 'coin');
      return renderView(scene, {
        width: 1,
        height: 1,
        centreX: coin?.x ?? 0,
        centreY: coin?.y ?? 0,
        cellsAcross: 0.02 + 0.01,
      });
    });
    expect(tinted[0]).toBe(0);
    expect(tinted[1]).toBe(plain[1]);
    expect(tinted[2]).toBe(Math.floor((plain[2] * 128 + 127) / 255));
  });

  it('refuses sizes and windows that make no picture', () => {
    const scene = drawnScene();
    const options = { width: 64, height: 64, centreX: 5, centreY: 5, cellsAcross: 12.8 };
    expect(() => renderView(scene, { ...options, width: 0 })).toThrow(
      'renderView: expected a size from 1 to 8192 pixels, got 0 x 64',
    );
    expect(() => renderView(scene, { ...options, cellsAcross: 65 })).toThrow(
      /expected cellsAcross above 0 and at most the width 64, got 65/,
    );
    expect(() => renderView(scene, { ...options, centreX: Number.NaN })).toThrow(/expected a finite centre/);
  });
});
