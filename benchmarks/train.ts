/**
 * Suite `train`: one minibatch of PPO beside PyTorch, whole training runs end to end, and their memory: what they peak
 * at, and that it stays where it is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { createLearner, ppoPresets } from '@saccade/agent';
import type { Learner, PpoConfig } from '@saccade/agent';
import { createStream } from '@saccade/core';
import { openEngine } from '../apps/sim/src/workers/devices/device.ts';
import { measureBeside, quick } from './beside.ts';
import { medianOf } from './measure.ts';
import { openPeer } from './peer.ts';
import type { Report } from './report.ts';
import { networkNames, sampleNetwork, sampleRollout, startOf } from './samples.ts';

const threads = 2;
const microBatch = 64;
const rates = { learningRate: 1e-4, entropyCoefficient: 0.01 };
/** Of one minibatch, as the preset `fast` has them: eight micro-batches that two sessions share. */
const rows = 512;
/** Updates over which memory has to stay where it is. */
const updates = quick ? 6 : 500;
const command = fileURLToPath(new URL('../apps/sim/bin/saccade.js', import.meta.url));

/** One pass of one minibatch a call of `update`. */
function configOf(minibatchRows: number): PpoConfig {
  return {
    ...ppoPresets.fast,
    environments: microBatch,
    rolloutSteps: minibatchRows / microBatch,
    epochs: 1,
    minibatches: 1,
    microBatch,
  };
}

export async function trainSuite(report: Report): Promise<void> {
  const peer = await openPeer(threads);
  const { engine } = await openEngine('cpu', { threads });
  try {
    for (const name of networkNames) {
      const { network, parameters } = sampleNetwork(name);
      const config = configOf(rows);
      const learner = await createLearner(network, config, startOf(parameters), engine.compile);
      const rollout = sampleRollout(config);
      const order = createStream(0, 'order');
      await measureBeside(report, {
        name: `${name}/ppo-update`,
        unit: 'frames/s',
        frames: rows,
        repeats: name === 'compact' ? 2 : 1,
        ours: () => learner.update(rollout, rates, order),
        peer: { of: peer, setup: { network, threads, batch: microBatch, rows }, task: 'update' },
        note:
          `minibatch of ${rows} in micro-batches of ${microBatch}, gradients and Adam; two sessions of one thread; bar 0.5x. ` +
          '85% of the time is convolutions whose kernels are inputs, outside of the blocked layout that constants get: ' +
          'that layout for kernels that change would lift it',
      });
      learner.dispose();
    }
  } finally {
    if ('stop' in peer) peer.stop();
    await engine.dispose();
  }
  await reportFlatness(report);
  await reportRuns(report);
}

/** Memory of a learner over many updates. */
async function reportFlatness(report: Report): Promise<void> {
  const { engine } = await openEngine('cpu', { threads });
  const { network, parameters } = sampleNetwork('compact');
  const config = configOf(microBatch);
  const learner = await createLearner(network, config, startOf(parameters), engine.compile);
  const rollout = sampleRollout(config);
  const order = createStream(0, 'order');
  try {
    // What the allocator keeps at hand settles within the first tenth.
    await repeat(learner, Math.ceil(updates / 10));
    const [tensors, resident] = [tf.memory().numTensors, process.memoryUsage.rss()];
    await repeat(learner, updates);
    const grown = (process.memoryUsage.rss() - resident) / 1e6;
    const more = tf.memory().numTensors - tensors;
    const of = `over ${updates} updates`;
    report.row({ name: 'compact/learner-memory-growth', value: grown, unit: 'MB', spread: [grown, grown], note: of });
    report.row({ name: 'compact/learner-tensor-growth', value: more, unit: 'tensors', spread: [more, more], note: of });
  } finally {
    learner.dispose();
    await engine.dispose();
  }

  async function repeat(on: Learner, times: number): Promise<void> {
    for (let i = 0; i < times; i++) await on.update(rollout, rates, order);
  }
}

interface Run {
  /** Environment steps a second between the first and the last iteration, start and compilation left out. */
  readonly rate: number;
  /** Largest resident size, MB. */
  readonly peak: number;
}

/** The largest that a process has been, kB; undefined where the system does not tell. */
async function peakOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const line = /VmHWM:\s+(\d+) kB/.exec(status);
  return line ? Number(line[1]) : undefined;
}

/** A training run by the command line, in a process of its own. */
async function trainOnce(network: string, preset: string, iterations: number): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'saccade-bench-'));
  const { environments, rolloutSteps } = ppoPresets[preset as keyof typeof ppoPresets];
  const steps = environments * rolloutSteps * iterations;
  const words = ['train', '--run', join(folder, 'run'), '--network', network, '--preset', preset];
  const options = ['--total-timesteps', String(steps), '--device', 'cpu', '--threads', String(threads)];
  // With one lane a step is one row: fewer lanes make a quick run quick.
  const few = quick ? ['--num-envs', '8', '--set', 'rolloutSteps=64', '--set', 'minibatches=8'] : [];
  if (quick) options[1] = String(8 * 64 * iterations);
  const child = spawn(process.execPath, [command, ...words, ...options, ...few], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let peak = 0;
  const seen: { time: number; steps: number }[] = [];
  const watch = setInterval(() => {
    void peakOf(child.pid ?? 0).then((size) => (peak = Math.max(peak, size ?? 0)));
    void readFile(join(folder, 'run', 'curve.jsonl'), 'utf8').then(
      (text) => {
        const lines = text.trim().split('\n').length;
        if (seen.at(-1)?.steps !== lines) seen.push({ time: performance.now(), steps: lines });
      },
      () => undefined,
    );
  }, 50);
  const [code] = await ended;
  clearInterval(watch);
  await rm(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`train ended with code ${code}: ${said.trim()}`);
  const [first, last] = [seen[0], seen[seen.length - 1]];
  const each = quick ? 8 * 64 : environments * rolloutSteps;
  const rate = ((last.steps - first.steps) * each * 1000) / (last.time - first.time);
  return { rate, peak: peak / 1000 };
}

async function reportRuns(report: Report): Promise<void> {
  const rates: number[] = [];
  for (let i = 0; i < (quick ? 1 : 3); i++) rates.push((await trainOnce('compact', 'fast', 4)).rate);
  const { median, spread } = medianOf(rates);
  report.row({
    name: 'compact/training-end-to-end',
    value: median,
    unit: 'steps/s',
    spread,
    note: 'saccade train --preset fast, two sessions of one thread; start and compilation left out',
  });
  for (const name of networkNames) {
    const { peak } = await trainOnce(name, 'procgen', name === 'compact' || quick ? 3 : 2);
    report.row({
      name: `${name}/procgen-peak-memory`,
      value: peak,
      unit: 'MB',
      spread: [peak, peak],
      note: 'largest resident size of saccade train --preset procgen',
    });
  }
}
