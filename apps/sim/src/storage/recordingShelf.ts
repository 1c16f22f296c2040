/**
 * The recordings that a server lists and opens. They are known by ids alone, which are looked up and never joined to a
 * path: those in its folder, those that the command line named, and those that a page brought, which stay in memory.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError } from '@saccade/core';
import { encodeEvents, encodeSteps, infoOf, parseManifest, recordingIdSchema } from '@saccade/protocol';
import type { Recording, RecordingInfo } from '@saccade/protocol';
import { root } from '../installation.ts';
import { parseRecording, readRecording, writeRecording } from './recordings.ts';
import type { RecordingFiles } from './recordings.ts';

export interface ShelfLimits {
  /** Recordings listed, the newest ones; with as many in the folder no more are written. */
  readonly listed: number;
  /** Recordings of pages that are kept; the oldest goes first. */
  readonly brought: number;
  /** Steps of one. */
  readonly steps: number;
}

export const defaultShelfLimits: ShelfLimits = { listed: 200, brought: 12, steps: 4000 };

export const recordingFileNames = ['manifest.json', 'steps.parquet', 'events.jsonl'] as const;
export type RecordingFileName = (typeof recordingFileNames)[number];

/** Where the page's recordings are written unless told otherwise. */
export const recordingsFolder = join(root, 'runs', 'recordings');

const largestManifest = 1_000_000;

/** Letters, digits, dots and dashes of a name, so that it can stand in an address. */
function idFrom(name: string): string {
  return (
    name
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[^\w]+/, '')
      .slice(0, 80) || 'recording'
  );
}

export class RecordingShelf {
  /** Folders that the command line named, by id. */
  private readonly named = new Map<string, string>();
  private readonly brought = new Map<string, Recording>();

  /** @param folder of recordings; it need not be there until one is kept */
  constructor(
    readonly folder: string = recordingsFolder,
    private readonly limits: ShelfLimits = defaultShelfLimits,
  ) {}

  /** Lists a folder of the command line beside the others. @returns its id. @throws InputError when it is none */
  async add(folder: string): Promise<string> {
    const path = resolve(folder);
    const recording = await readRecording(path);
    this.expectShort(recording);
    const id = await this.freeId(idFrom(basename(path)));
    this.named.set(id, path);
    return id;
  }

  /** The newest first. What cannot be read is left out: it is no recording. */
  async list(): Promise<RecordingInfo[]> {
    const { listed } = this.limits;
    const folders = new Map([...(await this.folders()), ...this.named]);
    const infos = await Promise.all([...folders].map(([id, path]) => describe(id, path)));
    const kept = infos.filter((info) => info !== null).sort((a, b) => ((a.saved ?? '') < (b.saved ?? '') ? 1 : -1));
    const brought = [...this.brought].map(([id, { manifest }]) => infoOf(id, manifest, null)).reverse();
    return [...brought, ...kept].slice(0, listed);
  }

  /** @throws InputError when there is none of that id, or it is damaged */
  async read(id: string): Promise<{ readonly recording: Recording; readonly info: RecordingInfo }> {
    const brought = this.brought.get(id);
    if (brought) return { recording: brought, info: infoOf(id, brought.manifest, null) };
    const path = await this.pathOf(id);
    const recording = await readRecording(path);
    this.expectShort(recording);
    return { recording, info: infoOf(id, recording.manifest, await savedAt(path)) };
  }

  /** One of its files, to be taken away. @throws InputError when there is none of that id */
  async file(id: string, name: RecordingFileName): Promise<Uint8Array | string> {
    const brought = this.brought.get(id);
    if (!brought) return readFile(join(await this.pathOf(id), name));
    const { manifest, steps, events } = brought;
    if (name === 'steps.parquet') return encodeSteps(steps, manifest.actions);
    return name === 'events.jsonl' ? encodeEvents(events) : `${JSON.stringify(manifest, null, 2)}\n`;
  }

  /** Writes one into the folder. @throws InputError when the folder is full or the disk is */
  async keep(recording: Recording, now: Date): Promise<RecordingInfo> {
    const { listed } = this.limits;
    if ((await this.folders()).size >= listed) {
      throw new InputError(`record: expected less than ${listed} recordings in ${this.folder}, got as many`);
    }
    const time = now.toISOString().replace(/[-:]|\..*/g, '');
    const id = await this.freeId(`level-${recording.manifest.levelSeed}-${time}`);
    await writeRecording(join(this.folder, id), recording);
    return infoOf(id, recording.manifest, now.toISOString());
  }

  /** Takes in what a page brought, for as long as the server runs. @throws InputError when it is no recording */
  async bring(files: RecordingFiles): Promise<RecordingInfo> {
    const recording = await parseRecording(files);
    this.expectShort(recording);
    const id = `brought-${randomBytes(6).toString('hex')}`;
    this.brought.set(id, recording);
    for (const oldest of this.brought.keys()) {
      if (this.brought.size <= this.limits.brought) break;
      this.brought.delete(oldest);
    }
    return infoOf(id, recording.manifest, null);
  }

  private expectShort({ manifest }: Recording): void {
    const { steps } = this.limits;
    if (manifest.steps > steps) {
      throw new InputError(`recording: expected at most ${steps} steps to show, got ${manifest.steps}`);
    }
  }

  private async folders(): Promise<Map<string, string>> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch(() => []);
    const found = entries.filter((entry) => entry.isDirectory() && recordingIdSchema.safeParse(entry.name).success);
    return new Map(found.map(({ name }) => [name, join(this.folder, name)]));
  }

  private async pathOf(id: string): Promise<string> {
    const path = this.named.get(id) ?? (await this.folders()).get(id);
    if (path === undefined) throw new InputError(`recording: expected one that is listed, got ${id}`);
    return path;
  }

  private async freeId(wanted: string): Promise<string> {
    const folders = await this.folders();
    const taken = (id: string): boolean => folders.has(id) || this.named.has(id) || this.brought.has(id);
    let id = wanted;
    for (let n = 2; taken(id); n++) id = `${wanted}-${n}`;
    return id;
  }
}

async function savedAt(path: string): Promise<string | null> {
  const found = await stat(join(path, 'manifest.json')).catch(() => undefined);
  return found?.mtime.toISOString() ?? null;
}

async function describe(id: string, path: string): Promise<RecordingInfo | null> {
  const file = join(path, 'manifest.json');
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > largestManifest) return null;
  try {
    return infoOf(id, parseManifest(await readFile(file, 'utf8')), found.mtime.toISOString());
  } catch {
    return null;
  }
}
