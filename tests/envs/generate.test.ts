import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '@saccade/core';
import {
  Cell,
  coinRunPresets,
  createCoinRun,
  defaultCoinRunConfig,
  generateLevel,
  layoutHash,
  levelStatistics,
  resolveCoinRunConfig,
} from '@saccade/envs';
import type { CoinRunConfig, Difficulty, Level } from '@saccade/envs';

const modes: Difficulty[] = ['easy', 'hard'];
const easy = defaultCoinRunConfig;
const hard = resolveCoinRunConfig({ difficulty: 'hard' });
const seeds = (count: number, start = 0): number[] => Array.from({ length: count }, (_, i) => start + i);
const cellAt = (level: Level, x: number, y: number): number => level.cells[y * level.width + x];

describe('level statistics', () => {
  /** What 2,000 levels of procgen showed (its true state was read); four standard errors of both samples together. */
  const peer = { saws: 0.53, crates: 0.83, pits: 0.26, lava: 0.07 };
  const within = (share: number, expected: number): void => {
    const error = Math.sqrt((expected * (1 - expected) * 2) / 2000);
    expect(Math.abs(share - expected)).toBeLessThan(4 * error + 0.005);
  };

  it.each(modes)('agree with procgen within sampling error on %s', (difficulty) => {
    const statistics = levelStatistics(seeds(2000), resolveCoinRunConfig({ difficulty }));
    within(statistics.saws, peer.saws);
    within(statistics.pits, peer.pits);
    within(statistics.lava, peer.lava);
    if (difficulty === 'hard') {
      within(statistics.crates, peer.crates);
      within(statistics.groundEnemies, 0.33);
    } else {
      expect(statistics.groundEnemies).toBe(0);
    }
    expect(statistics.coinX.min).toBe(8);
    expect(statistics.coinX.median).toBe(16);
    expect(Math.abs(statistics.coinX.mean - 18.7)).toBeLessThan(1);
    expect(Math.abs(statistics.coinX.max - 47)).toBeLessThan(5);
    expect(statistics.coinY.min).toBe(1);
    expect(statistics.coinY.max).toBeGreaterThan(18);
    expect(Math.abs(statistics.coinY.mean - 5.7)).toBeLessThan(0.5);
  });
});

describe('generated levels', () => {
  it('have a solid border, an agent on the floor, one coin on a pillar, and only wall behind it', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.constantFrom(easy, hard), (seed, config) => {
        const level = generateLevel(seed, config);
        for (let i = 0; i < 64; i++) {
          for (const [x, y] of [
            [i, 0],
            [i, 63],
            [0, i],
            [63, i],
          ]) {
            expect(cellAt(level, x, y)).toBe(Cell.ground);
          }
        }
        expect(level.spawn).toEqual({ x: 1.5, y: 1.5787 });
        const coins = level.objects.filter(({ kind }) => kind === 'coin');
        expect(coins.length).toBe(1);
        const [x, y] = [coins[0].x - 0.5, coins[0].y - 0.5];
        expect(cellAt(level, x, y - 1)).toBe(Cell.ground);
        expect(cellAt(level, x, y)).toBe(Cell.empty);
        for (let row = 0; row < 64; row++) expect(cellAt(level, x + 1, row)).toBe(Cell.ground);
        const sides = new Set(level.objects.map(({ id }) => id));
        expect(sides.size).toBe(level.objects.length);
        for (const object of level.objects) {
          expect(cellAt(level, object.x - 0.5, object.y - 0.5)).toBe(Cell.empty);
          if (object.kind === 'crate' || object.kind === 'saw') expect(level.barriers[0]).toBe(0);
        }
        const { sections } = level;
        expect(sections[0].x).toBe(5);
        sections.slice(1).forEach((section, i) => expect(section.x).toBe(sections[i].x + sections[i].width));
        expect(sections.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 300 },
    );
  });

  it('do not depend on what they look like, nor do directions', () => {
    const looks = fc.record<Partial<CoinRunConfig>>({
      restrictThemes: fc.boolean(),
      backgrounds: fc.boolean(),
      monochrome: fc.boolean(),
      velocitySquares: fc.boolean(),
      viewCells: fc.constantFrom(12.8, 13, 20),
      actions: fc.constantFrom('named', 'procgen'),
      invisible: fc.subarray(['lava', 'saw', 'enemy'] as const),
    });
    fc.assert(
      fc.property(fc.nat(2 ** 31), looks, (levelSeed, cosmetic) => {
        expect(layoutHash(generateLevel(levelSeed, resolveCoinRunConfig({ difficulty: 'hard', ...cosmetic })))).toBe(
          layoutHash(generateLevel(levelSeed, hard)),
        );
        const [plain, dressed] = [
          createCoinRun({ difficulty: 'hard' }),
          createCoinRun({ difficulty: 'hard', ...cosmetic }),
        ];
        plain.begin(levelSeed);
        dressed.begin(levelSeed);
        const motion = (environment: typeof plain) =>
          environment.scene.objects.map(({ kind, x, y, vx }) => [kind, x, y, vx]);
        expect(motion(dressed)).toEqual(motion(plain));
      }),
      { numRuns: 40 },
    );
  });

  it('wear one look on easy and many on hard', () => {
    const themes = (difficulty: Difficulty, config: Partial<CoinRunConfig> = {}) => {
      const environment = createCoinRun({ difficulty, ...config });
      return new Set(seeds(40).map((seed) => (environment.begin(seed), JSON.stringify(environment.scene.theme))));
    };
    expect(themes('easy').size).toBe(1);
    expect(themes('hard', { restrictThemes: true }).size).toBe(1);
    expect(themes('hard').size).toBeGreaterThan(10);
  });
});

describe('variants', () => {
  const count = (config: Partial<CoinRunConfig>, levels = 400) =>
    levelStatistics(seeds(levels), resolveCoinRunConfig({ difficulty: 'hard', ...config }));

  it('mix hazards from none of a kind to every pit alike', () => {
    expect(count({ hazards: { lava: 0, saw: 1, enemy: 1 } }).lava).toBe(0);
    expect(count({ hazards: { lava: 1, saw: 0, enemy: 1 } }).saws).toBe(0);
    expect(count({ hazards: { lava: 1, saw: 1, enemy: 0 } }).groundEnemies).toBe(0);
    const lavaOnly = count({ hazards: { lava: 1, saw: 0, enemy: 0 } });
    expect(lavaOnly.lava).toBe(lavaOnly.pits);
    expect(lavaOnly.pits).toBeGreaterThan(0.15);
    expect(count({ hazards: { lava: 0, saw: 0, enemy: 0 } }).pits).toBe(0);
    expect(count({ hazards: { lava: 1, saw: 100, enemy: 1 } }).saws).toBeGreaterThan(count({}).saws + 0.1);
  });

  it('put the coin at the start of a section in the wanted share of levels, with a marker at the end', () => {
    const config = resolveCoinRunConfig({ coinAnywhere: 0.5 });
    const levels = seeds(600).map((seed) => generateLevel(seed, config));
    const moved = levels.filter(({ marker }) => marker !== null);
    expect(Math.abs(moved.length / 600 - 0.5)).toBeLessThan(0.08);
    levels.forEach((level, seed) => {
      const plain = generateLevel(seed, easy);
      expect(hashBytes(level.cells)).toBe(hashBytes(plain.cells));
      const coin = level.objects.find(({ kind }) => kind === 'coin');
      const end = plain.objects.find(({ kind }) => kind === 'coin');
      if (level.marker === null) {
        expect(coin).toEqual(end);
      } else {
        expect([level.marker.x, level.marker.y]).toEqual([end?.x, end?.y]);
        const at = level.sections.findIndex(({ x, y }) => x + 0.5 === coin?.x && y + 0.5 === coin?.y);
        expect(at).toBeGreaterThanOrEqual(0);
      }
    });
    const spots = moved
      .filter(({ sections }) => sections.length === 3)
      .map(({ objects, sections }) => {
        const coin = objects.find(({ kind }) => kind === 'coin');
        return sections.findIndex(({ x }) => x + 0.5 === coin?.x);
      });
    for (const spot of [0, 1, 2]) {
      const share = spots.filter((at) => at === spot).length / spots.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.2);
    }
  });

  it('remove the wall behind the coin', () => {
    const level = generateLevel(4, resolveCoinRunConfig({ endWall: false }));
    const coin = level.objects.find(({ kind }) => kind === 'coin');
    const [x, y] = [(coin?.x ?? 0) - 0.5, (coin?.y ?? 0) - 0.5];
    for (let column = x + 1; column < 63; column++) {
      expect(cellAt(level, column, y)).toBe(Cell.empty);
      expect(cellAt(level, column, y - 1)).toBe(Cell.ground);
    }
  });
});

describe('presets', () => {
  it('offer procgen its fifteen actions and the article its seven, and start from the same levels', () => {
    const procgen = createCoinRun({ ...coinRunPresets.procgen, seed: 4 });
    const distill = createCoinRun({ ...coinRunPresets.distill, seed: 4 });
    expect(procgen.actionSpace.names.length).toBe(15);
    expect(procgen.actionSpace.names[7]).toBe('right');
    expect(distill.actionSpace.names).toEqual(['noop', 'right', 'left', 'jump', 'right+jump', 'left+jump', 'down']);
    expect(procgen.reset().info).toEqual(distill.reset().info);
    procgen.step(8);
    distill.step(4);
    expect(procgen.stateHash()).toBe(distill.stateHash());
    // Velocity squares, top left: right of grey at rest, and 255 at the launch.
    const observation = distill.step(0).observation;
    distill.reset();
    expect(distill.step(4).observation[20 * 3]).toBe(255);
    expect(observation[0]).toBeGreaterThan(127);
  });
});

describe('a bad config', () => {
  it('is refused with what was expected and what came', () => {
    const wrong: [object, RegExp][] = [
      [{ difficulty: 'medium' }, /expected difficulty to be easy or hard, got medium/],
      [{ actions: 'all' }, /expected actions to be named or procgen/],
      [{ view: 'agents' }, /expected view/],
      [{ viewCells: 1 }, /expected viewCells in 2..64, got 1/],
      [{ coinAnywhere: 2 }, /expected coinAnywhere in 0..1/],
      [{ timeLimit: 0.5 }, /expected timeLimit/],
      [{ hazards: { lava: 1, saw: -1, enemy: 1 } }, /expected hazards.saw in 0..1000, got -1/],
      [{ hazards: null }, /expected hazards/],
      [{ invisible: ['coin'] }, /expected invisible to hold lava, saw, enemy, got coin/],
      [{ monochrome: 1 }, /expected monochrome/],
      [{ colour: 'red' }, /expected options .*, got colour/],
      [{ seed: -4 }, /seed/],
      [{ levels: { kind: 'none' } }, /expected kind/],
    ];
    for (const [config, message] of wrong) expect(() => createCoinRun(config)).toThrow(message);
  });
});
