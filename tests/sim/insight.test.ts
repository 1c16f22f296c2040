import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { buildNetwork, encodePolicy, initialiseParameters } from '@saccade/nn';
import { saccade } from '../support/saccade.ts';

let folder: string;
let policy: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-insight-'));
  policy = join(folder, 'untrained.safetensors');
  const { names } = createCoinRun().actionSpace;
  const network = buildNetwork('compact', [64, 64, 3], names.length);
  const parameters = initialiseParameters(network, createStream(1, 'test'));
  const environment = { name: 'coinrun', config: { difficulty: 'easy', timeLimit: 30 } };
  await writeFile(policy, encodePolicy({ network, parameters, actions: names, training: { environment } }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readJson = async (...path: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, ...path), 'utf8')) as Record<string, unknown>;

describe('the analysis commands', () => {
  it('say what is wrong in one line', async () => {
    const out = join(folder, 'wrong');
    const frames = ['--frames', '40', '--every', '2', '--out', out];
    const cases: [string[], RegExp][] = [
      [
        ['dictionary', '--policy', policy, ...frames, '--factors', '40'],
        /expected 1 to 32 factors \(channels of 2b\), got 40/,
      ],
      [['dictionary', '--policy', policy, '--frames', '8', '--every', '2', '--out', out], /expected 16 frames or more/],
      [['dictionary', '--policy', policy, ...frames, '--layer', '9z'], /expected one of input, 1a.*got 9z/],
      [['study', 'people', '--out', out], /expected levels, got people/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await saccade(...args);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
    }
  }, 240_000);

  it('blind: what was played is not played again, and a resumed run finds the same', async () => {
    const out = join(folder, 'blind');
    const small = [
      '--frames',
      '40',
      '--every',
      '2',
      '--factors',
      '3',
      '--levels',
      '10',
      '--controls',
      '1',
      '--single-hazard',
      '0',
    ];
    const args = [
      'blind',
      '--policy',
      policy,
      ...small,
      '--factor',
      '1',
      '--hazard',
      'saw',
      '--no-others',
      '--out',
      out,
    ];
    const first = await saccade(...args);
    expect(first.stderr).not.toMatch(/fault/);
    expect(first.code).toBe(0);
    const found = await readJson('blind', 'blind.json');
    const page = await readFile(join(out, 'blind.html'), 'utf8');
    expect(page).toContain('Failures by cause');
    expect(page).not.toMatch(/<script|src="http/);

    const arm = join(out, 'arms', 'original.jsonl');
    const played = await readFile(arm, 'utf8');
    await writeFile(arm, played.slice(0, played.length - 40));
    const again = await saccade(...args);
    expect(again.stderr).toMatch(/--resume goes on/);
    const resumed = await saccade(...args, '--resume');
    expect(resumed.code).toBe(0);
    expect(await readJson('blind', 'blind.json')).toEqual(found);
    const other = await saccade(...args, '--resume', '--strength', '0.5');
    expect(other.stderr).toMatch(/expected the folder of this experiment/);
  }, 480_000);
});
