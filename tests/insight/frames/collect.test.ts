import { describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { joinFrames, selectFrames, splitByLevel } from '@saccade/insight';
import { coinRunFrames } from '../toys.ts';

describe('a bank of frames', () => {
  it('joins what was divided', async () => {
    const set = await coinRunFrames(8);
    const first = selectFrames(set, [0, 1, 2]);
    const second = selectFrames(set, [3, 4, 5, 6, 7]);
    expect(joinFrames([first, second])).toEqual(set);
    expect(() => joinFrames([])).toThrow('expected a set of frames or more');
  });

  it('keeps the state behind each frame: restoring it renders the same bytes and masks', async () => {
    const set = await coinRunFrames(12);
    const environment = createCoinRun({ difficulty: 'hard' });
    const observation = new Uint8Array(64 * 64 * 3);
    const classes = new Uint8Array(64 * 64);
    const ids = new Uint16Array(64 * 64);
    set.states.forEach((state, i) => {
      environment.setState(state);
      environment.observeInto(observation, 0);
      environment.masksInto(classes, ids, 0);
      expect(observation).toEqual(set.observations.slice(i * observation.length, (i + 1) * observation.length));
      expect(classes).toEqual(set.masks?.classes.slice(i * 4096, (i + 1) * 4096));
      expect(environment.info().levelSeed).toBe(set.levelSeeds[i]);
      expect(environment.info().step).toBe(set.steps[i]);
    });
  });

  it('leaves the states out where nobody needs them, and is the same otherwise', async () => {
    const [withStates, without] = [await coinRunFrames(8), await coinRunFrames(8, 16, false)];
    expect(without).toEqual({ ...withStates, states: [] });
    expect(joinFrames([selectFrames(without, [0, 1]), selectFrames(without, [2])]).states).toEqual([]);
  });

  it('is the same bytes each time and thins time out', async () => {
    const [first, second] = [await coinRunFrames(20), await coinRunFrames(20)];
    expect(first.observations).toEqual(second.observations);
    expect(new Set(first.levelSeeds).size).toBeGreaterThan(3);
  });

  it('divides so that no level is on both sides', async () => {
    const set = await coinRunFrames(30);
    const [a, b] = splitByLevel(set);
    expect(a.count + b.count).toBe(30);
    expect([...a.levelSeeds].some((seed) => b.levelSeeds.includes(seed))).toBe(false);
    expect(selectFrames(set, [3]).observations).toEqual(set.observations.slice(3 * 12288, 4 * 12288));
  });
});
