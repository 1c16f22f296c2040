import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { countText, createProgress, durationText, progressLine } from '../../apps/sim/src/commands/shell/progress.ts';
import { bundle } from '../../apps/sim/bin/bundle.js';
import { saccade } from '../support/saccade.ts';
import { refusal, run } from './commandLine.ts';

const names = ['view', 'attribute', 'export', 'record', 'validate', 'train', 'eval', 'doctor'];

describe('the command line', () => {
  it('describes itself and every command, with --seed and --json', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of names) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      const help = await run(name, '--help');
      expect(help.code).toBe(0);
      expect(help.stdout).toContain('--seed <n>');
      expect(help.stdout).toContain('--json');
    }
  });

  it('is the same as a program: its words and its exit codes', async () => {
    const version = await saccade('--version');
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong = await saccade('view', '--policy', '/nowhere/at/all');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^saccade view: policy: expected .*got \/nowhere\/at\/all\n$/);
  });

  it('answers --help without importing an engine, a server, a bundler or a schema library', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saccade-help-'));
    try {
      const main = pathToFileURL(join(await bundle(), 'main.js')).href;
      // V8's coverage names every script that was loaded: what is slow is what is imported.
      const env = { ...process.env, NODE_V8_COVERAGE: folder };
      const all = `const { main } = await import('${main}'); for (const name of ${JSON.stringify(names)}) await main([name, '--help'])`;
      await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', all], { env });
      const reports = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
      expect(reports).toHaveLength(1);
      const packages = new Set(reports.flatMap((text) => text.match(/node_modules\/(@[\w.-]+\/)?[\w.-]+/g) ?? []));
      expect([...packages].sort()).toEqual(['node_modules/commander', 'node_modules/seedrandom']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('describes itself in a fresh clone before the rest of it is built', async () => {
    const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
    await mkdir(dist, { recursive: true });
    const output = await mkdtemp(join(dist, 'help-test-'));
    try {
      const folder = await bundle({ forHelp: true, output });
      expect(await readdir(output)).toEqual([expect.stringMatching(/^[0-9a-f]{16}-help$/)]);
      expect(await readdir(folder)).not.toContain('workers');
      const main = pathToFileURL(join(folder, 'main.js')).href;
      const code = `const { main } = await import('${main}'); await main(['train', '--help'])`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
      expect(stdout).toContain('Usage: saccade train');
    } finally {
      await rm(output, { recursive: true });
    }
  });

  it('refuses what it does not know with exit code 2 and one line', async () => {
    for (const args of [['fly'], ['doctor', 'extra'], ['view', '--port'], ['--nonsense']]) {
      expect(await refusal(...args)).toMatch(/^saccade[^\n]*: [^\n]*--help` lists what there is$/);
    }
  });

  it('doctor says what it found, as JSON for machines', async () => {
    const { stdout } = await saccade('doctor', '--json');
    const report = JSON.parse(stdout) as { engine: string; checks: { name: string; state: string; fix?: string }[] };
    expect(report.engine).toContain('ONNX Runtime');
    const byName = Object.fromEntries(report.checks.map((check) => [check.name, check]));
    expect(byName['Node.js']).toMatchObject({ state: 'good' });
    expect(byName['ONNX Runtime (CPU)']).toMatchObject({ state: 'good' });
    for (const { state, fix } of report.checks) if (state !== 'good') expect(fix).toBeTruthy();
  });
});

describe('progress', () => {
  it('says done, rate and time left', () => {
    const task = { label: 'training', total: 1_000_000, unit: 'steps' };
    expect(progressLine(task, 250_000, 500, 'return 4.2')).toBe(
      'training 250.0k/1.00M steps (25%) | 500 steps/s | 25 min 00 s left | return 4.2',
    );
    expect(progressLine({ label: 'playing', unit: 'steps' }, 12, undefined)).toBe('playing 12 steps');
    expect([durationText(4.4), durationText(61), durationText(7500)]).toEqual(['4 s', '1 min 01 s', '2 h 05 min']);
    expect([countText(0.5), countText(9500), countText(12_400)]).toEqual(['0.5', '9500', '12.4k']);
  });

  function recorded(isTTY: boolean) {
    let time = 0;
    let written = '';
    const stream = { isTTY, columns: 80, write: (text: string) => (written += text) };
    const progress = createProgress(stream, { label: 'training', total: 100, unit: 'steps' }, () => time);
    return { progress, at: (now: number) => (time = now), read: () => written };
  }

  it('is redrawn in place on a terminal, ten times a second at most', () => {
    const { progress, at, read } = recorded(true);
    for (let step = 1; step <= 100; step++) {
      at(step * 10);
      progress.update(step);
    }
    progress.finish();
    const drawn = read().split('\r').length - 1;
    expect(drawn).toBeGreaterThan(5);
    expect(drawn).toBeLessThanOrEqual(12);
    expect(read()).toContain('training 100/100 steps (100%) | 100 steps/s');
    expect(read().endsWith('\n')).toBe(true);
    expect(read().match(/\n/g)).toHaveLength(1);
  });

  it('is plain lines elsewhere, every few seconds, the last one included', () => {
    const { progress, at, read } = recorded(false);
    for (let step = 1; step <= 100; step++) {
      at(step * 200);
      progress.update(step);
      if (step === 50) progress.log('half of it');
    }
    progress.finish();
    const lines = read().trimEnd().split('\n');
    expect(lines.length).toBeLessThan(10);
    expect(lines).toContain('half of it');
    expect(lines.at(-1)).toBe('training 100/100 steps (100%) | 5 steps/s');
    expect(read()).not.toMatch(/\r|\x1b/);
  });

  it('counts what a resumed run did before as done, not as speed', () => {
    let written = '';
    let time = 0;
    const task = { label: 'training', total: 1000, unit: 'steps', start: 900 };
    const progress = createProgress({ write: (text) => (written += text) }, task, () => time);
    time = 1000;
    progress.update(910);
    expect(written).toContain('910/1000 steps (91%) | 10 steps/s | 9 s left');
  });
});
