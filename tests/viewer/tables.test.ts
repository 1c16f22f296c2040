import { describe, expect, it } from 'vitest';
import { csvOf, tableOf } from '../../apps/viewer/src/session/tables.ts';
import type { Row } from '../../apps/viewer/src/session/timeline.ts';

const rows: Row[] = [
  {
    step: 4,
    episode: 1,
    action: 1,
    chance: 0.5,
    reward: 10,
    value: 9.5,
    entropy: 0.25,
    end: { kind: 'terminated', cause: 'coin' },
  },
  { step: 5, episode: 1, action: -1, chance: 1, reward: 0, value: 0, entropy: 0, end: null },
];

describe('the numbers of the charts', () => {
  const table = tableOf(rows, new Map([[4, 0.5]]), ['noop', 'right, "fast"']);

  it('are rows with names instead of codes', () => {
    expect(table[0]).toMatchObject({ step: 4, action: 'right, "fast"', advantage: 0.5, end: 'coin' });
    expect(table[1]).toMatchObject({ step: 5, action: '', advantage: null, end: '' });
  });

  it('are CSV that quotes what must be quoted', () => {
    expect(csvOf(table).split('\r\n')).toEqual([
      'step,episode,action,chance,reward,value,advantage,entropy,end',
      '4,1,"right, ""fast""",0.5,10,9.5,0.5,0.25,coin',
      '5,1,,1,0,0,,0,',
      '',
    ]);
  });
});
