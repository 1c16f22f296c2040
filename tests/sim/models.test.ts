import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFromSpec, environmentOf } from '@saccade/agent';
import { decodePolicy } from '@saccade/nn';

const models = fileURLToPath(new URL('../../models', import.meta.url));
const names = (await readdir(models, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  // A policy that is still in training has its resume state and nothing else.
  .filter((name) => existsSync(join(models, name, 'policy.safetensors')) || !existsSync(join(models, name, 'resume')));

interface Result {
  name: string;
  solve_rate: number;
  ci95: [number, number];
  episodes: number;
}

interface Card {
  name: string;
  command: string;
  steps: number;
  network: string;
  results: Result[];
  blind: Result[];
}

describe('the policies that ship', () => {
  it('include compact-easy', () => {
    expect(names).toContain('compact-easy');
  });

  it.each(names)('%s loads, fits its environment, and has a card of its own run', async (name) => {
    const file = (path: string): Promise<Buffer> => readFile(join(models, name, path));
    const policy = decodePolicy(new Uint8Array(await file('policy.safetensors')), name);
    const environment = createFromSpec(environmentOf(policy));
    expect(policy.actions).toEqual(environment.actionSpace.names);
    expect(policy.network.observationShape).toEqual(environment.observationSpace.shape);
    const card = JSON.parse((await file('card.json')).toString()) as Card;
    expect(card).toMatchObject({ name, network: policy.network.architecture, steps: policy.training['steps'] });
    expect(card.command).toMatch(/^saccade train /);
    const text = (await file('README.md')).toString();
    for (const { solve_rate } of [...card.results, ...card.blind]) {
      expect(text).toContain(`${(100 * solve_rate).toFixed(1)}%`);
    }
    expect((await file('curve.svg')).toString()).toContain('<svg');
  });

  it.each(names)('%s stands in the README with the figures of its card', async (name) => {
    const { results, blind } = JSON.parse(await readFile(join(models, name, 'card.json'), 'utf8')) as Card;
    const readme = await readFile(join(models, '..', 'README.md'), 'utf8');
    const row = readme.split('\n').find((line) => line.startsWith(`| [\`${name}\`]`));
    const percent = (rate: number): string => (100 * rate).toFixed(1);
    const of = (wanted: string): Result => {
      const found = results.find((result) => result.name === wanted);
      if (!found) throw new Error(`${name}: no result on ${wanted}`);
      return found;
    };
    const heldOut = of('held-out levels, actions sampled');
    const [low, high] = heldOut.ci95.map(percent);
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      ...['', expect.stringContaining(name), expect.any(String)],
      `${percent(heldOut.solve_rate)}% (${low} to ${high})`,
      ...['training levels', 'coin anywhere'].map((what) => `${percent(of(`${what}, actions sampled`).solve_rate)}%`),
      `${percent(Math.max(...blind.map(({ solve_rate }) => solve_rate)))}%`,
      '',
    ]);
  });

  it('compact-easy beats the better blind player on held-out levels, interval against interval', async () => {
    const card = JSON.parse(await readFile(join(models, 'compact-easy', 'card.json'), 'utf8')) as Card;
    const heldOut = card.results.find(({ name }) => name === 'held-out levels, actions sampled');
    expect(heldOut?.episodes).toBe(1000);
    expect(card.blind).toHaveLength(2);
    expect(heldOut?.ci95[0]).toBeGreaterThan(Math.max(...card.blind.map(({ ci95 }) => ci95[1])));
  });
});
