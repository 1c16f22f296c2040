/**
 * Maps of two frames - what changed the target, and the TD residual - of agents that play, of recordings of them and of
 * companions: all are made from the very step that led to the instant, and so are equal.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FrameMessage, Overlay, OverlayRequest } from '@saccade/protocol';
import { createPolicyExplainer, environmentFor, Player, stepBefore, trainedDiscount } from '@saccade/session';
import type { Instant, PolicyExplainer } from '@saccade/session';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import type { StoredPolicy } from '../../apps/sim/src/storage/policies.ts';
import { RecordingShelf } from '../../apps/sim/src/storage/recordingShelf.ts';
import { jitCompile } from '../attribution/jit.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder } from './randomPolicy.ts';

const LEVEL = 3;
const STEP = 10;
const change: OverlayRequest = { id: 'change', method: 'change', layer: '2b', target: 'value', options: {} };
const residual: OverlayRequest = {
  id: 'residual',
  method: 'gradientTimesInput',
  layer: 'input',
  target: 'td-residual',
  options: {},
};

/** Acts without a network, and explains with those of the policies. */
const engine = fakeEngine();
const actingOf = (hash: string) => ({ act: (observation: Uint8Array) => engine.act(hash, observation) });
let folder = '';
let recordings = '';
let policies: StoredPolicy[] = [];
const explainers = new Map<string, PolicyExplainer>();
let server: RunningServer;
let clients: Client[] = [];

beforeAll(async () => {
  folder = await policyFolder('alpha', 'beta');
  policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
  for (const { hash, policy } of policies) {
    explainers.set(hash, createPolicyExplainer(policy, jitCompile, actingOf(hash)));
  }
  engine.explain = (hash, sight, request, signal) => explainerOf(hash).explain(sight, request, signal);
});
afterAll(async () => {
  for (const explainer of explainers.values()) explainer.dispose();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  recordings = await mkdtemp(`${tmpdir()}/saccade-two-frames-`);
  server = await startServer({
    port: 0,
    policies,
    engine,
    page: folder,
    start: { levelSeed: LEVEL, seed: 0 },
    shelf: new RecordingShelf(recordings),
    report: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server.close();
  await rm(recordings, { recursive: true, force: true });
});

function explainerOf(hash: string): PolicyExplainer {
  const explainer = explainers.get(hash);
  if (!explainer) throw new Error(`no policy ${hash}`);
  return explainer;
}

function stored(name: string): StoredPolicy {
  const found = policies.find((policy) => policy.name === name);
  if (!found) throw new Error(`no policy ${name}`);
  return found;
}

/** The episode of an agent by itself, up to an instant or to its end. */
async function episode(name: string, seed: number, steps = Infinity): Promise<Instant[]> {
  const { policy, hash } = stored(name);
  const player = new Player(environmentFor(policy), actingOf(hash), LEVEL, seed);
  const instants: Instant[] = [];
  while (!player.over && instants.length <= steps) instants.push(await player.next());
  return instants;
}

/** What is to be shown at the last of these. */
async function expected(name: string, instants: readonly Instant[], request: OverlayRequest): Promise<number[]> {
  const { observation, state } = instants[instants.length - 1];
  const before = stepBefore(instants[instants.length - 2]);
  const { map } = await explainerOf(stored(name).hash).explain({ observation, state, before }, request);
  return [...map];
}

const mapOf = (overlay: Overlay | null | undefined): unknown => (overlay?.ok ? [...overlay.map] : overlay);

async function page(): Promise<Client> {
  const client = await connect(server.address);
  clients.push(client);
  return client;
}

/** Has its maps. */
const explained = ({ overlays }: FrameMessage): boolean => overlays.length > 0;

describe('a map of two frames', () => {
  it('adds up to what changed, and to reward + discount x the value - the value before', async () => {
    const instants = await episode('beta', 0, STEP);
    const { policy, hash } = stored('beta');
    const [earlier, later] = instants.slice(-2);
    const ask = (instant: Instant, request: OverlayRequest, before?: Instant) =>
      explainerOf(hash).explain({ ...instant, before: before && stepBefore(before) }, request);
    const value = { ...residual, target: 'value' };
    const [v0, v1] = [await ask(earlier, value), await ask(later, value)];
    const discount = trainedDiscount(policy);
    const whole = await ask(later, residual, earlier);
    expect(whole.score).toBeCloseTo(earlier.reward + discount * v1.score - v0.score, 5);
    whole.map.forEach((share, i) => expect(share).toBeCloseTo(discount * v1.map[i] - v0.map[i], 5));
    const spike = await ask(later, change, earlier);
    const sum = spike.map.reduce((total, share) => total + share, 0);
    expect(Math.abs(sum - (v1.score - v0.score))).toBeLessThan(0.05 * Math.abs(v1.score - v0.score) + 1e-5);
  });

  it.each([change, residual])('$id: of a recording is that of the agent which was recorded', async (request) => {
    const client = await page();
    await client.join({ playing: false, policy: 'beta', levelSeed: LEVEL, seed: 0 });
    client.send({ type: 'record', from: 'episode' });
    await client.next('state', ({ recorder }) => recorder?.since === 0);
    client.send({ type: 'step', count: STEP });
    await client.frame(({ step }) => step === STEP);
    client.send({ type: 'setOverlays', overlays: [request] });
    const live = await client.frame((frame) => frame.step === STEP && explained(frame));
    const alone = await expected('beta', await episode('beta', 0, STEP), request);
    expect(mapOf(live.overlays[0])).toEqual(alone);
    // One more, so that the recording holds the step that led there and the instant itself.
    client.send({ type: 'step', count: 1 });
    await client.frame(({ step }) => step === STEP + 1);
    client.send({ type: 'stopRecording' });
    const { recording: info } = await client.next('recorded');

    const viewer = await page();
    await viewer.join({ recording: info.id });
    viewer.send({ type: 'setOverlays', overlays: [request] });
    viewer.send({ type: 'seek', step: STEP });
    const replayed = await viewer.frame((frame) => frame.step === STEP && explained(frame));
    expect(mapOf(replayed.overlays[0])).toEqual(alone);
    // Nothing led to the first instant, recorded or not.
    viewer.send({ type: 'seek', step: 0 });
    const first = await viewer.frame((frame) => frame.step === 0 && explained(frame));
    expect(first.overlays[0]).toMatchObject({
      ok: false,
      error: expect.stringMatching(/expected a frame before this one, got the first of its episode$/) as string,
    });
  });

  it.each([change, residual])('$id: of a companion is that of the agent by itself', async (request) => {
    const client = await page();
    await client.join({ playing: false, policy: 'alpha', levelSeed: LEVEL, seed: 0 });
    client.send({ type: 'setCompanions', companions: [{ policy: 'beta', seed: 4 }] });
    await client.next('state', ({ companions }) => companions.length === 1);
    client.send({ type: 'setOverlays', overlays: [request] });
    client.send({ type: 'step', count: STEP });
    const frame = await client.frame((one) => one.scene.step === STEP && one.companions.length === 1 && explained(one));
    const [own, beside] = [await episode('alpha', 0, STEP), await episode('beta', 4, STEP)];
    expect(mapOf(frame.overlays[0])).toEqual(await expected('alpha', own, request));
    expect(mapOf(frame.companions[0].overlay)).toEqual(await expected('beta', beside, request));
  });

  it('stays while an agent waits at its end for the others', async () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
    const lengths = await Promise.all(seeds.map(async (seed) => (await episode('beta', seed)).length));
    const shortest = lengths.indexOf(Math.min(...lengths));
    const longest = lengths.indexOf(Math.max(...lengths));
    expect(lengths[longest]).toBeGreaterThan(lengths[shortest] + 1);
    const client = await page();
    await client.join({ playing: false, policy: 'beta', levelSeed: LEVEL, seed: seeds[shortest] });
    client.send({ type: 'setCompanions', companions: [{ policy: 'beta', seed: seeds[longest] }] });
    await client.next('state', ({ companions }) => companions.length === 1);
    client.send({ type: 'setOverlays', overlays: [change] });
    // Past its last instant by one.
    client.send({ type: 'step', count: lengths[shortest] });
    const frame = await client.frame((one) => one.waiting && explained(one));
    const own = await episode('beta', seeds[shortest]);
    expect(mapOf(frame.overlays[0])).toEqual(await expected('beta', own, change));
  });
});
