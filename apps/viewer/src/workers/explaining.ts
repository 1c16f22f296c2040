/**
 * A worker that computes beside the one that acts: one explains, so that an agent waits for no map, another one plays
 * levels when they are asked for. See session.worker.ts.
 */
import { CancelledError, InputError, internalError } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { createPolicyEngine, engineCalls } from '@saccade/session';
import type { DraftListener } from '@saccade/session';
import type { FromExplainer, ToExplainer } from './explainerMessages.ts';
import { createPageRuntime } from './onnxRuntime.ts';

export const explainerName = 'saccade explainer';

/** Threads of one run, where the page allows threads: others of the machine draw and act. */
const mostThreads = 4;

type Answering = (argument: unknown, cancellation: Cancellation, draft: DraftListener) => Promise<unknown>;

export function serveExplainer(): void {
  let runtime: ReturnType<typeof createPageRuntime> | undefined;
  const engine = createPolicyEngine(async () => {
    if (!runtime) throw internalError('the explainer was not started');
    return (await runtime).compile;
  });
  const functions = engineCalls(engine);
  const running = new Map<number, { aborted: boolean }>();

  async function answer({ id, name, argument }: Extract<ToExplainer, { kind: 'call' }>): Promise<void> {
    const cancellation = { aborted: false };
    running.set(id, cancellation);
    const draft: DraftListener = (unfinished) => postMessage({ id, draft: unfinished } satisfies FromExplainer);
    let reply: FromExplainer;
    try {
      reply = { id, result: await (functions[name] as Answering)(argument, cancellation, draft) };
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
      case 'call':
        void answer(data);
        return;
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
