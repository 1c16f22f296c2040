import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { countText, createProgress, durationText, progressLine } from '../../apps/sim/src/commands/shell/progress.ts';
import { binary, saccade, startSaccade } from '../support/saccade.ts';

const names = ['view', 'attribute', 'train', 'eval', 'doctor'];

// Each starts the program several times: on a busy machine that takes its time.
describe('the command line', { timeout: 300_000 }, () => {
  it('describes itself and every command, with --seed and --json', async () => {
    const { code, stdout, stderr } = await saccade('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of names) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      const help = await saccade(name, '--help');
      expect(help.code).toBe(0);
      expect(help.stdout).toContain('--seed <n>');
      expect(help.stdout).toContain('--json');
    }
    expect((await saccade('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('answers --help without importing an engine, a server, a bundler or a schema library', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saccade-help-'));
    try {
      for (const name of names) {
        // Brings the bundle up to date, should a source have changed a moment ago.
        await saccade('--version');
        // V8's coverage names every script that was loaded: what is slow is what is imported.
        const env = { ...process.env, NODE_V8_COVERAGE: folder };
        await promisify(execFile)(process.execPath, [binary, name, '--help'], { env });
      }
      const reports = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
      expect(reports).toHaveLength(names.length);
      const packages = new Set(reports.flatMap((text) => text.match(/node_modules\/(@[\w.-]+\/)?[\w.-]+/g) ?? []));
      expect([...packages].sort()).toEqual(['node_modules/commander', 'node_modules/seedrandom']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses what it does not know with exit code 2 and one line', async () => {
    for (const args of [['fly'], ['doctor', 'extra'], ['view', '--port'], ['--nonsense']]) {
      const { code, stdout, stderr } = await saccade(...args);
      expect(code, args.join(' ')).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^saccade[^\n]*: [^\n]*--help` lists what there is\n$/);
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

  it('ends view without a policy in words', async () => {
    const view = startSaccade('view', '--policy', '/nowhere/at/all');
    const { code, stderr } = await view.finished;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^saccade view: policy: expected .*got \/nowhere\/at\/all\n$/);
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
