/** A worker that computes, as the one that hosts the session calls it. See explaining.ts for the other end. */
import { CancelledError, InputError, internalError } from '@saccade/core';
import type { CancelSignal, DraftListener, EngineCalls } from '@saccade/session';
import type { FromExplainer, ToExplainer } from './explainerMessages.ts';
import { explainerName } from './explaining.ts';

type Result<K extends keyof EngineCalls> = Awaited<ReturnType<EngineCalls[K]>>;

export class EngineWorker {
  private readonly waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void; draft?: DraftListener }
  >();
  private calls = 0;
  // This worker's own file, which plays the other part under this name: see session.worker.ts.
  private readonly worker = new Worker(self.location.href, { type: 'module', name: explainerName });

  /** @param who it is, in messages */
  constructor(who: string) {
    this.worker.onmessage = ({ data }: MessageEvent<FromExplainer>) => {
      const call = this.waiting.get(data.id);
      if ('draft' in data) {
        call?.draft?.(data.draft);
        return;
      }
      this.waiting.delete(data.id);
      if ('result' in data) call?.resolve(data.result);
      else call?.reject(errorOf(data.error, data.message));
    };
    this.worker.onerror = ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(internalError(`${who}: ${message}`));
      this.waiting.clear();
    };
  }

  /** @param wasm bytes of ONNX Runtime's wasm file */
  start(wasm: Uint8Array): void {
    this.post({ kind: 'start', wasm });
  }

  /** @throws what the function throws; CancelledError once `signal` is aborted */
  async call<K extends keyof EngineCalls>(
    name: K,
    argument: Parameters<EngineCalls[K]>[0],
    signal?: CancelSignal,
    draft?: DraftListener,
  ): Promise<Result<K>> {
    if (signal?.aborted) throw new CancelledError(name);
    const id = this.calls++;
    const result = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject, draft }));
    this.post({ kind: 'call', id, name, argument });
    const cancel = (): void => this.post({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel);
    try {
      return (await result) as Result<K>;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  private post(message: ToExplainer): void {
    this.worker.postMessage(message);
  }
}

function errorOf(kind: Extract<FromExplainer, { readonly error: string }>['error'], message: string): Error {
  if (kind === 'input') return new InputError(message);
  return kind === 'cancelled' ? new CancelledError('the computation') : internalError(message);
}
