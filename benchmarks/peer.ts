/**
 * PyTorch beside us: a process that answers one request a line, so that our runs and its runs take turns and a machine
 * that slows down slows both. The first interpreter that imports torch is taken.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Network } from '@saccade/nn';

const script = fileURLToPath(new URL('peers/torch_peer.py', import.meta.url));

export type PeerTask = 'acting' | 'inputGradient' | 'update' | 'integratedGradients';

export interface PeerSetup {
  readonly network: Network;
  readonly threads: number;
  /** Rows of one call; of one micro-batch of an update. */
  readonly batch: number;
  /** Rows of an update's minibatch. */
  readonly rows?: number;
  /** Points of Integrated Gradients, and the layer that it starts from; the input without one. */
  readonly steps?: number;
  readonly layer?: string;
}

/** Seconds by the clock, and of processor time over all threads. */
export interface Spent {
  readonly seconds: number;
  readonly processor: number;
}

export interface Peer {
  /** `PyTorch 2.1, 2 threads` */
  readonly name: string;
  prepare(setup: PeerSetup): Promise<void>;
  /** So many calls in a row. */
  run(task: PeerTask, repeats: number): Promise<Spent>;
  stop(): void;
}

/** Sizes of a plain network: convolutions, some pooled, then dense layers. */
function sizesOf(network: Network) {
  const shape = (name: string): readonly number[] => network.parameters[`${name}/kernel`].shape;
  const named = (op: string): string[] => network.nodes.filter((node) => node.op === op).map(({ name }) => name);
  const pooled = new Set(named('l2Pool').map((name) => name.replace(/\/pool$/, '')));
  const convolutions = network.nodes.flatMap((node) => {
    if (node.op !== 'convolution') return [];
    const name = node.name.replace(/\/convolution$/, '');
    const [kernel, , inputs, outputs] = shape(name);
    return [{ name, kernel, inputs, outputs, stride: node.attributes.stride, pool: pooled.has(name) }];
  });
  const dense = named('dense')
    .filter((name) => name !== network.logits && name !== network.value)
    .map((name) => shape(name.replace(/\/dense$/, '')))
    .map(([inputs, outputs]) => ({ inputs, outputs }));
  return {
    side: network.observationShape[0],
    actions: network.actions,
    features: shape(network.logits)[0],
    convolutions,
    dense,
  };
}

/** @returns the peer, or why there is none */
export async function openPeer(threads: number): Promise<Peer | { readonly unavailable: string }> {
  const interpreters = [process.env['PYTHON'], 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);
  const found = interpreters.find((name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
  if (found === undefined) return { unavailable: `none of ${interpreters.join(', ')} imports torch` };
  const child: ChildProcessWithoutNullStreams = spawn(found, [script], {
    stdio: 'pipe',
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const answers: ((line: string) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  createInterface(child.stdout).on('line', (line) => {
    failures.shift();
    answers.shift()?.(line);
  });
  child.on('exit', (code) => {
    for (const fail of failures.splice(0)) fail(new Error(`PyTorch ended with code ${code}: ${said.trim()}`));
  });
  const answer = (): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      answers.push((line) => resolve(JSON.parse(line) as Record<string, unknown>));
      failures.push(reject);
    });
  const ask = (request: unknown): Promise<Record<string, unknown>> => {
    const answered = answer();
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answered;
  };
  const { version } = await answer();
  return {
    name: `PyTorch ${String(version)}, ${threads} threads`,
    async prepare({ network, threads: given, batch, rows = batch, steps, layer }) {
      await ask({ network: sizesOf(network), threads: given, batch, rows, steps, layer });
    },
    async run(task, repeats) {
      const { seconds, processor } = await ask({ task, repeats });
      return { seconds: Number(seconds), processor: Number(processor) };
    },
    stop: () => child.stdin.end(),
  };
}
