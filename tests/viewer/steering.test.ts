import { describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { steeringAction } from '../../apps/viewer/src/session/steering.ts';

const press = (actions: 'named' | 'procgen', ...keys: string[]): string => {
  const { names } = createCoinRun({ actions }).actionSpace;
  return names[steeringAction(new Set(keys.map((key) => `Arrow${key}`)), names)];
};

describe('arrow keys', () => {
  it('are the actions that they look like, in both sets of actions', () => {
    for (const actions of ['named', 'procgen'] as const) {
      expect(press(actions)).toBe('noop');
      expect(press(actions, 'Right')).toBe('right');
      expect(press(actions, 'Left')).toBe('left');
      expect(press(actions, 'Up')).toBe('jump');
      expect(press(actions, 'Down')).toBe('down');
      expect(press(actions, 'Right', 'Up')).toBe('right+jump');
      expect(press(actions, 'Left', 'Up')).toBe('left+jump');
      expect(press(actions, 'Left', 'Right')).toBe('noop');
      expect(press(actions, 'Left', 'Right', 'Up')).toBe('jump');
      expect(press(actions, 'Up', 'Down')).toBe('jump');
    }
  });

  it('take the nearest action where a set lacks one', () => {
    expect(press('named', 'Right', 'Down')).toBe('down');
    expect(press('procgen', 'Right', 'Down')).toBe('right+down');
    expect(steeringAction(new Set(['ArrowUp']), ['left', 'right'])).toBe(0);
  });
});
