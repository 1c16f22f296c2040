/** Disks without room, and files that are not what they should be: one line each, and nothing is written over. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, run } from './commandLine.ts';

/** Linux's device on which every write finds the disk full. */
const full = '/dev/full';
let folder = '';
const at = (...names: string[]): string => join(folder, ...names);
const flags = [
  ...['--environment', 'corridor', '--total-timesteps', '256', '--device', 'cpu', '--threads', '1'],
  ...['--set', 'rolloutSteps=16', 'environments=8', 'minibatches=2'],
  ...['--evaluate-every', '100000', '--evaluate-levels', '5'],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-full-'));
  const { code, stderr } = await run('train', '--run', at('whole'), ...flags);
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A run of its own; `edit` spoils it. Its files are the same bytes after the refusal. */
async function expectRefused(name: string, edit: (run: string) => Promise<void>, message: RegExp): Promise<void> {
  const copy = at(name);
  await cp(at('whole'), copy, { recursive: true });
  await edit(copy);
  const kept = ['checkpoint.safetensors', 'policy.safetensors', 'curve.jsonl'];
  const before = await Promise.all(kept.map((file) => readFile(join(copy, file))));
  const { code, stderr } = await run('train', '--run', copy, '--resume', '--device', 'cpu', '--threads', '1');
  expect(code, stderr).toBe(2);
  // The run may have said before what it computes on.
  const lines = stderr.trim().split('\n');
  expect(lines.filter((line) => !/^(going on with|training) /.test(line))).toEqual([lines.at(-1)]);
  expect(lines.at(-1)).toMatch(message);
  expect(await Promise.all(kept.map((file) => readFile(join(copy, file))))).toEqual(before);
  expect((await readdir(copy)).filter((file) => file.endsWith('.new'))).toEqual([]);
}

describe.skipIf(!existsSync(full))('a full disk', () => {
  // A file is written beside its place first, under a name that holds this process's number.
  const fill = (path: string): Promise<void> => symlink(full, `${path}.${process.pid}.new`);

  it('at a checkpoint leaves the last one and says so', async () => {
    await expectRefused(
      'checkpoint',
      (copy) => fill(join(copy, 'checkpoint.safetensors')),
      /checkpoint\.safetensors: expected room for \d+ bytes, got a full disk; nothing was overwritten$/,
    );
  });

  it('at a policy leaves the last one and says so', async () => {
    await expectRefused('policy', (copy) => fill(join(copy, 'policy.safetensors')), /policy\.safetensors: .*full disk/);
  });

  it('at the log of a run that begins stops it with what was written', async () => {
    const begun = at('log');
    const { code } = await run('train', '--run', begun, ...flags, '--total-timesteps', '128');
    expect(code).toBe(0);
    const config = JSON.parse(await readFile(join(begun, 'config.json'), 'utf8')) as { ppo: { totalSteps: number } };
    config.ppo.totalSteps = 256;
    await writeFile(join(begun, 'config.json'), JSON.stringify(config));
    // A log of a device: reading finds zeros, which are no lines, and appending finds no room.
    const before = await readFile(join(begun, 'checkpoint.safetensors'));
    await rm(join(begun, 'evaluations.jsonl'), { force: true });
    await fill(join(begun, 'curve.jsonl'));
    expect(await refusal('train', '--run', begun, '--resume', '--device', 'cpu', '--threads', '1')).toMatch(
      /curve\.jsonl: expected room for \d+ bytes, got a full disk/,
    );
    expect(await readFile(join(begun, 'checkpoint.safetensors'))).toEqual(before);
    expect(await readFile(join(begun, 'curve.jsonl'), 'utf8')).toContain('"steps":128');
  });

  it('at an export leaves the file that was there', async () => {
    await writeFile(at('policy.onnx'), 'kept');
    await fill(at('policy.onnx'));
    const words = ['--policy', at('whole', 'policy.safetensors'), '--onnx', at('policy.onnx'), '--frames', '2'];
    expect(await refusal('export', ...words)).toMatch(/policy\.onnx: .*got a full disk; nothing was overwritten$/);
    expect(await readFile(at('policy.onnx'), 'utf8')).toBe('kept');
  });
});

describe('a run that is damaged', () => {
  const checkpoint = async (copy: string, edit: (bytes: Buffer) => Uint8Array): Promise<void> => {
    const path = join(copy, 'checkpoint.safetensors');
    await writeFile(path, edit(await readFile(path)));
  };
  const swap = (from: string, to: string) => (bytes: Buffer) => {
    const text = bytes.toString('latin1');
    expect(text).toContain(from);
    return Buffer.from(text.replace(from, to), 'latin1');
  };

  it.each<[string, (copy: string) => Promise<void>, RegExp]>([
    [
      'a policy in the place of its checkpoint',
      (copy) => cp(join(copy, 'policy.safetensors'), join(copy, 'checkpoint.safetensors')),
      /checkpoint: expected the state of a training run, got another safetensors file$/,
    ],
    [
      'text in the place of its checkpoint',
      (copy) => writeFile(join(copy, 'checkpoint.safetensors'), 'no checkpoint, but longer than a header'),
      /checkpoint: expected a safetensors file, got something else/,
    ],
    [
      'a checkpoint whose state is no JSON',
      (copy) => checkpoint(copy, swap('{\\"version\\":1', '[\\"version\\":1')),
      /checkpoint: expected the state of a training run as JSON, but it is damaged$/,
    ],
    [
      'a checkpoint of a later version',
      (copy) => checkpoint(copy, swap('{\\"version\\":1', '{\\"version\\":7')),
      /checkpoint: expected version 1, got 7$/,
    ],
    [
      'a checkpoint without its random stream',
      (copy) => checkpoint(copy, swap('actionStream', 'actionStreak')),
      /checkpoint: expected actionStream of a training run, but it is damaged$/,
    ],
    [
      'a checkpoint of another world',
      (copy) => checkpoint(copy, swap('\\"environment\\":\\"corridor', '\\"environment\\":\\"corridos')),
      /corridor\.setState: expected a state of corridor, got corridos$/,
    ],
    [
      'a config that is no JSON',
      (copy) => writeFile(join(copy, 'config.json'), '{"environment":'),
      /config\.json: expected JSON, got something else$/,
    ],
  ])('%s', async (name, edit, message) => {
    await expectRefused(name.replaceAll(' ', '-'), edit, message);
  });
});
