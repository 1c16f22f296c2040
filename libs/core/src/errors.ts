/** The error that a user can act on: it says what was expected and what came. Apps print it without a stack. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}

/** Thrown when a caller's cancellation stops a computation; never an error to report. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(what: string) {
    super(`${what}: cancelled`);
  }
}

/** A fault of our own, not of the user. */
export function internalError(message: string): Error {
  return new Error(`internal: ${message}`);
}
