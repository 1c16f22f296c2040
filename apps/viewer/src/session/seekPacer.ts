/**
 * Asks the server for instants while somebody drags: the next question waits for the answer to the last, but not for
 * a slow one, and only the latest place is ever asked for.
 */
export interface SeekPacer {
  /** Wants this page to be held at a step. */
  want(step: number): void;
  /** The server has answered, or refused. */
  settled(): void;
  /** The server no longer holds this page anywhere. */
  forget(): void;
}

const PATIENCE_MS = 80;

export function createSeekPacer(ask: (step: number) => void, now: () => number): SeekPacer {
  let wanted: number | null = null;
  let asked: number | null = null;
  let askedAt = -Infinity;
  let pending = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function go(): void {
    if (wanted === null || wanted === asked) return;
    const wait = pending ? askedAt + PATIENCE_MS - now() : 0;
    if (wait > 0) {
      timer ??= setTimeout(() => {
        timer = undefined;
        go();
      }, wait);
      return;
    }
    pending = true;
    askedAt = now();
    asked = wanted;
    ask(wanted);
  }

  return {
    want(step) {
      wanted = step;
      go();
    },
    settled() {
      pending = false;
      go();
    },
    forget() {
      wanted = null;
      asked = null;
      pending = false;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
