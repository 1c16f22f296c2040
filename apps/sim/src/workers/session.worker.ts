/** A thread that holds ONNX Runtime sessions of one thread each: `session.run` blocks its event loop, not the app's. */
import { parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { endWhenTold } from './ending.ts';
import type { PlainTensor, ThreadAnswer, ThreadRequest } from './threadMessages.ts';

const sessions = new Map<number, InferenceSession>();
const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

async function handle(request: ThreadRequest): Promise<Record<string, PlainTensor> | null> {
  switch (request.kind) {
    case 'create':
      sessions.set(request.session, await InferenceSession.create(request.model, options));
      return null;
    case 'run': {
      const session = sessions.get(request.session);
      if (!session) throw new Error(`internal: session ${request.session} runs before it is created`);
      const feeds = Object.fromEntries(
        Object.entries(request.feeds).map(([name, { type, data, dims }]) => [
          name,
          new Tensor(type as 'float32', data as Float32Array, dims),
        ]),
      );
      const results = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [
          name,
          { type, dims, data: data as Float32Array },
        ]),
      );
    }
    case 'release':
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return null;
    default:
      return request satisfies never;
  }
}

endWhenTold();

// One request at a time, in order: a session is created before it runs.
let queue: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: ThreadRequest) => {
  queue = queue.then(async () => {
    const { call } = request;
    let answer: ThreadAnswer;
    try {
      answer = { call, outputs: await handle(request) };
    } catch (error) {
      answer = { call, error: error instanceof Error ? error.message : String(error) };
    }
    const buffers = 'outputs' in answer && answer.outputs ? Object.values(answer.outputs) : [];
    parentPort?.postMessage(answer, [...new Set(buffers.map(({ data }) => data.buffer as ArrayBuffer))]);
  });
});
