/**
 * How a thread that computes natively is ended: it is told to, and ends itself between two calls. Stopped from outside in
 * the middle of one, ONNX Runtime finds no JavaScript to answer to and takes the whole process with it.
 */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import type { Worker } from 'node:worker_threads';

const end = 'end';

/** Milliseconds that a thread may go on with what it is at before it is stopped from outside. */
const patience = 10_000;

/** In the thread, before it listens to anything else. */
export function endWhenTold(): void {
  parentPort?.on('message', (message: unknown) => {
    if (message === end) process.exit(0);
  });
}

/** From outside. Returns when the thread has ended; what it was at is lost. */
export async function endThread(worker: Worker): Promise<void> {
  // A thread that is over has the number -1 and ends no second time.
  if (worker.threadId === -1) return;
  worker.ref();
  const over = once(worker, 'exit');
  worker.postMessage(end);
  const stop = setTimeout(() => void worker.terminate(), patience);
  await over;
  clearTimeout(stop);
}
