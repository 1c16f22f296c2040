import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSeekPacer } from '../../apps/viewer/src/session/seekPacer.ts';

describe('seeking while somebody drags', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = () => {
    const asked: number[] = [];
    return { asked, pacer: createSeekPacer((step) => asked.push(step), Date.now) };
  };

  it('asks at once, then only for the latest place once the answer is there', () => {
    const { asked, pacer } = start();
    for (const step of [5, 6, 7]) pacer.want(step);
    expect(asked).toEqual([5]);
    pacer.settled();
    expect(asked).toEqual([5, 7]);
    pacer.settled();
    expect(asked).toEqual([5, 7]);
  });

  it('does not wait for a slow answer', () => {
    const { asked, pacer } = start();
    pacer.want(5);
    pacer.want(9);
    vi.advanceTimersByTime(200);
    expect(asked).toEqual([5, 9]);
  });

  it('asks for the same place again only after it was forgotten', () => {
    const { asked, pacer } = start();
    pacer.want(5);
    pacer.settled();
    pacer.want(5);
    expect(asked).toEqual([5]);
    pacer.forget();
    vi.advanceTimersByTime(200);
    pacer.want(5);
    expect(asked).toEqual([5, 5]);
  });
});
