/** What a failed command says and with which code it exits: 2 when its user can mend it, 1 when not, 130 when stopped. */
import { CancelledError, InputError } from '@saccade/core';

export interface Failure {
  readonly code: number;
  readonly text: string;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** @param command the name typed, or undefined before one is known */
export function describeFailure(command: string | undefined, error: unknown): Failure {
  const who = command === undefined ? 'saccade' : `saccade ${command}`;
  if (error instanceof CancelledError) return { code: 130, text: `${who}: stopped` };
  if (error instanceof InputError) return { code: 2, text: `${who}: ${error.message}` };
  if (isSystemError(error)) return { code: 1, text: `${who}: ${error.message}` };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 1, text: `${who}: a fault of Saccade itself, please report it:\n${stack}` };
}
