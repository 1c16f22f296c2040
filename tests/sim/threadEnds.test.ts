/** A thread that dies under a training run: one line says so, and the run goes on from what it kept. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Spawn from '../../apps/sim/src/workers/spawn.ts';
import { run } from './commandLine.ts';

const threads = vi.hoisted(() => new Map<string, Worker>());
vi.mock('../../apps/sim/src/workers/spawn.ts', async (original) => {
  const real = await original<typeof Spawn>();
  return {
    ...real,
    async spawnWorker(name: string, data: unknown) {
      const worker = await real.spawnWorker(name, data);
      threads.set(name, worker);
      return worker;
    },
  };
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-threads-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a training run', () => {
  it.each([
    ['environments', 'an environment thread'],
    ['session', 'an engine thread'],
  ])(
    'whose thread of %s dies keeps its last checkpoint, says so in a line, and goes on',
    { timeout: 120_000 },
    async (name, who) => {
      const path = join(folder, name);
      const begun = run(
        ...['train', '--run', path, '--environment', 'corridor', '--total-timesteps', '1000000', '--device', 'cpu'],
        ...['--threads', '2', '--env-workers', '2', '--checkpoint-every', '0', '--evaluate-every', '1000000'],
        ...['--set', 'rolloutSteps=16', 'environments=8', 'minibatches=2'],
      );
      const curve = join(path, 'curve.jsonl');
      await vi.waitUntil(() => existsSync(curve), { timeout: 60_000 });
      await threads.get(name)?.terminate();
      const { code, stderr } = await begun;
      expect(code, stderr).toBe(2);
      expect(stderr.trim().split('\n').at(-1)).toBe(
        `saccade train: ${who} ended with code 1; ${path} keeps the last checkpoint, --resume goes on with it`,
      );
      const lines = (await readFile(curve, 'utf8')).trim().split('\n');
      const { steps } = JSON.parse(lines[lines.length - 1]) as { steps: number };
      const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as { ppo: { totalSteps: number } };
      config.ppo.totalSteps = steps + 256;
      await writeFile(join(path, 'config.json'), JSON.stringify(config));
      const later = await run('train', '--run', path, '--resume', '--device', 'cpu', '--threads', '1');
      expect(later.stdout, later.stderr).toContain(`finished at ${steps + 256} steps`);
    },
  );
});
