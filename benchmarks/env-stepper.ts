/**
 * 64 environments under uniform random actions: stepped here, in a worker thread or in a process of its own. Run as a
 * thread or process, it warms up, reports `ready`, and on `go` steps for a second and reports steps per second.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createStream } from '@saccade/core';
import { createCoinRun, createVectorBuffers, createVectorEnvironment } from '@saccade/envs';
import type { Difficulty } from '@saccade/envs';

const ENVIRONMENTS = 64;
const FLAG = '--env-stepper=';
const script = fileURLToPath(import.meta.url);

/** A function that steps all of them `rounds` times, observations rendered into a shared buffer. */
export function startStepper(difficulty: Difficulty): (rounds: number) => void {
  const vector = createVectorEnvironment(() => createCoinRun({ difficulty }), {
    count: ENVIRONMENTS,
    levels: { kind: 'all' },
    seed: 0,
  });
  const buffers = createVectorBuffers(vector, true);
  vector.resetInto(buffers, 0);
  const stream = createStream(0, 'benchmark');
  const choices = vector.actionSpace.names.length;
  const actions = new Int32Array(ENVIRONMENTS);
  return (rounds) => {
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < ENVIRONMENTS; n++) actions[n] = stream.integer(choices);
      vector.stepInto(buffers, actions);
    }
  };
}

interface Peer {
  /** Resolves with its next message. */
  answer(): Promise<unknown>;
  go(): void;
  stop(): unknown;
}

function startPeer(kind: 'thread' | 'process', difficulty: Difficulty): Peer {
  const argument = FLAG + difficulty;
  if (kind === 'process') {
    const child = fork(script, [argument]);
    return {
      answer: () => once(child, 'message'),
      go: () => void child.send('go'),
      stop: () => child.kill(),
    };
  }
  // Threads do not inherit the loader that lets Node read TypeScript.
  const load = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(script)}); })`;
  const worker = new Worker(load, { eval: true, argv: [argument] });
  return {
    answer: () => once(worker, 'message'),
    go: () => worker.postMessage('go'),
    stop: () => worker.terminate(),
  };
}

/** Steps per second of two peers that run at once, together. */
export async function measureAlongside(kind: 'thread' | 'process', difficulty: Difficulty): Promise<number> {
  const peers = [startPeer(kind, difficulty), startPeer(kind, difficulty)];
  const answers = (): Promise<unknown[]> => Promise.all(peers.map((peer) => peer.answer()));
  try {
    await answers();
    const rates = answers();
    for (const peer of peers) peer.go();
    // `once` hands each message on in an array.
    return (await rates).reduce<number>((sum, rate) => sum + Number((rate as [number])[0]), 0);
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

const flag = process.argv.find((argument) => argument.startsWith(FLAG));
if (flag !== undefined && (!isMainThread || process.send !== undefined)) {
  const step = startStepper(flag.slice(FLAG.length) as Difficulty);
  step(200);
  const answer = (message: unknown): void => {
    if (parentPort !== null) parentPort.postMessage(message);
    else process.send?.(message);
  };
  const go = (): void => {
    const start = performance.now();
    let rounds = 0;
    while (performance.now() - start < 1000) {
      step(10);
      rounds += 10;
    }
    answer((rounds * ENVIRONMENTS * 1000) / (performance.now() - start));
  };
  if (parentPort !== null) parentPort.once('message', go);
  else process.once('message', go);
  answer('ready');
}
