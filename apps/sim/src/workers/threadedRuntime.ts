/**
 * ONNX Runtime on several threads, each with a session of its own: two sessions of one thread do more than one
 * session on two threads. A run goes to the thread with the shortest queue; results do not depend on which.
 */
import type { Worker } from 'node:worker_threads';
import { internalError } from '@saccade/core';
import type { Runtime, RuntimeSession, RuntimeTensor } from '@saccade/jit';
import { ThreadEndedError } from './calls.ts';
import { endThread } from './ending.ts';
import { spawnWorker } from './spawn.ts';
import type { PlainTensor, ThreadAnswer, ThreadRequest } from './threadMessages.ts';

export interface ThreadedRuntime {
  readonly runtime: Runtime<undefined>;
  readonly threads: number;
  /** Ends the threads; what still runs is lost. */
  dispose(): Promise<void>;
}

type Request = ThreadRequest extends infer R ? (R extends ThreadRequest ? Omit<R, 'call'> : never) : never;
type Outputs = Readonly<Record<string, PlainTensor>> | null;

class Thread {
  /** Requests that were sent and not yet answered. */
  readonly waiting = new Map<number, { resolve: (outputs: Outputs) => void; reject: (error: Error) => void }>();
  private calls = 0;
  private ended: Error | undefined;

  constructor(private readonly worker: Worker) {
    this.worker.on('message', (answer: ThreadAnswer) => {
      const call = this.waiting.get(answer.call);
      this.waiting.delete(answer.call);
      if ('error' in answer) call?.reject(internalError(`ONNX Runtime: ${answer.error}`));
      else call?.resolve(answer.outputs);
    });
    this.worker.on('error', (error) =>
      this.fail(new ThreadEndedError(`an engine thread failed: ${(error as Error).message}`)),
    );
    this.worker.on('exit', (code) => this.fail(new ThreadEndedError(`an engine thread ended with code ${code}`)));
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }

  send(request: Request): Promise<Outputs> {
    const call = this.calls++;
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.waiting.set(call, { resolve, reject });
      this.worker.postMessage({ ...request, call });
    });
  }

  async end(): Promise<void> {
    // Nobody waits for what still runs.
    this.ended ??= new ThreadEndedError('an engine thread was ended');
    this.waiting.clear();
    await endThread(this.worker);
  }
}

const nothing = (): void => undefined;

/** Functions do not travel to a thread. */
function plain(feeds: Readonly<Record<string, RuntimeTensor>>): Record<string, PlainTensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => [name, { type, dims, data: data as Float32Array }]),
  );
}

export async function createThreadedRuntime(threads: number): Promise<ThreadedRuntime> {
  const workers = await Promise.all(Array.from({ length: threads }, () => spawnWorker('session')));
  const pool = workers.map((worker) => new Thread(worker));
  let sessions = 0;
  return {
    threads,
    runtime: {
      async createSession(model): Promise<RuntimeSession> {
        const session = sessions++;
        // On the first thread at once, so that a bad model fails here; on the others when they are first needed.
        const created = new Map<Thread, Promise<Outputs>>();
        const on = (thread: Thread): Promise<Outputs> => {
          const known = created.get(thread) ?? thread.send({ kind: 'create', session, model });
          created.set(thread, known);
          return known;
        };
        await on(pool[0]);
        return {
          async run(feeds) {
            const thread = pool.reduce((best, other) => (other.waiting.size < best.waiting.size ? other : best));
            const creation = on(thread);
            const outputs = thread.send({ kind: 'run', session, feeds: plain(feeds) });
            const [, result] = await Promise.all([creation, outputs]);
            return Object.fromEntries(
              Object.entries(result ?? {}).map(([name, tensor]) => [name, { ...tensor, dispose: nothing }]),
            );
          },
          async release() {
            // A thread that ended has released everything.
            await Promise.all(
              [...created.keys()].map((thread) => thread.send({ kind: 'release', session }).catch(nothing)),
            );
          },
        };
      },
      createTensor: (type, data, dims) => ({ type, data, dims, dispose: nothing }) as RuntimeTensor,
    },
    async dispose() {
      await Promise.all(pool.map((thread) => thread.end()));
    },
  };
}
