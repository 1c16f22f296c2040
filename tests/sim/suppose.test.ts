/** "What if": edits of a level and factors turned down, beside what was, by the real engine. */
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeScene } from '@saccade/protocol';
import type { Overlay } from '@saccade/protocol';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import { createEngine } from '../../apps/sim/src/workers/engine.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { policyFolder } from './randomPolicy.ts';

const engine = createEngine();
let folder = '';
let server: RunningServer;
let client: Client;

const overlay = {
  id: 'a',
  method: 'integratedGradients',
  layer: '2b',
  target: 'value',
  options: { tolerance: 0.2 },
} as const;
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** Level 3 with its first twenty instants played. */
async function atStep20(): Promise<void> {
  client = await connect(server.address);
  await client.join({ levelSeed: 3, seed: 1, playing: false });
  client.send({ type: 'step', count: 20 });
  await client.frame(({ step }) => step === 20);
}

describe('what if', () => {
  beforeAll(async () => {
    folder = await policyFolder('alpha');
    const policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
    server = await startServer({
      port: 0,
      policies,
      engine,
      page: folder,
      start: { levelSeed: 3, seed: 1 },
      report: (error) => console.error(error),
    });
  });
  afterAll(async () => {
    await server.close();
    await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => client.close());

  it('shows an edited instant beside itself, and changes nothing', async () => {
    await atStep20();
    client.send({ type: 'seek', step: 20 });
    const frame = await client.frame(({ live }) => !live);
    const { x, y } = frame.scene.agent;
    const edits = [{ kind: 'add' as const, object: { kind: 'saw' as const, x: x + 2, y } }];
    client.send({ type: 'suppose', id: 9, step: 20, edits, turns: [], overlay });
    const supposed = await client.next('supposed');
    expect(supposed.reply).toBe(9);
    expect(supposed.original.value).toBeCloseTo(frame.value, 5);
    expect(supposed.edited.value).not.toBe(supposed.original.value);
    expect(supposed.observation).not.toEqual(frame.observation);
    const scene = decodeScene(supposed.layout, supposed.scene);
    expect(scene.objects.at(-1)).toMatchObject({ kind: 'saw', x: x + 2, y });
    const maps = [supposed.original.overlay, supposed.edited.overlay].map((map) => (map?.ok ? map.map : null));
    expect(maps[0]?.length).toBe(256);
    expect(maps[1]).not.toEqual(maps[0]);
    client.send({ type: 'history', from: 0, to: 100 });
    expect((await client.next('history')).values.length).toBe(21);
  });

  it('refuses an edit that makes no sense, in a sentence', async () => {
    await atStep20();
    client.send({ type: 'suppose', id: 4, step: 20, edits: [{ kind: 'remove', id: 999 }], turns: [] });
    const error = await client.next('error');
    expect(error).toMatchObject({ reply: 4, code: 'bad-value' });
    expect(error.message).toMatch(/expected the id of an object of the level, got 999/);
  });

  it('turns a factor down wholly, partly or not at all', async () => {
    await atStep20();
    const values = [];
    for (const strength of [0, 0.5, 1]) {
      client.send({ type: 'suppose', step: 20, edits: [], turns: [{ layer: '2b', factor: 0, strength }] });
      values.push(await client.next('supposed'));
    }
    const [none, half, whole] = values;
    expect(none.edited.value).toBe(none.original.value);
    expect(whole.edited.value).not.toBe(whole.original.value);
    expect(half.edited.value).not.toBe(whole.edited.value);
    expect(sum(whole.edited.probabilities)).toBeCloseTo(1, 5);
  });

  it('lets the agent play on with it, and back as it was trained', async () => {
    await atStep20();
    client.forget();
    client.send({ type: 'turnFactors', turns: [{ layer: '2b', factor: 0, strength: 1 }] });
    await client.next('state', ({ turns }) => turns.length === 1);
    client.send({ type: 'step', count: 1 });
    const turned = await client.frame(({ step }) => step === 21);
    client.send({ type: 'suppose', step: 21, edits: [], turns: [{ layer: '2b', factor: 0, strength: 1 }] });
    const supposed = await client.next('supposed');
    expect(turned.value).toBeCloseTo(supposed.edited.value, 5);
    expect(turned.value).not.toBeCloseTo(supposed.original.value, 7);
    client.send({ type: 'turnFactors', turns: [] });
    await client.next('state', ({ turns }) => turns.length === 0);
    client.send({ type: 'step', count: 1 });
    const back = await client.frame(({ step }) => step === 22);
    client.send({ type: 'suppose', step: 22, edits: [], turns: [] });
    expect(back.value).toBeCloseTo((await client.next('supposed')).original.value, 5);
  });

  it('says where the policy would go from everywhere, and what each factor does at a place', async () => {
    await atStep20();
    client.send({ type: 'suppose', step: 20, edits: [], turns: [], field: true });
    const { field } = await client.next('supposed');
    expect(field?.places.length).toBeGreaterThan(40);
    expect(field?.original.length).toBe(field?.places.length);
    expect(field?.edited).toEqual(field?.original);
    client.send({ type: 'readFactors', layer: '2b', target: 'value', step: 20, edits: [], x: 0.5, y: 0.5 });
    const readings = await client.next('factorReadings');
    expect([readings.row, readings.column]).toEqual([8, 8]);
    expect(readings.factors.length).toBe(8);
    expect(readings.examples.length).toBe(8 * readings.count * readings.side ** 2 * 3);
    for (const { strength, most } of readings.factors) expect(strength).toBeLessThanOrEqual(most);
  });

  it('explains a change of the value from the frame before', async () => {
    await atStep20();
    client.send({ type: 'setOverlays', overlays: [{ ...overlay, method: 'change' }] });
    client.send({ type: 'seek', step: 20 });
    // Drafts may come first.
    const finished = (overlays: readonly Overlay[]): boolean =>
      overlays.some((one) => !one.ok || one.draft === undefined);
    const now = await client.frame(({ live, overlays }) => !live && finished(overlays));
    client.send({ type: 'seek', step: 19 });
    const before = await client.frame(({ step, live }) => step === 19 && !live);
    const [map] = now.overlays;
    if (!map.ok) throw new Error(map.error);
    // The map's sum is the change, but for the integration error of the wide tolerance.
    expect(Math.abs(sum(map.map) - (now.value - before.value))).toBeLessThan(
      0.25 * Math.abs(now.value - before.value) + 1e-3,
    );
    client.send({ type: 'seek', step: 0 });
    const first = await client.frame(({ step, live }) => step === 0 && !live);
    expect(first.overlays[0]).toMatchObject({
      ok: false,
      error: expect.stringMatching(/got the first of its episode/),
    });
  });

  it('branches with another stream of action noise', async () => {
    const actions = async (seed: number): Promise<readonly number[]> => {
      await atStep20();
      client.send({ type: 'branch', step: 10, seed });
      const { branchedFrom } = await client.next('state', (state) => state.branchedFrom === 10);
      expect(branchedFrom).toBe(10);
      client.send({ type: 'step', count: 15 });
      await client.frame(({ step }) => step === 36);
      client.send({ type: 'history', from: 21, to: 36 });
      const played = [...(await client.next('history')).actions];
      client.close();
      return played;
    };
    expect(await actions(7)).not.toEqual(await actions(8));
  });

  it('measures failures on held-out levels with and without, told as it goes', async () => {
    await atStep20();
    client.send({ type: 'measure', id: 5, turns: [{ layer: '2b', factor: 0, strength: 1 }], levels: 10 });
    const first = await client.next('measured');
    expect(first).toMatchObject({ reply: 5, played: 0, levels: 10, running: true, difference: null });
    const last = await client.next('measured', ({ running }) => !running);
    expect(last.played).toBe(10);
    for (const arm of [last.original, last.edited]) {
      expect(arm.low).toBeLessThanOrEqual(arm.failed / 10);
      expect(arm.high).toBeGreaterThanOrEqual(arm.failed / 10);
    }
    expect(last.difference?.estimate).toBeCloseTo((last.edited.failed - last.original.failed) / 10, 9);
  });
});
