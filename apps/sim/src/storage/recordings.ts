/** Recordings on disk: a folder with manifest.json, steps.parquet and events.jsonl; docs/recordings.md describes it. */
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@saccade/core';
import { decodeEvents, decodeSteps, encodeEvents, encodeSteps, parseManifest } from '@saccade/protocol';
import type { Recording } from '@saccade/protocol';
import { writeAtomically } from './atomicWrite.ts';

/** Larger files are refused before they are read: a thousand steps take 60 kB. */
const largestFile = 256 * 2 ** 20;

/** @throws InputError when something is there already: a recording is never written over */
export async function expectNewRecording(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) {
    throw new InputError(`--out: expected a new folder, got ${folder}, which is there already`);
  }
}

/** Writes the folder as a whole: it is there complete, or not at all. @throws InputError when it is there already */
export async function writeRecording(folder: string, { manifest, steps, events }: Recording): Promise<void> {
  await expectNewRecording(folder);
  const fresh = `${folder}.${process.pid}.new`;
  try {
    await mkdir(fresh, { recursive: true });
    await writeAtomically(join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await writeAtomically(join(fresh, 'steps.parquet'), encodeSteps(steps, manifest.actions));
    await writeAtomically(join(fresh, 'events.jsonl'), encodeEvents(events));
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function read(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new InputError(`${path}: expected a file of a recording, got none`);
  if (found.size > largestFile) {
    throw new InputError(`${path}: expected at most ${largestFile} bytes, got ${found.size}`);
  }
  return new Uint8Array(await readFile(path));
}

/** The three files as they are, by name. */
export interface RecordingFiles {
  readonly manifest: string;
  /** Parquet. */
  readonly steps: Uint8Array;
  readonly events: string;
}

/**
 * @param at what to call a file in errors
 * @throws InputError when a file is damaged, of a later version, or does not fit the others
 */
export async function parseRecording(
  files: RecordingFiles,
  at: (name: string) => string = (name) => name,
): Promise<Recording> {
  const manifest = parseManifest(files.manifest, at('manifest.json'));
  const steps = await decodeSteps(files.steps, manifest.actions, at('steps.parquet'));
  const events = decodeEvents(files.events, at('events.jsonl'));
  if (steps.length !== manifest.steps) {
    throw new InputError(`${at('steps.parquet')}: expected ${manifest.steps} steps, got ${steps.length}`);
  }
  return { manifest, steps, events };
}

/** @throws InputError when a file is missing, damaged, of a later version, or does not fit the others */
export async function readRecording(folder: string): Promise<Recording> {
  const at = (name: string): string => join(folder, name);
  const text = async (name: string): Promise<string> => new TextDecoder().decode(await read(at(name)));
  const manifest = await text('manifest.json');
  return parseRecording({ manifest, steps: await read(at('steps.parquet')), events: await text('events.jsonl') }, at);
}
