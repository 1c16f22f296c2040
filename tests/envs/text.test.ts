import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import {
  createCoinRun,
  generateLevel,
  layoutHash,
  levelFromText,
  resolveCoinRunConfig,
  stateOfLevel,
  textFromLevel,
} from '@saccade/envs';

const room = ['########', '#......#', '#..x...#', '#@.x|<o#', '##~~####', '########'].join('\n');

describe('levels as text', () => {
  it('come back with the same layout, whatever the generator made', () => {
    const config = fc.record({
      difficulty: fc.constantFrom('easy' as const, 'hard' as const),
      coinAnywhere: fc.constantFrom(0, 1),
      endWall: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), config, (seed, options) => {
        const level = generateLevel(seed, resolveCoinRunConfig(options));
        const text = textFromLevel(level);
        const back = levelFromText(text);
        expect(layoutHash(back)).toBe(layoutHash(level));
        expect(textFromLevel(back)).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it('read as they are drawn', () => {
    const level = levelFromText(`\n${room}\n`);
    expect([level.width, level.height]).toEqual([8, 6]);
    expect(level.spawn).toEqual({ x: 1.5, y: 2.5787 });
    expect(level.objects.map(({ kind, x, y, heading }) => [kind, x, y, heading])).toEqual([
      ['crate', 3.5, 3.5, undefined],
      ['crate', 3.5, 2.5, undefined],
      ['enemy', 5.5, 2.5, -1],
      ['coin', 6.5, 2.5, undefined],
    ]);
    expect(Array.from(level.cells.slice(8, 16))).toEqual([1, 1, 2, 2, 1, 1, 1, 1]);
    expect(level.barriers[2 * 8 + 4]).toBe(1);
    expect(textFromLevel(level)).toBe(`${room}\n`);
  });

  it('are played, with enemies setting out as drawn', () => {
    const environment = createCoinRun({ difficulty: 'hard' });
    environment.reset({ options: { state: stateOfLevel(levelFromText(room), environment.config, 5) } });
    expect(environment.scene).toMatchObject({ width: 8, height: 6, step: 0 });
    expect(environment.scene.objects.find(({ kind }) => kind === 'enemy')?.vx).toBe(-0.15);
    expect(environment.info()).toMatchObject({ levelSeed: 5, step: 0, cause: null });
    expect(environment.step(1).observation.length).toBe(64 * 64 * 3);
  });

  it.each([
    ['', /3..256 lines, got 0/],
    ['##\n##\n##', /lines of 3..256 characters, got 2/],
    ['####\n#@o#\n###', /line 3 of 4 characters, got 3/],
    [room.replace('x', 'Q'), /one of .* in line 3, column 4, got 'Q'/],
    [room.replace('@', '.'), /one @ for the agent, got 0/],
    [room.replace('o', '@'), /one @ for the agent, got 2/],
    [room.replace('o', '.'), /a coin \(o\), got none/],
    [`${room}\n* 9 1`, /'character column row' within the map in line 7/],
    [`${room}\nsaw 3 1`, /line 7 of 8 characters|'character column row'/],
    ['#####\n#####\n#@.o#\n#####', /room for the agent/],
    [room.replace('|', '!').replace('<', '!'), /one end marker/],
  ])('are refused with the place of the fault: %j', (text, message) => {
    expect(() => levelFromText(text)).toThrow(message);
    expect(() => levelFromText(text)).toThrow(InputError);
  });
});
