/** The observation: golden pixels of the default look, masks that cannot drift, and agreement with the large view. */
import { hashBytes } from '@saccade/core';
import type { ObservationOptions, Scene } from '@saccade/envs';
import { describe, expect, it } from 'vitest';
import { MaskClass, createObservationRenderer, renderView, variety } from '@saccade/envs';
import { chanceScene, drawnScene } from './scenes.ts';

const article: ObservationOptions = { pixels: 64, cells: 12.8, velocitySquares: true };
const procgen: ObservationOptions = { pixels: 64, cells: 13, velocitySquares: false };

function observe(scene: Scene, options = article): Uint8Array {
  const out = new Uint8Array(options.pixels * options.pixels * 3);
  createObservationRenderer(options).renderInto(out, 0, scene);
  return out;
}

function maskOf(scene: Scene, options = article): { classes: Uint8Array; ids: Uint16Array } {
  const classes = new Uint8Array(options.pixels * options.pixels);
  const ids = new Uint16Array(options.pixels * options.pixels);
  createObservationRenderer(options).maskInto(classes, ids, 0, scene);
  return { classes, ids };
}

/** Indices of the pixels that differ. */
function changedPixels(a: Uint8Array, b: Uint8Array): number[] {
  const changed: number[] = [];
  for (let p = 0; p < a.length / 3; p++) {
    if (a[3 * p] !== b[3 * p] || a[3 * p + 1] !== b[3 * p + 1] || a[3 * p + 2] !== b[3 * p + 2]) changed.push(p);
  }
  return changed;
}

const seeds = Array.from({ length: 150 }, (_, seed) => seed);

describe('the default look, which policies were trained on', () => {
  const moments: Record<string, Scene> = {
    standing: drawnScene(),
    'walking left': drawnScene({ x: 9.4, step: 7, agent: { vx: -0.5, facing: -1 } }),
    'in the air over lava': drawnScene({ x: 12.3, y: 4.6, step: 3, agent: { vx: 0.47, vy: -0.7, supported: false } }),
    'at the coin': drawnScene({ x: 18.2, y: 4.9, step: 12, agent: { vx: 0.5, vy: 1.5, supported: false } }),
    'at the corner of the level': drawnScene({ x: 0.5, y: 1 }),
  };
  it('keeps its pixels, byte for byte', () => {
    const hashes = Object.entries(moments).map(([name, scene]) => [
      name,
      hashBytes(observe(scene)),
      hashBytes(observe(scene, procgen)),
    ]);
    expect(hashes).toMatchInlineSnapshot(`
      [
        [
          "standing",
          "e0c0bb70cc4ef123",
          "004ccfea7e2bc38b",
        ],
        [
          "walking left",
          "cfe3e5ad38099a36",
          "c526fdb08a47e5c8",
        ],
        [
          "in the air over lava",
          "d26da9582e46c3f8",
          "f24e967e7363a05f",
        ],
        [
          "at the coin",
          "84bd18dbaa8cc63d",
          "dda375b325e2c659",
        ],
        [
          "at the corner of the level",
          "ffde03c8428093ef",
          "0952ceb9401b91eb",
        ],
      ]
    `);
  });
});

describe('renderInto', () => {
  it('gives the same bytes from a renderer that has drawn other scenes before', () => {
    const used = createObservationRenderer(article);
    const out = new Uint8Array(64 * 64 * 3);
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      used.renderInto(out, 0, scene);
      expect(hashBytes(out)).toBe(hashBytes(observe(scene)));
    }
  });

  it('writes only its own bytes, at any offset, aligned or not', () => {
    const scene = drawnScene({ x: 8.2 });
    const expected = observe(scene);
    for (const offset of [0, 1, 2, 3, 4, 12_288]) {
      const out = new Uint8Array(offset + 64 * 64 * 3 + 5).fill(77);
      createObservationRenderer(article).renderInto(out, offset, scene);
      expect(out.subarray(offset, offset + expected.length)).toEqual(expected);
      expect([...out.subarray(0, offset), ...out.subarray(offset + expected.length)].every((v) => v === 77)).toBe(true);
    }
  });

  it('refuses a buffer without room and options that make no picture', () => {
    const renderer = createObservationRenderer(article);
    expect(() => renderer.renderInto(new Uint8Array(64 * 64 * 3), 1, drawnScene())).toThrow(
      /renderInto: expected room for 12288/,
    );
    expect(() => renderer.maskInto(new Uint8Array(4096), new Uint16Array(4095), 0, drawnScene())).toThrow(
      /maskInto: expected room/,
    );
    expect(() => createObservationRenderer({ ...article, pixels: 2.5 })).toThrow(/expected pixels/);
    expect(() => createObservationRenderer({ ...article, cells: Number.NaN })).toThrow(/expected cells/);
  });

  it.each([
    ['the article preset', article],
    ['the procgen preset', procgen],
  ])('shows what the large view shows at that scale: %s', (_, preset) => {
    const options = { ...preset, velocitySquares: false };
    const scale = options.pixels / options.cells;
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const { agent } = scene;
      // The camera of the observation, said independently: the agent's 5 x 6 pixel box starts at pixel (29, 29).
      const left = Math.floor((agent.x - 0.5) * scale + 0.5) - 29;
      const top = Math.floor((agent.y - 0.5787) * scale + 0.5) + 6 + 29;
      const rgba = renderView(scene, {
        width: 64,
        height: 64,
        centreX: (left + 32) / scale,
        centreY: (top - 32) / scale,
        cellsAcross: options.cells,
      });
      const rgb = rgba.filter((_, i) => i % 4 !== 3);
      expect(changedPixels(observe(scene, options), new Uint8Array(rgb)), `scene ${seed}`).toEqual([]);
    }
  });

  it('paints the velocity as floor(255 (.5 v / max + .5)), 127 at rest and 255 at a launch', () => {
    const shades = (agent: Partial<Scene['agent']>): number[] => {
      const out = observe(drawnScene({ agent }));
      return [out[0], out[3 * 13]];
    };
    expect(shades({})).toEqual([127, 127]);
    expect(shades({ vx: 0.5, vy: 1.5 })).toEqual([255, 255]);
    expect(shades({ vx: -0.5, vy: -1.5 })).toEqual([0, 0]);
    expect(shades({ vx: 0.1, vy: 0.3 })).toEqual([153, 153]);
  });

  it('draws hidden lava as empty cells', () => {
    const hidden = drawnScene({ x: 12, y: 4, lavaHidden: true });
    const empty = { ...hidden, cells: hidden.cells.map((code) => (code === 2 ? 0 : code)) };
    expect(observe(hidden)).toEqual(observe(empty));
    expect(maskOf(hidden).classes.includes(MaskClass.lava)).toBe(false);
  });
});

describe('maskInto', () => {
  it('names every pixel that an object owns: hiding it changes all of its mask and nothing else', () => {
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const before = observe(scene);
      const { classes, ids } = maskOf(scene);
      for (const object of scene.objects) {
        const without = { ...scene, objects: scene.objects.filter((other) => other !== object) };
        const otherwise = classes.filter((code, p) => ids[p] === object.id && code !== MaskClass[object.kind]);
        expect(otherwise.length).toBe(0);
        const beside = changedPixels(before, observe(without)).filter((p) => ids[p] !== object.id);
        expect(beside, `scene ${seed}`).toEqual([]);
        expect(maskOf(without).ids.includes(object.id)).toBe(false);
      }
    }
  });

  it('keeps each class of pixels within its own colours of the flat mode', () => {
    const colours = new Map<number, Set<number>>();
    for (const seed of seeds) {
      const chance = chanceScene(seed, variety);
      const objects = chance.objects.map((object) => ({ ...object, tint: undefined }));
      const scene = {
        ...chance,
        objects,
        theme: { ...chance.theme, background: 0, ground: 0, monochrome: true, backgrounds: false },
      };
      const pixels = observe(scene, procgen);
      const { classes } = maskOf(scene, procgen);
      classes.forEach((code, p) => {
        const set = colours.get(code) ?? new Set();
        colours.set(code, set.add((pixels[3 * p] << 16) | (pixels[3 * p + 1] << 8) | pixels[3 * p + 2]));
      });
    }
    expect([...colours.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const seen = [...colours.values()].flatMap((set) => [...set]);
    expect(seen.length).toBe(8);
    expect(new Set(seen).size).toBe(8);
  });

  it('marks the velocity squares and the agent at the same pixels always', () => {
    for (const seed of seeds) {
      const { classes, ids } = maskOf(chanceScene(seed, variety));
      const at = (code: number): number[] => [...classes.keys()].filter((p) => classes[p] === code);
      expect(at(MaskClass.velocity).length).toBe(13 * 26);
      const agent = at(MaskClass.agent);
      expect(agent.length).toBeGreaterThan(15);
      for (const p of agent) {
        expect(ids[p]).toBe(0);
        expect(Math.floor(p / 64)).toBeGreaterThanOrEqual(29);
        expect(Math.floor(p / 64)).toBeLessThan(35);
        expect(p % 64).toBeGreaterThanOrEqual(29);
        expect(p % 64).toBeLessThan(34);
      }
    }
  });
});

describe('larger observations', () => {
  it.each([84, 96, 128])('are drawn at %i pixels with masks that stay exact', (pixels) => {
    const options = { pixels, cells: 12.8, velocitySquares: true };
    for (const seed of seeds.slice(0, 12)) {
      const scene = chanceScene(seed, variety);
      const before = observe(scene, options);
      const { ids } = maskOf(scene, options);
      for (const object of scene.objects.slice(0, 5)) {
        const without = { ...scene, objects: scene.objects.filter((other) => other !== object) };
        for (const p of changedPixels(before, observe(without, options))) expect(ids[p]).toBe(object.id);
      }
    }
  });
});
