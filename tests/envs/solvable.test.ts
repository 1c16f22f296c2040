import { describe, expect, it } from 'vitest';
import { createCoinRun, createOutcome } from '@saccade/envs';
import type { CoinRunConfig } from '@saccade/envs';
import { playText } from './support.ts';

/** Plans level after level and replays each plan; returns the seeds that could not be won. */
function unsolved(config: Partial<CoinRunConfig>, levels: number, start = 0): number[] {
  const environment = createCoinRun(config);
  const outcome = createOutcome();
  const failed: number[] = [];
  for (let seed = start; seed < start + levels; seed++) {
    environment.begin(seed);
    const before = environment.stateHash();
    const plan = environment.plan();
    expect(environment.stateHash()).toBe(before);
    for (const action of plan ?? []) environment.stepInto(outcome, action);
    if (environment.info().cause !== 'coin') failed.push(seed);
  }
  return failed;
}

describe('the planner', () => {
  it('wins 2,000 easy levels by actions that are replayed through the dynamics', { timeout: 300_000 }, () => {
    expect(unsolved({ difficulty: 'easy' }, 2000)).toEqual([]);
  });

  it('wins 2,000 hard levels', { timeout: 300_000 }, () => {
    expect(unsolved({ difficulty: 'hard' }, 2000)).toEqual([]);
  });

  it('wins held-out levels, with any action set', { timeout: 300_000 }, () => {
    expect(unsolved({ difficulty: 'hard', actions: 'procgen' }, 200, 2 ** 31)).toEqual([]);
  });

  it('wins the variants', { timeout: 300_000 }, () => {
    expect(unsolved({ difficulty: 'hard', coinAnywhere: 1 }, 200)).toEqual([]);
    expect(unsolved({ difficulty: 'hard', endWall: false }, 100)).toEqual([]);
    expect(unsolved({ difficulty: 'hard', hazards: { lava: 5, saw: 1, enemy: 2 } }, 200)).toEqual([]);
  });

  it('goes on from the middle of an episode', () => {
    const environment = createCoinRun({ difficulty: 'hard' });
    environment.reset({ options: { levelSeed: 11 } });
    for (let i = 0; i < 7; i++) environment.step(environment.actionSpace.names.indexOf('right'));
    const plan = environment.plan();
    let result = environment.step(plan?.[0] ?? 0);
    for (const action of plan?.slice(1) ?? []) result = environment.step(action);
    expect(result).toMatchObject({ reward: 10, terminated: true });
  });

  it('says so where there is no way', () => {
    const walled = playText(['#########', '#...#...#', '#...#...#', '#@..#..o#', '#########'].join('\n'));
    expect(walled.plan({ maxNodes: 3000 })).toBe(null);
  });

  it('stops when cancelled', () => {
    const environment = createCoinRun();
    environment.begin(0);
    expect(() => environment.plan({ cancellation: { aborted: true } })).toThrow(/cancelled/);
  });
});
