import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saccade, startSaccade } from '../support/saccade.ts';
import { run } from './commandLine.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const flags = [
  ...['--environment', 'corridor', '--total-timesteps', '12800', '--seed', '3', '--threads', '1'],
  ...['--set', 'rolloutSteps=32', 'environments=16', 'minibatches=4', 'learningRate=3e-3'],
  ...['--evaluate-every', '4000', '--evaluate-levels', '50', '--checkpoint-every', '0'],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saccade-train-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function everything(name: string): Promise<Record<string, string>> {
  const files = [
    'checkpoint.safetensors',
    'policy.safetensors',
    'best.safetensors',
    'curve.jsonl',
    'evaluations.jsonl',
  ];
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, (await readFile(join(at(name), file))).toString('base64')])),
  );
}

describe('saccade train', () => {
  it('resumes after kill -9 and after Ctrl+C to the bytes of an uninterrupted run', { timeout: 300_000 }, async () => {
    const whole = await saccade('train', '--run', at('whole'), ...flags);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toContain('finished at 12800 steps');

    // However many threads step the environments of a part: the bytes are the same.
    const killed = startSaccade('train', '--run', at('parts'), ...flags, '--env-workers', '2');
    await killed.seen(/held-out levels at/);
    killed.kill('SIGKILL');
    expect(await killed.finished).toMatchObject({ signal: 'SIGKILL' });

    const stopped = startSaccade(
      'train',
      '--run',
      at('parts'),
      '--resume',
      '--threads',
      '1',
      '--checkpoint-every',
      '0',
      '--env-workers',
      '1',
    );
    await stopped.seen(/held-out levels at/);
    stopped.kill('SIGINT');
    expect(await stopped.finished).toMatchObject({ code: 0 });

    const resumed = await saccade('train', '--run', at('parts'), '--resume', '--threads', '1');
    expect(resumed).toMatchObject({ code: 0 });
    expect(await everything('parts')).toEqual(await everything('whole'));
  });

  it('starts from a policy, says so in its config, and keeps policies on the way', async () => {
    const from = ['--from', at('whole'), '--run', at('later'), '--keep-every', '1024'];
    expect(await run('train', ...from, ...flags, '--total-timesteps', '2048')).toMatchObject({ code: 0 });
    const config = JSON.parse(await readFile(join(at('later'), 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config['from']).toMatchObject({ policy: at('whole'), steps: 12800 });
    expect((config['from'] as { command: string }).command).toMatch(/^saccade train --environment corridor /);
    expect(await readdir(join(at('later'), 'checkpoints'))).toEqual(['1024.safetensors', '2048.safetensors']);
    const other = await run('train', '--from', at('whole'), '--run', at('other'), '--network', 'compact');
    expect(other.stderr).toContain('--from: expected a policy of the network compact, got perceptron');
  });

  it('refuses to write over a run, and to resume one that is not there', async () => {
    const again = await run('train', '--run', at('whole'), ...flags);
    expect(again.code).toBe(2);
    expect(again.stderr.trim()).toBe(
      `saccade train: ${at('whole')}: expected a new folder, got a run: --resume goes on with it, --run names another`,
    );
    const missing = await run('train', '--run', at('none'), '--resume');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('expected a training run');
  });

  it('refuses flags that a run to go on with would not heed', async () => {
    const again = await run('train', '--run', at('whole'), '--resume', '--total-timesteps', '99999');
    expect(again.code).toBe(2);
    expect(again.stderr.trim()).toBe(
      `saccade train: --total-timesteps: expected nothing beside --resume, which goes on with ${at('whole')}/config.json`,
    );
    const config = ['--config', join(at('whole'), 'config.json')];
    const both = await run('train', '--run', at('both'), ...config, '--preset', 'procgen');
    expect(both.stderr.trim()).toBe('saccade train: --preset: expected nothing beside --config, which has its own');
  });

  it('takes the seed of a config file, and the one that was given beside it, zero too', async () => {
    const config = ['--config', join(at('whole'), 'config.json'), '--total-timesteps', '512'];
    const seedOf = async (name: string, ...more: string[]): Promise<number> => {
      expect(await run('train', '--run', at(name), ...config, ...more)).toMatchObject({ code: 0 });
      const document = JSON.parse(await readFile(join(at(name), 'config.json'), 'utf8')) as { ppo: { seed: number } };
      return document.ppo.seed;
    };
    expect(await seedOf('seed-of-file')).toBe(3);
    expect(await seedOf('seed-zero', '--seed', '0')).toBe(0);
    const resumed = await run('train', '--run', at('seed-zero'), '--resume', '--seed', '0');
    expect(resumed.stderr).toContain('--seed: expected nothing beside --resume');
  });

  it('names a truncated checkpoint as such and leaves it alone', async () => {
    const path = join(at('whole'), 'checkpoint.safetensors');
    await truncate(path, 1000);
    const before = await readFile(path);
    const result = await run('train', '--run', at('whole'), '--resume');
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/checkpoint: expected a safetensors file, but it is truncated/);
    expect(await readFile(path)).toEqual(before);
  });

  it.each([
    [['--environment', 'chess'], '--environment: expected one of corridor, coinrun, got chess'],
    [['--network', 'huge'], '--network: expected one of compact, clear_cnn, impala, nature, perceptron, got huge'],
    [['--seed', '-1'], '--seed: expected a whole number from 0 to 4294967295, got -1'],
    [['--total-timesteps', 'many'], '--total-timesteps: expected a whole number of at least 1, got many'],
    [['--set', 'gamma=2'], 'ppo: expected gamma in (0, 1], got 2'],
    [['--set', 'nonsense=2'], '--set: expected name=value with one of'],
  ])('says what is wrong with %s', async (wrong, message) => {
    const result = await run('train', '--run', at('wrong'), ...wrong);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('saccade eval', () => {
  it('gives machines the solve rate, its interval and the blind players', async () => {
    const policy = join(at('parts'), 'policy.safetensors');
    const { code, stdout } = await run('eval', '--policy', policy, '--episodes', '100', '--json', '--threads', '1');
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(document).toMatchObject({ episodes: 100, solve_rate: 1, mean_return: 1, failures: {}, actions: 'sampled' });
    expect((document['ci95'] as number[])[0]).toBeCloseTo(0.963, 3);
    expect(document['blind']).toHaveLength(1);
  });

  it('says which policy file it cannot use', async () => {
    const path = join(folder, 'foreign.safetensors');
    await writeFile(path, 'this is no policy, but text of some length');
    const foreign = await run('eval', '--policy', path);
    expect(foreign.code).toBe(2);
    expect(foreign.stderr).toContain('expected a safetensors file');
    const missing = await run('eval', '--policy', 'no-such-policy');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('got no-such-policy');
  });
});
