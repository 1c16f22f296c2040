/**
 * Asks the server for instants while somebody drags: the next question waits for the answer to the last, but not for
 * a slow one, and only the latest place is ever asked for.
 */
export interface SeekPacer {
  /**
   * Wants this page to be held at a step.
   * @param whole all that the answer would bring is here: the server need only know where the page comes to rest
   */
  want(step: number, whole?: boolean): void;
  /** Tells the server at once where the page is: what is asked for next is meant for this step. */
  flush(): void;
  /** The server has answered, or refused. */
  settled(): void;
  /** The server no longer holds this page anywhere. */
  forget(): void;
}

const PATIENCE_MS = 80;
/** A page that stands still for so long has come to rest. */
const REST_MS = 250;

export function createSeekPacer(ask: (step: number) => void, now: () => number): SeekPacer {
  let wanted: number | null = null;
  let asked: number | null = null;
  let askedAt = -Infinity;
  let pending = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;

  function go(): void {
    clearTimeout(resting);
    resting = undefined;
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
    want(step, whole = false) {
      wanted = step;
      clearTimeout(resting);
      resting = undefined;
      // A page that follows live has to say that it holds.
      if (whole && asked !== null) resting = setTimeout(go, REST_MS);
      else go();
    },
    flush() {
      if (resting !== undefined) go();
    },
    settled() {
      pending = false;
      if (resting === undefined) go();
    },
    forget() {
      wanted = null;
      asked = null;
      pending = false;
      clearTimeout(timer);
      clearTimeout(resting);
      timer = resting = undefined;
    },
  };
}
