/**
 * What the analysis commands share: policy, engine, frames that the policy meets, and a folder in which each leaves a
 * page and its JSON.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { z } from 'zod';
import { createActor, createFromSpec, environmentOf } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import { InputError } from '@saccade/core';
import { HELD_OUT_COUNT, HELD_OUT_START } from '@saccade/envs';
import { collectFrames, dictionaryFrom, fitDictionary, joinFrames, reportHtml } from '@saccade/insight';
import type { Dictionary, FrameSet, OpenLayer, Picture, Report } from '@saccade/insight';
import type { Compile } from '@saccade/nn';
import { version } from '../../installation.ts';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import type { StoredPolicy } from '../../storage/policies.ts';
import { writeAtomically } from '../../storage/atomicWrite.ts';
import { openEngine } from '../../workers/devices/device.ts';
import type { CommandContext } from '../shell/command.ts';
import { choiceFlag, commonFlags, integerFlag } from '../shell/flags.ts';
import { actingBatch, packedPlayer } from './packedPlayer.ts';

/** Environments that play beside each other. */
export const lanes = 64;

/** Halves of the lanes that take turns: one computes while the world of the other moves. */
const groups = 2;

/** Flags of every analysis of one policy. */
export const analysisFlags = {
  ...commonFlags,
  policy: z.string(),
  out: z.string(),
  difficulty: choiceFlag(['easy', 'hard']).optional(),
  threads: integerFlag(1, 64),
};

/** Flags of those that look at a bank of frames. */
export const frameFlags = {
  frames: integerFlag(1, 100_000),
  every: integerFlag(1, 10_000),
};

export interface Analysis {
  readonly stored: StoredPolicy;
  readonly environment: EnvironmentSpec;
  readonly compile: Compile;
  /** Frames that the policy meets, actions sampled, on `levelSeeds`; training levels by default. */
  collect(
    frames: number,
    every: number,
    options?: { readonly levelSeeds?: readonly number[]; readonly keepStates?: boolean },
  ): Promise<FrameSet>;
  /** Shows how far `task` is; the task's share done is 0-1. */
  withProgress<T>(label: string, task: (progress: (done: number) => void) => Promise<T>): Promise<T>;
  /** Writes `<name>.html` and `<name>.json` into the folder, says where, and prints the summary. */
  finish(name: string, report: Report, data: unknown): Promise<void>;
  /** Writes another file beside them. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  readonly origin: Report['origin'];
  dispose(): Promise<void>;
}

export interface AnalysisOptions {
  readonly policy: string;
  readonly out: string;
  readonly difficulty?: 'easy' | 'hard';
  readonly threads: number;
  readonly seed: number;
}

/** The first `count` held-out seeds: levels that no policy trained on. */
export function heldOut(count: number, from = 0): number[] {
  if (from + count > HELD_OUT_COUNT) {
    throw new InputError(`levels: expected at most ${HELD_OUT_COUNT} held-out levels, got ${from + count}`);
  }
  return Array.from({ length: count }, (_, i) => HELD_OUT_START + from + i);
}

export function pngOf({ width, height, rgba }: Picture): string {
  return Buffer.from(encode({ width, height, data: Uint8Array.from(rgba), channels: 4 })).toString('base64');
}

export async function openAnalysis(
  command: string,
  { policy: name, out, difficulty, threads, seed }: AnalysisOptions,
  { output, signal }: CommandContext,
): Promise<Analysis> {
  const stored = await loadPolicy(await locatePolicy(name));
  const own = environmentOf(stored.policy);
  if (difficulty !== undefined && own.name !== 'coinrun') {
    throw new InputError(`--difficulty: expected a policy of coinrun, got one of ${own.name}`);
  }
  const environment: EnvironmentSpec = difficulty ? { ...own, config: { ...own.config, difficulty } } : own;
  const { shape } = createFromSpec(environment).observationSpace;
  const expected = stored.policy.network.observationShape;
  if (shape.some((axis, i) => axis !== expected[i])) {
    throw new InputError(
      `${name}: expected a policy that sees [${shape.join(', ')}], got one for [${expected.join(', ')}]`,
    );
  }
  await mkdir(out, { recursive: true });
  const { engine } = await openEngine('cpu', { threads });
  const { compile } = engine;
  const analysis: Analysis = {
    stored,
    environment,
    compile,
    origin: { command, policy: stored.name, 'policy hash': stored.hash, seed, version },
    async withProgress(label, task) {
      const progress = output.progress({ label, total: 100, unit: '%' });
      try {
        return await task(breathing((done) => progress.update(Math.round(1000 * done) / 10)));
      } finally {
        progress.finish();
      }
    },
    async collect(frames, every, { levelSeeds = Array.from({ length: 4 * frames }, (_, i) => i), keepStates } = {}) {
      const { network, parameters } = stored.policy;
      const actor = await createActor(network, parameters, actingBatch, compile);
      const parts = frames < lanes || levelSeeds.length < groups ? 1 : groups;
      const done = new Array<number>(parts).fill(0);
      try {
        return await analysis.withProgress('collecting frames', async (progress) => {
          const group = (index: number): Promise<FrameSet> =>
            collectFrames({
              environments: Array.from({ length: lanes / parts }, () => createFromSpec(environment)),
              player: packedPlayer(actor, network),
              levelSeeds: levelSeeds.filter((_, i) => i % parts === index),
              frames: Math.floor((frames + index) / parts),
              every,
              seed,
              keepStates,
              onProgress: (count) => {
                done[index] = count;
                progress(done.reduce((sum, some) => sum + some, 0) / frames);
              },
              cancellation: signal,
            });
          return joinFrames(await Promise.all(Array.from({ length: parts }, (_, index) => group(index))));
        });
      } finally {
        actor.dispose();
      }
    },
    async write(file, content) {
      await writeAtomically(join(out, file), content);
    },
    finish: (file, report, data) => writeReport(out, file, report, data, output),
    dispose: () => engine.dispose(),
  };
  return analysis;
}

/** Milliseconds that a computation may keep the thread before Ctrl+C and timers have their turn. */
const longestBreath = 100;

/** Long computations await what their progress returns: now and then, a turn of the event loop. */
function breathing(update: (done: number) => void): (done: number) => unknown {
  let last = performance.now();
  return (done) => {
    update(done);
    if (performance.now() - last < longestBreath) return undefined;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        last = performance.now();
        resolve();
      });
    });
  };
}

/** Writes `<file>.html` and `<file>.json` into the folder, says where, and prints the summary. */
export async function writeReport(
  folder: string,
  file: string,
  report: Report,
  data: unknown,
  output: CommandContext['output'],
): Promise<void> {
  await writeAtomically(join(folder, `${file}.html`), reportHtml(report, pngOf));
  const document = { title: report.title, summary: report.summary, origin: report.origin, ...(data as object) };
  const json = oneLineLists(JSON.stringify(document, plainNumbers, 1));
  await writeAtomically(join(folder, `${file}.json`), `${json}\n`);
  output.print(report.summary);
  output.print(`report: ${join(folder, `${file}.html`)}, data: ${join(folder, `${file}.json`)}`);
  output.result(JSON.parse(json));
}

/** Digits that are kept: more than a float has, fewer than a double spells out. */
const digits = 8;

/** Lists of numbers or words on one line each. */
const oneLineLists = (json: string): string =>
  json.replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_list, inside: string) => `[${inside.replace(/\s*\n\s*/g, ' ')}]`);

/** Typed arrays as lists, numbers with as many digits as they are worth; those that JSON lacks as null. */
function plainNumbers(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value)) {
    return Number(value.toPrecision(digits));
  }
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value;
}

/** A dictionary from a file that `saccade dictionary` wrote, or one fitted on `frames` now. */
export async function dictionaryFor(
  analysis: Analysis,
  open: OpenLayer,
  request: {
    readonly file?: string;
    readonly factors: number;
    readonly frames: FrameSet;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<{ dictionary: Dictionary; names: readonly string[] }> {
  const { file, factors, frames, seed, signal } = request;
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch(() => {
      throw new InputError(`--dictionary: expected a file, got ${file}`);
    });
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      throw new InputError(`--dictionary: expected JSON, got something else in ${file}`);
    }
    const found = dictionaryFrom(document, analysis.stored.hash);
    if (found.dictionary.layer !== open.layer) {
      throw new InputError(`--dictionary: expected one of layer ${open.layer}, got ${found.dictionary.layer}`);
    }
    return found;
  }
  const dictionary = await analysis.withProgress(`fitting ${factors} factors`, (progress) =>
    fitDictionary(open, frames.observations, { factors, seed, maximumRows: 100_000, cancellation: signal, progress }),
  );
  return { dictionary, names: Array.from({ length: factors }, (_, i) => `factor ${i}`) };
}
