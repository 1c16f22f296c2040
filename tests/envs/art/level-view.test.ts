/** The whole level as an observation: where things are, masks that stay exact, agreement with the large view. */
import { describe, expect, it } from 'vitest';
import { createCoinRun, createEmptyLevel, createObservationRenderer, MaskClass } from '@saccade/envs';
import { renderView, stateOfLevel, variety } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import { playText } from '../support.ts';
import { chanceScene } from './scenes.ts';

const PIXELS = 64 * 64;

function look(scene: Scene, velocitySquares = false): { rgb: Uint8Array; classes: Uint8Array; ids: Uint16Array } {
  const cells = Math.max(scene.width, scene.height);
  const renderer = createObservationRenderer({ pixels: 64, cells, velocitySquares, centre: 'level' });
  const [rgb, classes, ids] = [new Uint8Array(PIXELS * 3), new Uint8Array(PIXELS), new Uint16Array(PIXELS)];
  renderer.renderInto(rgb, 0, scene);
  renderer.maskInto(classes, ids, 0, scene);
  return { rgb, classes, ids };
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('a whole level as an observation', () => {
  it('shows a generated level at one pixel a cell, every object on its own cell', () => {
    const environment = createCoinRun({ difficulty: 'hard', view: 'level', velocitySquares: false });
    const [classes, ids] = [new Uint8Array(PIXELS), new Uint16Array(PIXELS)];
    for (const seed of seeds) {
      environment.begin(seed);
      environment.masksInto(classes, ids, 0);
      const { cells, objects, agent } = environment.scene;
      const at = (x: number, y: number): number => (63 - Math.floor(y)) * 64 + Math.floor(x);
      for (const { x, y } of objects) {
        // Several things in one cell: enemies are drawn last.
        const here = objects.filter((other) => at(other.x, other.y) === at(x, y));
        const shown = here.filter(({ kind }) => kind === 'enemy').at(-1) ?? here[here.length - 1];
        expect([classes[at(x, y)], ids[at(x, y)]]).toEqual([MaskClass[shown.kind], shown.id]);
      }
      expect(classes[at(agent.x, agent.y)]).toBe(MaskClass.agent);
      expect(classes.filter((code) => code === MaskClass.agent).length).toBe(1);
      const wrong = classes.filter((code, pixel) => {
        const cell = cells[(63 - (pixel >> 6)) * 64 + (pixel & 63)];
        return ids[pixel] === 0 && code !== MaskClass.agent && code !== cell;
      });
      expect(wrong.length).toBe(0);
    }
  });

  it('has masks that name all that an object changes, in levels of any shape', () => {
    for (const seed of seeds) {
      const scene = chanceScene(seed, variety);
      const { rgb, ids } = look(scene);
      for (const object of scene.objects.slice(0, 4)) {
        const gone = look({ ...scene, objects: scene.objects.filter((other) => other !== object) });
        for (let p = 0; p < PIXELS; p++) {
          const same = [0, 1, 2].every((c) => rgb[3 * p + c] === gone.rgb[3 * p + c]);
          if (!same && ids[p] !== object.id) expect.fail(`scene ${seed}: object ${object.id} shows at pixel ${p}`);
        }
      }
    }
  });

  it('shows cells and backdrop as the large view does', () => {
    for (const seed of seeds) {
      const chance = chanceScene(seed, variety);
      const cellsAcross = Math.max(chance.width, chance.height);
      // Larger cells, and lava's surface, have soft borders, which the large view blends.
      if (cellsAcross < 12) continue;
      const scene = { ...chance, objects: [], cells: chance.cells.map((code) => (code === 2 ? 1 : code)) };
      const { width, height, agent } = scene;
      const { rgb } = look(scene);
      const scale = 64 / cellsAcross;
      // The camera stands at a whole pixel next to the level's centre.
      const [centreX, centreY] = [width, height].map((side) => (Math.floor((side * scale - 63) / 2) + 32) / scale);
      const view = renderView(scene, { width: 64, height: 64, centreX, centreY, cellsAcross });
      for (let p = 0; p < PIXELS; p++) {
        const nearAgent =
          Math.abs((p & 63) + 0.5 - 32 - (agent.x - width / 2) * scale) < scale + 1 &&
          Math.abs((p >> 6) + 0.5 - 32 + (agent.y - height / 2) * scale) < scale + 1;
        const same = [0, 1, 2].every((c) => view[4 * p + c] === rgb[3 * p + c]);
        if (!same && !nearAgent) expect.fail(`scene ${seed} (${width} x ${height}): pixel ${p}`);
      }
    }
  });

  it('has velocity squares where they are wanted', () => {
    const text = ['#########', '#.......#', '#.......#', '#@.....o#', '#########'].join('\n');
    const [plain, squares] = [false, true].map((velocitySquares) =>
      playText(text, { view: 'level', velocitySquares }).reset({ options: { levelSeed: 3 } }),
    );
    expect(squares.observation[0]).toBe(127);
    expect(squares.observation.slice(64 * 3 * 20)).toEqual(plain.observation.slice(64 * 3 * 20));
    expect(plain.observation[0]).not.toBe(127);
  });

  it('is refused for a level that has no room in it, which changes nothing', () => {
    const environment = createCoinRun({ view: 'level' });
    environment.reset({ seed: 1 });
    const before = environment.stateHash();
    const wide = createEmptyLevel(65, 10);
    wide.cells.fill(1, 0, 65);
    wide.objects.push({ id: 1, kind: 'coin', x: 60.5, y: 1.5 });
    const state = stateOfLevel(wide, environment.config);
    expect(() => environment.setState(state)).toThrow(/expected at most 64 cells a side for view 'level', got 65 x 10/);
    expect(environment.stateHash()).toBe(before);
    const narrow = createCoinRun();
    narrow.setState(state);
    expect(narrow.info().coin).toEqual({ x: 60.5, y: 1.5 });
  });
});
