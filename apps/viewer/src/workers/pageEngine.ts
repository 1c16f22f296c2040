/** The engine of a page that hosts its own session: acts in this worker, explains in another, loads policies late. */
import { CancelledError, InputError, internalError } from '@saccade/core';
import { decodePolicy } from '@saccade/nn';
import { createPolicyEngine, dictionaryOf } from '@saccade/session';
import type { ActingPolicy, DraftListener, OverlayEngine, OverlayMap } from '@saccade/session';
import type { FromExplainer, ToExplainer } from './explainerMessages.ts';
import { explainerName } from './explaining.ts';
import { createPageRuntime } from './onnxRuntime.ts';
import type { PolicyShelf } from './policyShelf.ts';

export interface PageEngine extends OverlayEngine {
  /** For people: `ONNX Runtime 1.30.0 (wasm, 1 thread)`. */
  readonly description: string;
  act(hash: string, observation: Uint8Array): ReturnType<ActingPolicy['act']>;
  /** Makes a policy ready to act, and soon after to be explained. */
  load(hash: string): Promise<void>;
}

type Request = ToExplainer extends infer R ? (R extends { readonly id: number } ? Omit<R, 'id'> : never) : never;

/** Calls to the worker that explains. */
class Explainer {
  private readonly waiting = new Map<
    number,
    { resolve: (map: OverlayMap | null) => void; reject: (e: Error) => void; draft?: DraftListener }
  >();
  private calls = 0;
  // This worker's own file, which plays the other part under this name: see session.worker.ts.
  private readonly worker = new Worker(self.location.href, { type: 'module', name: explainerName });

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromExplainer>) => {
      const call = this.waiting.get(data.id);
      if ('draft' in data) {
        call?.draft?.(data.draft);
        return;
      }
      this.waiting.delete(data.id);
      if ('map' in data) call?.resolve(data.map);
      else call?.reject(errorOf(data.error, data.message));
    };
    this.worker.onerror = ({ message }) => {
      for (const { reject } of this.waiting.values()) reject(internalError(`the worker that explains: ${message}`));
      this.waiting.clear();
    };
  }

  start(wasm: Uint8Array): void {
    this.post({ kind: 'start', wasm });
  }

  private post(message: ToExplainer): void {
    this.worker.postMessage(message);
  }

  /** @returns the answer, and how to call it off */
  call(
    request: Request,
    draft?: DraftListener,
  ): { readonly result: Promise<OverlayMap | null>; readonly cancel: () => void } {
    const id = this.calls++;
    const result = new Promise<OverlayMap | null>((resolve, reject) =>
      this.waiting.set(id, { resolve, reject, draft }),
    );
    this.post({ ...request, id } as ToExplainer);
    return { result, cancel: () => this.post({ kind: 'cancel', id }) };
  }
}

function errorOf(kind: Extract<FromExplainer, { readonly error: string }>['error'], message: string): Error {
  if (kind === 'input') return new InputError(message);
  return kind === 'cancelled' ? new CancelledError('the computation') : internalError(message);
}

/** @param wasm bytes of ONNX Runtime's wasm file @throws InputError when the browser lacks what it needs */
export async function createPageEngine(wasm: Promise<Uint8Array>, shelf: PolicyShelf): Promise<PageEngine> {
  // Its script is read while the wasm is on its way.
  const explainer = new Explainer();
  const bytes = await wasm;
  explainer.start(bytes);
  const { compile, description } = await createPageRuntime(bytes);
  const acting = createPolicyEngine(() => Promise.resolve(compile));
  const toAct = new Map<string, Promise<void>>();
  const toExplain = new Map<string, Promise<unknown>>();

  const once = <T>(known: Map<string, Promise<T>>, hash: string, work: () => Promise<T>): Promise<T> => {
    const before = known.get(hash);
    if (before) return before;
    const promise = work();
    known.set(hash, promise);
    promise.catch(() => known.delete(hash));
    return promise;
  };
  const readyToAct = (hash: string): Promise<void> =>
    once(toAct, hash, async () => {
      const bytes = await shelf.bytes(hash);
      await acting.load(hash, () => decodePolicy(bytes, hash));
    });
  const readyToExplain = (hash: string): Promise<unknown> =>
    once(toExplain, hash, async () => {
      // Without them factors are fitted anew: slower, and others than a server shows.
      const known = shelf.features(hash).catch(() => undefined);
      const [bytes, features] = await Promise.all([shelf.bytes(hash), known]);
      const dictionaries = (features?.layers ?? []).map(dictionaryOf);
      return explainer.call({ kind: 'load', hash, bytes, dictionaries }).result;
    });

  return {
    description,
    async load(hash) {
      await readyToAct(hash);
      readyToExplain(hash).catch(() => undefined);
    },
    async act(hash, observation) {
      await readyToAct(hash);
      return acting.act(hash, observation);
    },
    async explain(hash, sight, request, signal, draft) {
      await readyToExplain(hash);
      if (signal?.aborted) throw new CancelledError(request.method);
      const { result, cancel } = explainer.call({ kind: 'explain', hash, sight, request }, draft);
      signal?.addEventListener('abort', cancel);
      try {
        const map = await result;
        if (!map) throw internalError('an explanation without a map');
        return map;
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
  };
}
