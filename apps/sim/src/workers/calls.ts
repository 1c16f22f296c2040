/**
 * Calling functions of another thread: numbered requests, answers and cancellations. What is wrong with a request
 * stays an InputError on the way back, so that its text reaches the user.
 */
import { parentPort } from 'node:worker_threads';
import type { TransferListItem, Worker } from 'node:worker_threads';
import { CancelledError, InputError, internalError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { CancelSignal } from '@saccade/session';
import { endThread, endWhenTold } from './ending.ts';

/** Functions of one argument, by name; arguments and results are what structured cloning carries. */
export type Callable = Record<
  string,
  (argument: never, cancellation: Cancellation, draft: (part: unknown) => void) => Promise<unknown>
>;

type Argument<F> = F extends (argument: infer A, ...rest: never[]) => Promise<unknown> ? A : never;
type Result<F> = F extends (...all: never[]) => Promise<infer R> ? R : never;

type Request = { readonly id: number; readonly name: string; readonly argument: unknown } | { readonly cancel: number };

/** The thread is no more: its computation is lost, what it was given is not. */
export class ThreadEndedError extends Error {
  override readonly name = 'ThreadEndedError';
}

type ErrorKind = 'input' | 'cancelled' | 'internal';
type Answer =
  /** What there is so far; the answer itself follows. */
  | { readonly id: number; readonly draft: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly kind: ErrorKind; readonly message: string };

function kindOf(error: unknown): ErrorKind {
  if (error instanceof InputError) return 'input';
  return error instanceof CancelledError ? 'cancelled' : 'internal';
}

function errorFrom(kind: ErrorKind, message: string): Error {
  if (kind === 'input') return new InputError(message);
  return kind === 'cancelled' ? new CancelledError('the computation') : internalError(message);
}

/** In the thread: answers calls with `functions`. Calls may overlap wherever a function awaits. */
export function answerCalls(functions: Callable): void {
  const running = new Map<number, { aborted: boolean }>();
  const answer = async (id: number, name: string, argument: unknown): Promise<Answer> => {
    const cancellation = { aborted: false };
    running.set(id, cancellation);
    try {
      const draft = (part: unknown): void => parentPort?.postMessage({ id, draft: part } satisfies Answer);
      return { id, result: await functions[name](argument as never, cancellation, draft) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const stack = error instanceof Error ? (error.stack ?? message) : message;
      const kind = kindOf(error);
      return { id, kind, message: kind === 'internal' ? stack : message };
    } finally {
      running.delete(id);
    }
  };
  endWhenTold();
  parentPort?.on('message', (request: Request) => {
    if ('cancel' in request) {
      const cancellation = running.get(request.cancel);
      if (cancellation) cancellation.aborted = true;
      return;
    }
    void answer(request.id, request.name, request.argument).then((reply) => parentPort?.postMessage(reply));
  });
}

export interface Caller<F extends Callable> {
  call<K extends keyof F & string>(
    name: K,
    argument: Argument<F[K]>,
    options?: {
      readonly signal?: CancelSignal;
      readonly transfer?: readonly TransferListItem[];
      /** Handed what the function says before it is done. */
      readonly draft?: (part: unknown) => void;
    },
  ): Promise<Result<F[K]>>;
  /** Ends the thread; what still runs rejects. */
  end(): Promise<void>;
}

/**
 * On the other side: calls the functions of `worker`.
 * @param who the thread in messages, such as `an engine thread`
 */
export function callThread<F extends Callable>(worker: Worker, who = 'an engine thread'): Caller<F> {
  const waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void; draft?: (part: unknown) => void }
  >();
  let calls = 0;
  let ended: Error | undefined;
  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: Answer) => {
    const call = waiting.get(answer.id);
    if ('draft' in answer) {
      call?.draft?.(answer.draft);
      return;
    }
    waiting.delete(answer.id);
    if ('kind' in answer) call?.reject(errorFrom(answer.kind, answer.message));
    else call?.resolve(answer.result);
  });
  worker.on('error', (error) => fail(new ThreadEndedError(`${who} failed: ${(error as Error).message}`)));
  worker.on('exit', (code) => fail(new ThreadEndedError(`${who} ended with code ${code}`)));
  // An idle engine alone keeps no process alive.
  worker.unref();
  return {
    call(name, argument, { signal, transfer = [], draft } = {}) {
      return new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        if (signal?.aborted) return reject(new CancelledError('the computation'));
        const id = calls++;
        const cancel = (): void => worker.postMessage({ cancel: id } satisfies Request);
        signal?.addEventListener('abort', cancel);
        const settle = (): void => {
          signal?.removeEventListener('abort', cancel);
          if (waiting.size === 0) worker.unref();
        };
        worker.ref();
        waiting.set(id, {
          draft,
          resolve: (result) => {
            settle();
            resolve(result as Result<F[typeof name]>);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
        });
        worker.postMessage({ id, name, argument } satisfies Request, transfer);
      });
    },
    async end() {
      ended ??= new ThreadEndedError(`${who} was ended`);
      fail(ended);
      await endThread(worker);
    },
  };
}
