import { describe, expect, it } from 'vitest';
import type { HistoryMessage } from '@saccade/protocol';
import { columnsOf } from '../../apps/viewer/src/scene/charts.ts';
import { advantagesOf } from '../../apps/viewer/src/session/advantages.ts';
import { momentsOf } from '../../apps/viewer/src/session/moments.ts';
import { Timeline, entropyOf } from '../../apps/viewer/src/session/timeline.ts';
import type { Row } from '../../apps/viewer/src/session/timeline.ts';
import '../support/allClose.ts';

const row = (step: number, more: Partial<Row> = {}): Row => ({
  step,
  episode: 0,
  action: 1,
  chance: 0.9,
  reward: 0,
  value: 5,
  entropy: 0.5,
  end: null,
  ...more,
});

function history(from: number, values: number[]): HistoryMessage {
  const rows = values.length;
  return {
    type: 'history',
    session: 's',
    from,
    episodes: new Int32Array(rows),
    actions: new Int32Array(rows).fill(1),
    rewards: new Float32Array(rows),
    values: Float32Array.from(values),
    probabilities: Float32Array.from(values.flatMap(() => [0.25, 0.75])),
    ends: [{ step: from, end: { kind: 'terminated', cause: 'saw' } }],
  };
}

describe('the timeline', () => {
  it('knows what it was told and asks for what it was not', () => {
    const timeline = new Timeline(1000);
    timeline.setRange(10, 19);
    expect(timeline.missing()).toEqual({ from: 10, to: 20 });
    timeline.addHistory(history(10, [1, 2, 3]));
    timeline.addHistory(history(18, [8, 9, 10]));
    expect([...timeline.known()].map(({ value }) => value)).toEqual([1, 2, 3, 8, 9]);
    expect(timeline.missing()).toEqual({ from: 13, to: 18 });
    expect(timeline.row(10)).toMatchObject({ action: 1, chance: 0.75, end: { cause: 'saw' } });
    expect(timeline.row(10)?.entropy).toBeCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75));
    expect(timeline.row(20)).toBeUndefined();
  });

  it('forgets what the server no longer holds, and everything when time begins anew', () => {
    const timeline = new Timeline(4);
    timeline.setRange(0, 3);
    timeline.addHistory(history(0, [0, 1, 2, 3]));
    timeline.setRange(0, 5);
    expect(timeline.oldest).toBe(2);
    expect([...timeline.known()].map(({ step }) => step)).toEqual([2, 3]);
    timeline.setRange(0, 0);
    expect([...timeline.known()]).toEqual([]);
  });

  it('measures entropy in nats, and certainty as none', () => {
    expect(entropyOf([0.5, 0.5])).toBeCloseTo(Math.LN2);
    expect(entropyOf([1, 0])).toBe(0);
  });
});

describe('the charts', () => {
  it('break where an episode ends', () => {
    const rows = [row(4), row(5), row(6, { episode: 1 })];
    expect(columnsOf(rows, ({ value }) => value)).toEqual([
      [4, 5, 5.5, 6],
      [5, 5, null, 5],
    ]);
  });
});

describe('advantages over the timeline', () => {
  const GAMMA = 0.999;
  const DECAY = 0.999 * 0.95;

  it('are those of an episode that ended for good, solved by hand', () => {
    const rows = [
      row(0, { value: 4 }),
      row(1, { value: 6, reward: 10, end: { kind: 'terminated', cause: 'coin' } }),
      row(2, { action: -1, value: 9, end: { kind: 'terminated', cause: 'coin' } }),
    ];
    const last = 10 - 6;
    const first = GAMMA * 6 - 4 + DECAY * last;
    const advantages = advantagesOf(rows);
    expect([...advantages.keys()]).toEqual([0, 1]);
    expect([...advantages.values()]).toBeAllClose([first, last]);
  });

  it('go on behind a time limit with the value of the last instant', () => {
    const rows = [
      row(0, { value: 4, end: { kind: 'truncated', cause: 'timeout' } }),
      row(1, { action: -1, value: 7, end: { kind: 'truncated', cause: 'timeout' } }),
      row(2, { episode: 1 }),
    ];
    expect(advantagesOf(rows).get(0)).toBeCloseTo(GAMMA * 7 - 4);
  });

  it('do not reach from an episode that was left into the next', () => {
    const rows = [row(0, { value: 4 }), row(1, { episode: 1, value: 100 }), row(2, { episode: 1, value: 100 })];
    expect(advantagesOf(rows).get(0)).toBeCloseTo(GAMMA * 4 - 4);
  });

  it('are none of nothing', () => {
    expect(advantagesOf([]).size).toBe(0);
  });
});

describe('notable moments', () => {
  const title = (action: number): string => ['No move', 'Right'][action];

  it('are the best and the worst of an episode, its end, and what the policy held unlikely', () => {
    const rows = [
      row(0),
      row(1, { chance: 0.01, action: 0 }),
      row(2),
      row(3, { end: { kind: 'terminated', cause: 'saw' } }),
      row(4, { action: -1, end: { kind: 'terminated', cause: 'saw' } }),
      row(5, { episode: 1 }),
    ];
    const advantages = new Map([
      [0, 0.5],
      [1, 2],
      [2, -0.4],
      [3, -5],
      [5, 0.1],
    ]);
    const kinds = momentsOf(rows, advantages, title).map(({ step, kind }) => `${step} ${kind}`);
    expect(kinds).toEqual(['1 better', '1 surprise', '3 worse', '3 death']);
  });

  it('say in words what happened', () => {
    const rows = [row(7, { chance: 0.012, action: 0 })];
    expect(momentsOf(rows, new Map([[7, 0]]), title)).toEqual([
      { step: 7, kind: 'surprise', text: 'Unlikely: No move, 1.2\u2009%' },
    ]);
  });
});
