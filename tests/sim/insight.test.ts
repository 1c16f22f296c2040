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
/** Of observations that no environment makes. */
let small: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-insight-'));
  policy = join(folder, 'untrained.safetensors');
  const { names } = createCoinRun().actionSpace;
  const network = buildNetwork('compact', [64, 64, 3], names.length);
  const parameters = initialiseParameters(network, createStream(1, 'test'));
  const environment = { name: 'coinrun', config: { difficulty: 'easy', timeLimit: 30 } };
  await writeFile(policy, encodePolicy({ network, parameters, actions: names, training: { environment } }));
  small = join(folder, 'small.safetensors');
  const tiny = buildNetwork('compact', [32, 32, 3], names.length);
  const tinyParameters = initialiseParameters(tiny, createStream(1, 'test'));
  const document = { network: tiny, parameters: tinyParameters, actions: names, training: { environment } };
  await writeFile(small, encodePolicy(document));
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
      [
        ['episode', '--policy', small, '--out', out],
        /expected a policy that sees \[64, 64, 3\], got one for \[32, 32, 3\]/,
      ],
      [['edit', '--policy', policy, ...frames, '--do', 'melt'], /--do: expected zero, mean.*got melt/],
      [['frame', '--policy', policy, ...frames, '--step', '9999'], /--step: expected 0 to \d+ in level 7, got 9999/],
      [
        ['study', 'levels', '--steps', '100', '--take', policy, '--out', out],
        /--take: expected a policy that says its levels and steps/,
      ],
      [['study', 'levels', '--set', 'speed=9', '--out', out], /--set: expected name=value/],
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

  it('frame and edit: a page each, with every part', async () => {
    const frames = ['--frames', '40', '--every', '2', '--factors', '3'];
    const frame = await saccade('frame', '--policy', policy, ...frames, '--step', '1', '--out', join(folder, 'frame'));
    expect(frame.stderr).not.toMatch(/fault|Error/);
    expect(frame.code).toBe(0);
    const read = await readJson('frame', 'frame.json');
    const sum = (values: unknown): number => (values as number[]).reduce((total, value) => total + value, 0);
    const channels = read['channels'] as Record<string, number[]>;
    // Factors and what none holds are the attribution, channel by channel and all together.
    expect(sum(read['positive']) + sum(read['negative']) + Number(read['residual'])).toBeCloseTo(
      sum(channels['positive']) + sum(channels['negative']),
      4,
    );
    const page = await readFile(join(folder, 'frame', 'frame.html'), 'utf8');
    for (const title of ['By factor', 'By channel and by cell', 'From 2b to 3a']) expect(page).toContain(title);

    const edits = ['--do', 'zero', 'steer:1', 'project:1', '--factor', '0', '--hide', 'saw', '--play', '1'];
    const edit = await saccade(
      'edit',
      '--policy',
      policy,
      ...frames,
      ...edits,
      '--levels',
      '4',
      '--out',
      join(folder, 'edit'),
    );
    expect(edit.stderr).not.toMatch(/fault|Error/);
    expect(edit.code).toBe(0);
    const found = await readJson('edit', 'edit.json');
    expect((found['looked'] as unknown[]).length).toBe(3);
    expect((found['played'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'zero factor 0',
      'steer:1 factor 0',
      'project:1 factor 0',
      'saw hidden',
    ]);
  }, 480_000);
});
