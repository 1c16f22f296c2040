/**
 * A training run on disk:
 * `config.json` what was asked for, resolved; `checkpoint.safetensors` everything an exact resume needs;
 * `policy.safetensors` and `best.safetensors` the last and the best policy; `curve.jsonl` a line an update;
 * `evaluations.jsonl` a line an evaluation on held-out levels; `checkpoints/<steps>.safetensors` policies on the way.
 */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@saccade/core';
import { appendTo, writeAtomically } from './atomicWrite.ts';

export type RunLog = 'curve' | 'evaluations';

export interface RunFolder {
  readonly path: string;
  config(): Promise<unknown>;
  checkpoint(): Promise<Uint8Array | null>;
  saveConfig(config: unknown): Promise<void>;
  saveCheckpoint(bytes: Uint8Array): Promise<void>;
  savePolicy(which: 'policy' | 'best', bytes: Uint8Array): Promise<void>;
  /** A policy on the way, `checkpoints/<steps>.safetensors`. */
  keepPolicy(steps: number, bytes: Uint8Array): Promise<void>;
  /** Appends one line of JSON; `entry.steps` is the environment steps it belongs to. */
  append(log: RunLog, entry: { readonly steps: number } & Record<string, unknown>): Promise<void>;
  entries(log: RunLog): Promise<Record<string, unknown>[]>;
  /** Drops the lines beyond `steps`: a run that was killed had gone further than its checkpoint. */
  rewind(steps: number): Promise<void>;
}

const read = async (path: string): Promise<Uint8Array | null> => {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** Lines of JSON; a last line that a crash cut short is dropped. */
function parseLines(text: string): { readonly steps: number; readonly line: string }[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [{ steps: (JSON.parse(line) as { steps: number }).steps, line }];
    } catch {
      return [];
    }
  });
}

/** @param path created when it does not exist */
export async function openRunFolder(path: string): Promise<RunFolder> {
  await mkdir(path, { recursive: true });
  const file = (name: string): string => join(path, name);
  const logFile = (log: RunLog): string => file(`${log}.jsonl`);
  const text = async (log: RunLog): Promise<string> => {
    const bytes = await read(logFile(log));
    return bytes ? new TextDecoder().decode(bytes) : '';
  };
  return {
    path,
    async config() {
      const bytes = await read(file('config.json'));
      if (!bytes) throw new InputError(`${path}: expected a training run, got a folder without config.json`);
      try {
        return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
      } catch {
        throw new InputError(`${file('config.json')}: expected JSON, got something else`);
      }
    },
    checkpoint: () => read(file('checkpoint.safetensors')),
    saveConfig: (config) => writeAtomically(file('config.json'), `${JSON.stringify(config, null, 2)}\n`),
    saveCheckpoint: (bytes) => writeAtomically(file('checkpoint.safetensors'), bytes),
    savePolicy: (which, bytes) => writeAtomically(file(`${which}.safetensors`), bytes),
    async keepPolicy(steps, bytes) {
      await mkdir(file('checkpoints'), { recursive: true });
      await writeAtomically(join(file('checkpoints'), `${steps}.safetensors`), bytes);
    },
    append: (log, entry) => appendTo(logFile(log), `${JSON.stringify(entry)}\n`),
    async entries(log) {
      return parseLines(await text(log)).map(({ line }) => JSON.parse(line) as Record<string, unknown>);
    },
    async rewind(steps) {
      for (const log of ['curve', 'evaluations'] as const) {
        if (!(await stat(logFile(log)).catch(() => null))) continue;
        const kept = parseLines(await text(log)).filter((entry) => entry.steps <= steps);
        await writeAtomically(logFile(log), kept.map(({ line }) => `${line}\n`).join(''));
      }
    },
  };
}
