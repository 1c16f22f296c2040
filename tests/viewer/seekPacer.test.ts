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

  it('tells a server that holds the page only where it comes to rest, when nothing is wanted of it', () => {
    const { asked, pacer } = start();
    // It follows live so far: it must hear that the page holds.
    pacer.want(5, true);
    expect(asked).toEqual([5]);
    pacer.settled();
    for (const step of [6, 7, 8]) {
      pacer.want(step, true);
      vi.advanceTimersByTime(100);
    }
    expect(asked).toEqual([5]);
    vi.advanceTimersByTime(200);
    expect(asked).toEqual([5, 8]);
  });

  it('tells it at once where something else is asked for, or a step is not here', () => {
    const { asked, pacer } = start();
    pacer.want(5);
    pacer.settled();
    pacer.want(6, true);
    pacer.flush();
    expect(asked).toEqual([5, 6]);
    pacer.settled();
    pacer.want(7, true);
    pacer.want(8);
    expect(asked).toEqual([5, 6, 8]);
    pacer.flush();
    vi.advanceTimersByTime(1000);
    expect(asked).toEqual([5, 6, 8]);
  });
});
