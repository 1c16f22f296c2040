/**
 * Suite `attribution`: each method's time on a frame of `compact`, and Integrated Gradients beside PyTorch.
 * REBUILT from the compiler's cache after another session overwrote this file: the author's comments and types are lost.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { createStream } from '@saccade/core';
import { methods } from '@saccade/attribution';
import { createCoinRun } from '@saccade/envs';
import { createExplainer, objectsInView } from '@saccade/insight';
import { createJit, runtimeOf } from '@saccade/jit';
import { buildNetwork, initialiseParameters } from '@saccade/nn';
import type { Architecture, Compile, Policy } from '@saccade/nn';
import { medianOf } from './measure.ts';
import type { Report } from './report.ts';

const threads = 2;
const runs = 15;
const bars: Readonly<Record<string, number>> = {
  saliency: 10,
  gradientTimesInput: 10,
  guidedBackprop: 10,
  deconvnet: 10,
  gradCam: 10,
  integratedGradients: 33,
};

async function startPeer() {
  const script = fileURLToPath(new URL('attribution-peer.py', import.meta.url));
  const python = spawn('/usr/bin/python3', [script, String(threads)], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const gone = new Promise<undefined>((resolve) => {
    python.once('error', () => resolve(undefined));
    python.once('exit', () => resolve(undefined));
  });
  const line = async (): Promise<string | undefined> => {
    const next = await Promise.race([lines.next(), gone]);
    return next === undefined || next.done ? undefined : (next.value as string);
  };
  const ready = await line();
  if (!ready?.startsWith('ready')) return undefined;
  return {
    version: `PyTorch ${ready.slice(6)}`,
    async run(...request: (string | number)[]) {
      python.stdin.write(`${request.join(' ')}\n`);
      return Number(await line());
    },
    close: () => python.stdin.end(),
  };
}

function untrained(architecture: Architecture): Policy {
  const { names } = createCoinRun().actionSpace;
  const network = buildNetwork(architecture, [64, 64, 3], names.length);
  const parameters = initialiseParameters(network, createStream(1, 'benchmark'));
  return { network, parameters, actions: [...names], training: {} };
}

export async function attributionSuite(report: Report): Promise<void> {
  const session = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const { compile } = createJit<ort.InferenceSession.SessionOptions>(runtimeOf(ort), { limitBytes: 2 ** 30, session });
  await reportMethods(report, compile);
  await reportAgainstPeer(report, compile);
}

async function reportMethods(report: Report, compile: Compile): Promise<void> {
  const environment = createCoinRun({ difficulty: 'hard' });
  environment.begin(7);
  const objects = objectsInView(environment);
  const explainer = createExplainer({ policy: untrained('compact'), compile });
  for (const method of Object.keys(methods)) {
    const layer = method === 'gradCam' || method === 'guidedGradCam' || method === 'conductance' ? '2b' : 'input';
    const options: Record<string, boolean> = method === 'integratedGradients' ? { adaptive: false } : {};
    const ask = async (): Promise<number> => {
      const start = performance.now();
      await explainer.explain(objects.observation, { method, layer, target: 'value', options, objects });
      return performance.now() - start;
    };
    await ask();
    const times: number[] = [];
    for (let run = 0; run < runs; run++) times.push(await ask());
    const { median, spread } = medianOf(times);
    const bar = bars[method] as number | undefined;
    const note = bar === undefined ? undefined : `bar ${bar} ms: ${median < bar ? 'kept' : 'MISSED'}`;
    report.row({ name: `compact/${method} at ${layer}`, value: median, unit: 'ms', spread, note });
  }
  explainer.dispose();
}

async function reportAgainstPeer(report: Report, compile: Compile): Promise<void> {
  const peer = await startPeer();
  const observation = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256);
  for (const [network, layer, bar] of [
    ['clear_cnn', 'input', 1],
    ['clear_cnn', '2b', 1.5],
    ['compact', 'input', undefined],
    ['compact', '2b', undefined],
  ] as const) {
    const explainer = createExplainer({ policy: untrained(network), compile });
    const steps = 50;
    const options = { steps, adaptive: false };
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let run = 0; run <= runs; run++) {
      const start = performance.now();
      await explainer.explain(observation, { method: 'integratedGradients', layer, target: 'value', options });
      const taken = performance.now() - start;
      const other = await peer?.run(network, 'integratedGradients', layer, steps);
      if (run === 0) continue;
      ours.push(taken);
      if (other !== undefined) theirs.push(other);
    }
    const { median, spread } = medianOf(ours);
    const peerValue = theirs.length === 0 ? undefined : medianOf(theirs).median;
    report.row({
      name: `${network}/integratedGradients ${steps} steps at ${layer}`,
      value: median,
      unit: 'ms',
      spread,
      peer: peer?.version ?? 'unavailable: no python3 with torch',
      peerValue,
      ratio: peerValue && peerValue / median,
      note: bar === undefined ? undefined : `bar ${bar}x`,
    });
    explainer.dispose();
  }
  peer?.close();
}
