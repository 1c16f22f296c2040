/** The worker that explains: beside the one that acts, so that an agent waits for no map. See session.worker.ts. */
import { CancelledError, InputError, internalError } from '@saccade/core';
import { decodePolicy } from '@saccade/nn';
import { createPolicyEngine } from '@saccade/session';
import type { OverlayMap } from '@saccade/session';
import type { FromExplainer, ToExplainer } from './explainerMessages.ts';
import { createPageRuntime } from './onnxRuntime.ts';

export const explainerName = 'saccade explainer';

/** Threads of one run, where the page allows threads: others of the machine draw and act. */
const mostThreads = 4;

export function serveExplainer(): void {
  let runtime: ReturnType<typeof createPageRuntime> | undefined;
  const engine = createPolicyEngine(async () => {
    if (!runtime) throw internalError('the explainer was not started');
    return (await runtime).compile;
  });
  const running = new Map<number, { aborted: boolean }>();

  async function answer(id: number, work: () => Promise<OverlayMap | void>): Promise<void> {
    let reply: FromExplainer;
    try {
      reply = { id, map: (await work()) ?? null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const kind = error instanceof InputError ? 'input' : error instanceof CancelledError ? 'cancelled' : 'internal';
      reply = { id, error: kind, message };
    }
    running.delete(id);
    postMessage(reply);
  }

  addEventListener('message', ({ data }: MessageEvent<ToExplainer>) => {
    switch (data.kind) {
      case 'start':
        runtime = createPageRuntime(data.wasm, mostThreads);
        runtime.catch(() => undefined);
        return;
      case 'load': {
        const { id, hash, bytes, dictionaries } = data;
        void answer(id, async () => {
          await engine.load(hash, () => decodePolicy(bytes, hash), dictionaries);
          // Not waited for: the first explanation finds it done, or on its way.
          engine.warm(hash).catch(() => undefined);
        });
        return;
      }
      case 'explain': {
        const { id, hash, sight, request } = data;
        const cancellation = { aborted: false };
        running.set(id, cancellation);
        const draft = (unfinished: OverlayMap): void => postMessage({ id, draft: unfinished } satisfies FromExplainer);
        void answer(id, () => engine.explain(hash, sight, request, cancellation, draft));
        return;
      }
      case 'cancel': {
        const cancellation = running.get(data.id);
        if (cancellation) cancellation.aborted = true;
        return;
      }
      default:
        data satisfies never;
    }
  });
}
