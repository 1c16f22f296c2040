/** An AbortController for code that runs wherever JavaScript does. */
import type { Cancellation } from '@saccade/core';

/** What is looked at, and listened to, while something is computed. An AbortSignal satisfies it. */
export interface CancelSignal extends Cancellation {
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export class Canceller {
  private readonly listeners = new Set<() => void>();
  private aborted = false;
  readonly signal: CancelSignal;

  constructor() {
    const { listeners } = this;
    const aborted = (): boolean => this.aborted;
    this.signal = {
      get aborted() {
        return aborted();
      },
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    };
  }

  /** Once: later calls do nothing. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    const told = [...this.listeners];
    this.listeners.clear();
    for (const listener of told) listener();
  }
}
