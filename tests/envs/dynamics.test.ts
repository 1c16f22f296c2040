import '../support/allClose.ts';
import { describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { act, hall, playText, repeat } from './support.ts';

const HALF_HEIGHT = 0.5787;
const FLOOR = 1 + HALF_HEIGHT;

describe('running', () => {
  it('approaches half a cell a step by a fifth of the difference each step, and stops below .1', () => {
    const environment = playText(hall(40, '@' + '.'.repeat(36) + 'o'));
    const { agent } = environment.scene;
    const speeds: number[] = [];
    for (let i = 0; i < 4; i++) speeds.push((repeat(environment, 'right', 1), agent.vx));
    expect(speeds).toBeAllClose([0.1, 0.18, 0.244, 0.2952], { absolute: 1e-12 });
    repeat(environment, 'right', 40);
    expect(agent.vx).toBeCloseTo(0.5, 3);
    expect(agent.facing).toBe(1);
    const slowing: number[] = [];
    for (let i = 0; i < 8; i++) slowing.push((repeat(environment, 'noop', 1), agent.vx));
    expect(slowing.slice(0, 3)).toBeAllClose([0.4, 0.32, 0.256], { absolute: 1e-3 });
    expect(slowing[7]).toBe(0);
    repeat(environment, 'left', 1);
    expect(agent.facing).toBe(-1);
  });

  it('stands against a wall without moving and without speed', () => {
    const environment = playText(hall(12, '..@......o'));
    repeat(environment, 'left', 20);
    expect(environment.scene.agent.x).toBe(1.5);
    expect(environment.scene.agent.vx).toBe(0);
  });
});

describe('jumping', () => {
  it('launches without gravity, rises 6.4 cells by the eighth step and lands with the sixteenth', () => {
    const environment = playText(hall(12, '..@......o'));
    const { agent } = environment.scene;
    const heights: number[] = [];
    repeat(environment, 'jump', 1);
    heights.push(agent.y - FLOOR);
    for (let i = 0; i < 15; i++) heights.push((repeat(environment, 'noop', 1), agent.y - FLOOR));
    const rise = [1.5, 2.8, 3.9, 4.8, 5.5, 6, 6.3, 6.4];
    const fall = [6.3, 6, 5.5, 4.8, 3.9, 2.8, 1.5, 0];
    expect(heights).toBeAllClose([...rise, ...fall], { absolute: 1e-9 });
  });

  it('covers eight cells at full speed', () => {
    const environment = playText(hall(60, '@' + '.'.repeat(56) + 'o'));
    const { agent } = environment.scene;
    repeat(environment, 'right', 40);
    const from = agent.x;
    repeat(environment, 'right+jump', 16);
    expect(agent.x - from).toBeCloseTo(8, 2);
  });

  it('needs support: a second jump in the air does nothing', () => {
    const [a, b] = [playText(hall(12, '..@......o')), playText(hall(12, '..@......o'))];
    repeat(a, 'jump', 10);
    repeat(b, 'jump', 1);
    repeat(b, 'noop', 9);
    expect(a.scene.agent).toEqual(b.scene.agent);
  });

  it('steers in the air by .03 of the difference', () => {
    const environment = playText(hall(12, '..@......o'));
    repeat(environment, 'jump', 1);
    repeat(environment, 'right', 1);
    expect(environment.scene.agent.vx).toBe(0.015);
    repeat(environment, 'right', 1);
    expect(environment.scene.agent.vx).toBeCloseTo(0.97 * 0.015 + 0.015, 12);
  });

  it('stops at a ceiling', () => {
    const environment = playText(['#######', '#.....#', '#.....#', '#@...o#', '#######'].join('\n'));
    repeat(environment, 'jump', 2);
    expect(environment.scene.agent.y).toBeCloseTo(4 - HALF_HEIGHT, 9);
  });
});

describe('platforms one cell thick', () => {
  it('cannot be entered from the side, though the agent is taller than they', () => {
    const environment = playText(
      [
        '############',
        '#..........#',
        '#@.........#',
        '###..##....#',
        '#..........#',
        '#..........#',
        '#.........o#',
        '############',
      ].join('\n'),
    );
    // From a ledge level with the platform, across the gap, at every way of walking and waiting.
    const start = environment.getState();
    for (let pattern = 0; pattern < 64; pattern++) {
      environment.setState(start);
      for (let step = 0; step < 24; step++) {
        const bit = (pattern >> (step >> 2)) & 1;
        const { info, terminated } = environment.step(act(environment, bit === 1 ? 'right' : 'noop'));
        const { x, y } = info.agent;
        const insidePlatform = x + 0.49 > 5 && x - 0.49 < 7 && y - 0.56 < 5 && y + 0.56 > 4;
        expect(insidePlatform).toBe(false);
        if (terminated) break;
      }
    }
  });
});

describe('crates', () => {
  const pile = hall(14, '....x......o', '@...x.......');

  it('are walked past from the side', () => {
    const environment = playText(pile);
    repeat(environment, 'right', 16);
    expect(environment.scene.agent.x).toBeGreaterThan(6);
    expect(environment.scene.agent.y).toBeCloseTo(FLOOR, 9);
  });

  it('are jumped through from below, carry from above, and let through who looks down', () => {
    const environment = playText(hall(14, '...........o', '....x.......', '....x.......', '....@.......'));
    const { agent } = environment.scene;
    repeat(environment, 'jump', 1);
    repeat(environment, 'noop', 19);
    expect(agent.supported).toBe(true);
    expect(agent.y).toBe(3.5 + (0.5 + HALF_HEIGHT));
    expect(agent.vy).toBe(0);
    repeat(environment, 'noop', 5);
    expect(agent.y).toBe(3.5 + (0.5 + HALF_HEIGHT));
    repeat(environment, 'down', 1);
    expect(agent.y).toBeLessThan(3.5 + (0.5 + HALF_HEIGHT));
    repeat(environment, 'noop', 6);
    // One below, it lands on the next crate, since it no longer looks down.
    expect(agent.y).toBe(2.5 + (0.5 + HALF_HEIGHT));
    repeat(environment, 'jump', 1);
    expect(agent.vy).toBe(1.5);
  });

  it('do not hold enemies back', () => {
    const environment = playText(hall(14, '.....o......', '@....x..<...'));
    const enemy = environment.scene.objects.find(({ kind }) => kind === 'enemy');
    const from = enemy?.x ?? 0;
    repeat(environment, 'noop', 20);
    expect(enemy?.x).toBeCloseTo(from - 3, 9);
  });
});

describe('enemies', () => {
  it('walk .15 cells a step and are mirrored at walls and barriers', () => {
    const environment = playText(hall(12, '.........o', '@.|>....#.'));
    const enemy = environment.scene.objects.find(({ kind }) => kind === 'enemy');
    const places: number[] = [];
    for (let i = 0; i < 80; i++) {
      repeat(environment, 'noop', 1);
      places.push(enemy?.x ?? 0);
    }
    expect(places[0]).toBeCloseTo(4.65, 12);
    // Column 3 is the barrier, column 9 the wall: its centre stays between 4.5 and 8.5.
    expect(Math.min(...places)).toBeGreaterThanOrEqual(4.5 - 0.02);
    expect(Math.max(...places)).toBeLessThanOrEqual(8.5 + 0.02);
    expect(Math.min(...places)).toBeLessThan(4.7);
    expect(Math.max(...places)).toBeGreaterThan(8.3);
    for (let i = 1; i < places.length; i++) expect(Math.abs(places[i] - places[i - 1])).toBeLessThan(0.15 + 1e-9);
  });
});

describe('ends', () => {
  it('pays 10 for the coin and terminates', () => {
    const environment = playText(hall(12, '@..o......'));
    const result = repeat(environment, 'right', 7);
    expect(result.terminated || environment.step(act(environment, 'right')).terminated).toBe(true);
    expect(environment.info()).toMatchObject({ cause: 'coin', episodeReturn: 10 });
  });

  it.each([
    ['saw', '*'],
    ['enemy', '<'],
    ['lava', '~'],
  ])('dies of %s with nothing', (cause, character) => {
    const environment = playText(hall(14, '...........o', `@......${character}....`));
    let result = repeat(environment, 'right', 1);
    for (let i = 0; i < 40 && !result.terminated; i++) result = repeat(environment, 'right', 1);
    expect(result).toMatchObject({ reward: 0, terminated: true, truncated: false, info: { cause, episodeReturn: 0 } });
  });

  it('does not die of what it only touches: a saw beside a pile of crates, and lava underfoot', () => {
    const environment = playText(hall(14, '..@........o', '..x*........', '..x.........'));
    repeat(environment, 'noop', 3);
    repeat(environment, 'right', 3);
    // Half over the saw's column, standing on the crate: its feet touch the saw's top edge.
    expect(environment.info().cause).toBe(null);
    expect(environment.scene.agent.supported).toBe(true);
    const beside = playText(['#######', '#.....#', '#.....#', '#.@..o#', '####~##', '#######'].join('\n'));
    repeat(beside, 'right', 2);
    expect(beside.info().cause).toBe(null);
  });

  it('lets the coin win over a saw in the same step', () => {
    const environment = playText(`${hall(12, '@...o.....')}\n* 5 1`);
    let result = repeat(environment, 'right', 1);
    while (!result.terminated) result = repeat(environment, 'right', 1);
    expect(result).toMatchObject({ reward: 10, info: { cause: 'coin' } });
  });

  it('truncates at step 1000', () => {
    const environment = createCoinRun();
    environment.reset({ options: { levelSeed: 3 } });
    expect(repeat(environment, 'noop', 999)).toMatchObject({ terminated: false, truncated: false });
    expect(repeat(environment, 'noop', 1)).toMatchObject({
      terminated: false,
      truncated: true,
      info: { cause: 'timeout' },
    });
    expect(() => environment.step(0)).toThrow(/expected reset after the end \(timeout\)/);
  });

  it('goes on after the coin where asked to, pays once, and tells when the end is reached', () => {
    const environment = playText(hall(14, '@..o.....!..'), { continueAfterCoin: true, timeLimit: 60 });
    let total = 0;
    let result = repeat(environment, 'right', 1);
    for (let i = 0; i < 58; i++) {
      total += result.reward;
      expect(result.info.reachedMarker).toBe(result.info.agent.x > 9.5 || result.info.reachedMarker);
      result = repeat(environment, 'right', 1);
    }
    expect(total).toBe(10);
    expect(result.info).toMatchObject({ coinTaken: true, coin: null, reachedMarker: true, cause: null });
  });
});
