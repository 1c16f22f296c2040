/** Agents beside a session's own: the same level in step, each by itself what it would be alone. */
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import type { StoredPolicy } from '../../apps/sim/src/storage/policies.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
let policies: StoredPolicy[] = [];
let server: RunningServer;
let client: Client;

beforeAll(async () => {
  folder = await policyFolder('alpha', 'beta');
  policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await startServer({
    port: 0,
    policies,
    engine: fakeEngine(),
    page: folder,
    start: { levelSeed: 5, seed: 0 },
    report: (error) => {
      throw error;
    },
  });
  client = await connect(server.address);
});
afterEach(async () => {
  client.close();
  await server.close();
});

const beta = { policy: 'beta', seed: 3 };

describe('companions', () => {
  it('play the level of the session in step, each exactly as it would alone', async () => {
    await client.join({ playing: false, levelSeed: 7 });
    await client.frame();
    client.send({ type: 'setCompanions', companions: [beta, { policy: 'alpha', seed: 0, levelSeed: 9 }] });
    const state = await client.next('state', ({ companions }) => companions.length === 2);
    expect(state.companions).toEqual([
      { policy: 'beta', seed: 3, levelSeed: 7, ownLevel: false },
      { policy: 'alpha', seed: 0, levelSeed: 9, ownLevel: true },
    ]);
    client.send({ type: 'step', count: 10 });
    const frame = await client.frame(({ scene, companions }) => scene.step === 10 && companions.length === 2);
    expect(frame.companions.map(({ step, levelSeed }) => [step, levelSeed])).toEqual([
      [10, 7],
      [10, 9],
    ]);
    const alone = await connect(server.address);
    await alone.join({ playing: false, levelSeed: 7, policy: 'beta', seed: 3 });
    alone.send({ type: 'step', count: 10 });
    const own = await alone.frame(({ scene }) => scene.step === 10);
    const { observation, value, action, probabilities } = frame.companions[0];
    expect({ value, action, probabilities }).toEqual({
      value: own.value,
      action: own.action,
      probabilities: [...own.probabilities],
    });
    expect(frame.companionObservations.slice(...observation)).toEqual(own.observation);
    alone.close();
  });

  it('begin the episode again and come back to the step that was shown', async () => {
    await client.join({ playing: false, levelSeed: 7 });
    client.send({ type: 'step', count: 12 });
    const before = await client.frame(({ step }) => step === 12);
    client.send({ type: 'setCompanions', companions: [beta], step: 8 });
    const after = await client.frame(({ scene, companions }) => scene.step === 8 && companions.length === 1);
    expect(after.step).toBeGreaterThan(before.step);
    expect(after.companions[0].step).toBe(8);
  });

  it('added one upon another, while the episode comes back, all come back to the step where the first was added', async () => {
    await client.join({ playing: false, levelSeed: 7 });
    client.send({ type: 'step', count: 12 });
    await client.frame(({ step }) => step === 12);
    const agents = [beta, { ...beta, seed: 4 }, { ...beta, seed: 5 }];
    for (let count = 1; count <= 3; count++) {
      client.send({ type: 'setCompanions', companions: agents.slice(0, count) });
      await client.frame(({ companions }) => companions.length === count);
    }
    const after = await client.frame(({ scene, companions }) => scene.step === 12 && companions.length === 3);
    expect(after.companions.map(({ step }) => step)).toEqual([12, 12, 12]);
  });

  it('wait at their end until all are done; then all begin the next level', async () => {
    await client.join({ levelSeed: 3 });
    client.send({ type: 'setCompanions', companions: [beta, { policy: 'alpha', seed: 8 }] });
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    const waited = await client.frame(
      ({ waiting, companions }) => companions.length > 0 && (waiting || companions.some((other) => other.waiting)),
    );
    const first = [waited, ...waited.companions].find(({ waiting }) => waiting);
    expect(first?.end).not.toBeNull();
    expect(first).toMatchObject({ action: null, reward: 0 });
    const next = await client.frame(({ levelSeed }) => levelSeed === 4);
    expect(next.companions.map(({ levelSeed, step }) => [levelSeed, step])).toEqual([
      [4, next.scene.step],
      [4, next.scene.step],
    ]);
  });

  it('are explained by the same lens, at most four maps in all', async () => {
    const request = (id: string, method: string) => ({ id, method, layer: '2b', target: 'value', options: {} });
    await client.join({ playing: false });
    client.send({ type: 'setCompanions', companions: [beta, { ...beta, seed: 4 }, { ...beta, seed: 5 }] });
    client.send({ type: 'setOverlays', overlays: [request('one', 'gradCam')] });
    const frame = await client.frame(({ overlays, companions }) => overlays.length === 1 && companions.length === 3);
    expect(frame.companions.map(({ overlay }) => overlay)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ ok: true, request: 'one', method: 'gradCam' })),
    );
    client.send({ type: 'setOverlays', overlays: [request('one', 'gradCam'), request('two', 'saliency')] });
    const more = await client.frame(({ overlays }) => overlays.length === 2);
    expect(more.companions.map(({ overlay }) => overlay?.ok)).toEqual([true, true, false]);
  });

  it('are refused clearly: a fifth agent, a policy that is not there', async () => {
    await client.join({ playing: false });
    client.send({ type: 'setCompanions', id: 4, companions: [beta, beta, beta, beta] });
    expect(await client.next('error', ({ reply }) => reply === 4)).toMatchObject({
      code: 'bad-message',
      message: expect.stringContaining('at most 3') as string,
    });
    client.send({ type: 'setCompanions', id: 5, companions: [{ policy: 'gamma', seed: 0 }] });
    expect(await client.next('error', ({ reply }) => reply === 5)).toMatchObject({
      code: 'unknown-policy',
      message: expect.stringContaining('alpha, beta') as string,
    });
  });
});
