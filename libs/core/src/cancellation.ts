import { CancelledError } from './errors.ts';

/** What a long computation looks at between its steps. An AbortSignal satisfies it. */
export interface Cancellation {
  readonly aborted: boolean;
}

/** Throws a CancelledError when `cancellation` was aborted. */
export function throwIfAborted(cancellation: Cancellation | undefined, what: string): void {
  if (cancellation?.aborted) throw new CancelledError(what);
}
