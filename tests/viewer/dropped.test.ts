/** What comes out of a drop: entries in batches, as a browser hands them out. */
import { describe, expect, it } from 'vitest';
import { droppedFiles } from '../../apps/viewer/src/session/dropped.ts';

interface Fake {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
}

const file = (name: string) => ({
  isFile: true,
  isDirectory: false,
  file: (resolve: (file: File) => void) => resolve(new File(['x'], name)),
});

/** A folder whose reader hands out `batch` entries at a time, then none, and counts how often it was asked. */
function folder(inside: readonly Fake[], batch = 2) {
  const asked = { times: 0 };
  const createReader = () => {
    let at = 0;
    return {
      readEntries(resolve: (entries: Fake[]) => void) {
        asked.times++;
        resolve(inside.slice(at, (at += batch)));
      },
    };
  };
  return { isFile: false, isDirectory: true, createReader, asked };
}

function transfer(entries: readonly Fake[], files: readonly File[] = []): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  return { items, files } as unknown as DataTransfer;
}

const namesOf = async (dropped: DataTransfer) => (await droppedFiles(dropped)).map(({ name }) => name);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => file(`${i}.json`));

describe('dropped files', () => {
  it('of a folder are all there, though its reader hands them out in batches', async () => {
    const recording = ['events.jsonl', 'manifest.json', 'steps.parquet'];
    expect(await namesOf(transfer([folder(recording.map(file), 1)]))).toEqual(recording);
  });

  it('of a policy and its declaration come together', async () => {
    expect(await namesOf(transfer([file('agent.onnx'), file('agent.json')]))).toEqual(['agent.onnx', 'agent.json']);
  });

  it('of folders inside a folder are left alone', async () => {
    expect(await namesOf(transfer([folder([folder([file('deep.json')]), file('here.json')])]))).toEqual(['here.json']);
  });

  it('are at most 32, of one folder or of several', async () => {
    expect(await namesOf(transfer([folder(numbered(50))]))).toHaveLength(32);
    expect(await namesOf(transfer([folder(numbered(20)), folder(numbered(20))]))).toHaveLength(32);
  });

  it('of a folder without an end are looked for among its first thousand entries', async () => {
    const endless = folder(
      Array.from({ length: 5000 }, () => folder([])),
      100,
    );
    expect(await namesOf(transfer([endless]))).toEqual([]);
    expect(endless.asked.times).toBe(11);
  });

  it('are taken as they are where a browser knows no entries', async () => {
    expect(await namesOf(transfer([], [new File([''], 'agent.onnx')]))).toEqual(['agent.onnx']);
  });

  it('that cannot be read say so', async () => {
    const broken = {
      ...file('a.json'),
      file: (_: unknown, reject: (error: Error) => void) => reject(new Error('gone')),
    };
    await expect(droppedFiles(transfer([broken]))).rejects.toThrow('gone');
  });
});
