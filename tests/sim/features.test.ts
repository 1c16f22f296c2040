/** Features of policies: frames that come back pixel for pixel, what ships, and who computes what is missing. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import type { Bank, LayerFeatures } from '@saccade/protocol';
import { actionsFrom, actionsToText, parseFeaturesFile } from '@saccade/protocol';
import { offer } from '@saccade/session';
import { replayBank } from '../../apps/sim/src/features/bank.ts';
import { FeatureService } from '../../apps/sim/src/server/featureService.ts';
import { findPolicies, loadPolicy, locatePolicy } from '../../apps/sim/src/storage/policies.ts';
import { createEngine } from '../../apps/sim/src/workers/engine.ts';
import { shippedFeatures } from '../../apps/sim/src/storage/features.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder, randomPolicy } from './randomPolicy.ts';

const bank: Bank = {
  environment: { name: 'coinrun', config: { difficulty: 'easy' } },
  seed: 0,
  episodes: [
    { level: 3, actions: actionsToText([1, 1, 4, 4, 1, 1]), end: null },
    { level: 8, actions: actionsToText([0, 1]), end: null },
  ],
  frames: [
    [1, 1, 0.5],
    [0, 5, 0.25],
    [0, 2, 0],
  ],
};

const features: LayerFeatures = {
  layer: '2b',
  height: 16,
  width: 16,
  channels: 2,
  receptive: 23,
  directions: [[1, 0]],
  colours: [0xff0000],
  explained: 0.5,
  fittedOn: 3,
  lookedAt: 3,
  examples: [[{ frame: 0, row: 1, column: 2, activity: 3 }]],
  alignment: null,
  map: null,
};

describe('a bank of frames', () => {
  it('gives back the frames that were met, in its own order', () => {
    const { observations, levelSeeds, count } = replayBank(bank);
    const world = createCoinRun({ difficulty: 'easy' });
    const size = observations.length / count;
    bank.frames.forEach(([episode, step], frame) => {
      const { level, actions } = bank.episodes[episode];
      let { observation } = world.reset({ options: { levelSeed: level } });
      for (const action of actionsFrom(actions).slice(0, step)) ({ observation } = world.step(action));
      expect(observations.subarray(frame * size, (frame + 1) * size)).toEqual(observation);
      expect(levelSeeds[frame]).toBe(level);
    });
  });

  it('writes actions as characters and refuses what stands for none', () => {
    const all = Array.from({ length: 64 }, (_, i) => i);
    expect(actionsFrom(actionsToText(all))).toEqual(all);
    expect(() => actionsFrom('0!')).toThrow('expected one of');
  });
});

describe('features that ship with a policy', () => {
  it('are of its very weights, small, and name frames that there are', async () => {
    for (const { path } of await findPolicies()) {
      const file = join(dirname(path), 'features.json');
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const parsed = parseFeaturesFile(JSON.parse(text));
      expect((await stat(file)).size).toBeLessThan(500_000);
      expect(parsed.policy, `${file}: made again by saccade features`).toBe(
        hashBytes(new Uint8Array(await readFile(path))),
      );
      for (const { examples, map } of parsed.layers) {
        for (const { frame } of examples.flat()) expect(parsed.bank.frames[frame]).toBeDefined();
        for (const frame of map?.frames ?? []) expect(parsed.bank.frames[frame]).toBeDefined();
      }
    }
  });
});

describe('features that cannot be read', () => {
  it('do not keep their policy from playing; asking for them says what is wrong', async () => {
    const folder = await policyFolder('random');
    await writeFile(join(folder, 'random', 'features.json'), '{"version":0}');
    const stored = await loadPolicy(await locatePolicy(join(folder, 'random', 'policy.safetensors')));
    await expect(shippedFeatures(stored.path, stored.hash)).rejects.toThrow('features.json: ');
    const engine = createEngine();
    try {
      await engine.load(stored);
      const size = stored.policy.network.observationShape.reduce((product, n) => product * n, 1);
      expect((await engine.act(stored.hash, new Uint8Array(size))).logits).toHaveLength(stored.policy.actions.length);
    } finally {
      await engine.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('features that do not ship', () => {
  it('are computed once for all who wait, with progress, and kept for the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saccade-features-'));
    const policy = randomPolicy();
    const offered = offer({ name: 'alpha', hash: 'abc', policy, description: '' });
    let computed = 0;
    const engine = {
      ...fakeEngine(),
      dictionary: () =>
        Promise.resolve({
          dictionary: {
            layer: '2b',
            factors: 1,
            channels: 2,
            directions: Float32Array.of(1, 0),
            colours: [0xff0000],
            explained: 0.5,
          },
          frames: 3,
        }),
      async features(_hash: string, _job: unknown, progress: (what: string, done: number) => void) {
        computed++;
        await Promise.resolve();
        progress('playing levels', 0.5);
        return { kind: 'layer', bank, features } as const;
      },
    };
    const service = new FeatureService(engine, new Map(), folder);
    const told: string[][] = [[], []];
    await Promise.all(
      told.map((list) =>
        service.layer(offered, '2b', (news) =>
          list.push(news.status === 'computing' ? `${news.what} ${news.done}` : news.status),
        ),
      ),
    );
    for (const list of told) {
      expect(list).toContain('playing levels 0.5');
      expect(list.at(-1)).toBe('ready');
    }
    expect(computed).toBe(1);
    const again = new FeatureService(engine, new Map(), folder);
    const news: unknown[] = [];
    await again.layer(offered, '2b', (one) => news.push(one));
    expect(news).toEqual([{ status: 'ready', bank, features, pictures: [] }]);
    expect(computed).toBe(1);
    await expect(again.layer(offered, 'input', () => undefined)).rejects.toThrow('expected one of');
    await rm(folder, { recursive: true, force: true });
  });

  it('are refused in words where nothing computes them', async () => {
    const offered = offer({ name: 'alpha', hash: 'none', policy: randomPolicy(), description: '' });
    const news: unknown[] = [];
    await new FeatureService(fakeEngine(), new Map(), tmpdir()).layer(offered, '2b', (one) => news.push(one));
    expect(news.at(-1)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('features: expected') as string,
    });
  });
});
