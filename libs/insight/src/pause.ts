/**
 * Long computations that leave the thread to others now and then: whoever asked is told how far they are, and what the
 * answer returns is awaited. An app that answers with a promise can redraw, and notice that it was told to stop.
 */
import { throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';

/** Called with the share done, 0-1. May return a promise. */
export type ReportProgress = (done: number) => void;

export async function pause(
  done: number,
  progress: ReportProgress | undefined,
  cancellation: Cancellation | undefined,
  what: string,
): Promise<void> {
  await (progress?.(done) as unknown);
  throwIfAborted(cancellation, what);
}

/** Runs to the end, pausing after each step; steps yield the share done. */
export async function inSteps<T>(
  steps: Generator<number, T>,
  { progress, cancellation, what }: { progress?: ReportProgress; cancellation?: Cancellation; what: string },
): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause(value, progress, cancellation, what);
  }
}
