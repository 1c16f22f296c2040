import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { decodeScene, protocolVersion } from '@saccade/protocol';
import type { FrameMessage, LayoutMessage, OverlayRequest } from '@saccade/protocol';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import type { StoredPolicy } from '../../apps/sim/src/storage/policies.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { fakeEngine } from './fakeEngine.ts';
import type { FakeEngine } from './fakeEngine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
let policies: StoredPolicy[] = [];
let engine: FakeEngine;
let server: RunningServer;
let clients: Client[] = [];
const reported: unknown[] = [];

const limits = { history: 200, sessions: 3, viewers: 60, burst: 100, messagesPerSecond: 100 };

beforeAll(async () => {
  folder = await policyFolder('alpha', 'beta');
  policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  engine = fakeEngine();
  reported.length = 0;
  server = await startServer({
    port: 0,
    policies,
    engine,
    page: folder,
    start: { levelSeed: 5, seed: 0 },
    limits,
    report: (error) => reported.push(error),
  });
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server.close();
});

async function page(headers?: Record<string, string>): Promise<Client> {
  const client = await connect(server.address, headers);
  clients.push(client);
  return client;
}

const request = (method: string, layer = '2b', id = method): OverlayRequest => ({
  id,
  method,
  layer,
  target: 'value',
  options: {},
});

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What of a frame belongs to its instant, whenever and to whomever it is sent. */
function instantOf({ step, episode, levelSeed, observation, scene, logits, value, action, reward, end }: FrameMessage) {
  return { step, episode, levelSeed, observation, scene, logits, value, action, reward, end };
}

describe('a session', () => {
  it('greets with what there is, then says its state, its layout and its first frame, though nobody pressed play', async () => {
    const client = await page();
    const hello = await client.next('hello');
    expect(hello.policies.map(({ name }) => name)).toEqual(['alpha', 'beta']);
    expect(hello.policies[0]).toMatchObject({ architecture: 'compact', environment: 'coinrun' });
    expect(hello.policies[0].layers.map(({ name }) => name)).toEqual(['input', '1a', '2a', '2b', '3a']);
    expect(hello.methods.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['saliency', 'integratedGradients', 'gradCam', 'factors']),
    );
    const state = await client.join({ playing: false, levelSeed: 77 });
    expect(state).toMatchObject({ playing: false, policy: 'alpha', levelSeed: 77, seed: 0, viewers: 1 });
    await client.next('layout');
    const frame = await client.frame();
    expect(frame).toMatchObject({ step: 0, episode: 0, live: true, levelSeed: 77, overlays: [] });
  });

  it('shows what the world shows: replaying its actions gives its observations, scenes, rewards and ends', async () => {
    const client = await page();
    await client.join({ playing: false, levelSeed: 3 });
    const environment = createCoinRun({ difficulty: 'easy' });
    let observation = environment.reset({ options: { levelSeed: 3 } }).observation;
    const { layout } = await client.next('layout');
    for (let step = 0; step < 60; step++) {
      const frame = await client.frame();
      if (frame.episode > 0) break;
      expect(frame.observation).toEqual(observation);
      expect(decodeScene(layout, frame.scene)).toEqual({ lavaHidden: false, ...environment.scene });
      expect(frame.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      if (frame.action !== null) {
        const result = environment.step(frame.action);
        ({ observation } = result);
        expect(frame.reward).toBe(result.reward);
        expect(frame.end?.cause ?? null).toBe(result.info.cause);
      }
      client.send({ type: 'step' });
    }
  });

  it('goes on to the next level after an end, which is shown as an instant without an action', async () => {
    const client = await page();
    await client.join({ levelSeed: 3 });
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    const last = await client.frame(({ action }) => action === null);
    expect(last.end).not.toBeNull();
    const first = await client.frame(({ step }) => step > last.step);
    expect(first).toMatchObject({ episode: 1, levelSeed: 4 });
    client.send({ type: 'history', id: 9, from: last.step - 1, to: last.step + 1 });
    const { ends, actions } = await client.next('history');
    expect([...actions]).toEqual([expect.any(Number), -1]);
    expect(ends).toEqual([{ step: last.step - 1, end: last.end }]);
  });

  it('plays the same episode again for the same policy, level and seed, and another for another seed', async () => {
    const episode = async (seed: number): Promise<number[]> => {
      const client = await page();
      await client.join({ playing: false, levelSeed: 9, seed });
      client.send({ type: 'step', count: 40 });
      await client.frame(({ newest }) => newest === 40);
      client.send({ type: 'history', from: 0, to: 41 });
      return [...(await client.next('history')).actions];
    };
    const first = await episode(0);
    expect(await episode(0)).toEqual(first);
    expect(await episode(1)).not.toEqual(first);
  });

  it('is shared by the viewers who name it, and goes on for who comes back', async () => {
    const first = await page();
    const { session } = await first.join({ playing: false });
    const second = await page();
    expect(await second.join({ session })).toMatchObject({ session, viewers: 2 });
    await first.next('state', ({ viewers }) => viewers === 2);
    await second.frame();
    second.send({ type: 'step', count: 3 });
    expect((await first.frame(({ step }) => step === 3)).session).toBe(session);
    first.close();
    await second.next('state', ({ viewers }) => viewers === 1);
    second.close();
    const third = await page();
    expect(await third.join({ session })).toMatchObject({ session, newest: 3 });
    expect((await third.frame()).step).toBe(3);
    // The server hears in its own time that somebody left.
    const states = () => third.messages.filter((message) => message.type === 'state');
    await expect.poll(() => states().at(-1)?.viewers).toBe(1);
  });

  it('changes level, policy and speed for everyone, and says so', async () => {
    const client = await page();
    await client.join({ playing: false });
    await client.frame();
    client.send({ type: 'setLevel', levelSeed: 41 });
    expect(await client.frame(({ levelSeed }) => levelSeed === 41)).toMatchObject({ episode: 1, step: 1 });
    client.send({ type: 'nextLevel' });
    expect(await client.frame(({ levelSeed }) => levelSeed === 42)).toMatchObject({ episode: 2, step: 2 });
    client.send({ type: 'setPolicy', policy: 'beta' });
    expect(await client.frame(({ policy }) => policy === 'beta')).toMatchObject({ episode: 3, levelSeed: 42 });
    client.send({ type: 'setSpeed', stepsPerSecond: 60 });
    expect(await client.next('state', ({ stepsPerSecond }) => stepsPerSecond === 60)).toMatchObject({ policy: 'beta' });
  });

  it('rests while nobody watches', async () => {
    const client = await page();
    const { session } = await client.join();
    await client.frame(({ step }) => step > 2);
    client.close();
    // The server hears in its own time that nobody watches any more.
    let acts = -1;
    const rests = (): boolean => acts === (acts = engine.acts);
    await expect.poll(rests, { interval: 250 }).toBe(true);
    await later(300);
    expect(engine.acts).toBe(acts);
    const again = await page();
    await again.join({ session });
    await again.frame(({ step }) => step > acts);
  });

  it('that fails is told to its viewers and leaves the others alone', async () => {
    const healthy = await page();
    await healthy.join({ policy: 'alpha' });
    engine.broken.add(policies[1].hash);
    const failing = await page();
    await failing.join({ policy: 'beta' });
    failing.send({ type: 'step' });
    expect(await failing.next('error')).toMatchObject({ code: 'internal', message: 'this engine is broken' });
    const { step } = await healthy.frame();
    await healthy.frame((frame) => frame.step > step + 3);
  });
});

describe('a person who takes over', () => {
  it('chooses the actions until handing back, and the frames say who chose', async () => {
    const client = await page();
    const before = await client.join({ playing: false });
    expect(before).toMatchObject({ actor: 'policy', yours: false, branchedFrom: null });
    expect(await client.frame()).toMatchObject({ step: 0, actor: 'policy' });
    client.send({ type: 'takeOver' });
    expect(await client.next('state')).toMatchObject({ actor: 'human', yours: true });
    const played: number[] = [];
    for (const [i, action] of [2, 4, 3].entries()) {
      client.send({ type: 'act', action });
      client.send({ type: 'step' });
      const frame = await client.frame(({ step }) => step === i + 1);
      expect(frame).toMatchObject({ action, actor: 'human' });
      expect(frame.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      played.push(frame.scene.agent.x);
    }
    client.send({ type: 'act', id: 8, action: 7 });
    expect(await client.next('error')).toMatchObject({ reply: 8, code: 'bad-value' });
    client.send({ type: 'handBack' });
    expect(await client.next('state')).toMatchObject({ actor: 'policy', yours: false });
    client.send({ type: 'step' });
    expect(await client.frame(({ step }) => step === 4)).toMatchObject({ actor: 'policy' });

    const environment = createCoinRun({ difficulty: 'easy' });
    environment.reset({ options: { levelSeed: 5 } });
    client.send({ type: 'history', from: 0, to: 4 });
    const { actions } = await client.next('history');
    const places = [...actions].map((action) => {
      const { x } = environment.scene.agent;
      environment.step(action);
      return x;
    });
    expect(played).toEqual(places.slice(1));
  });

  it('begins with the action that does nothing, and holds each action until the next', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'takeOver' });
    client.send({ type: 'step', count: 3 });
    await client.frame(({ step }) => step === 3);
    client.send({ type: 'act', action: 1 });
    client.send({ type: 'step', count: 3 });
    await client.frame(({ step }) => step === 6);
    client.send({ type: 'history', from: 1, to: 7 });
    expect([...(await client.next('history')).actions]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('is the only one who may steer; who leaves gives the controls back', async () => {
    const first = await page();
    const { session } = await first.join({ playing: false });
    const second = await page();
    await second.join({ session });
    second.send({ type: 'act', id: 1, action: 1 });
    expect(await second.next('error')).toMatchObject({ reply: 1, code: 'not-yours' });
    first.send({ type: 'takeOver' });
    expect(await second.next('state', ({ actor }) => actor === 'human')).toMatchObject({ yours: false });
    const steering = [
      { type: 'takeOver' },
      { type: 'act', action: 1 },
      { type: 'play' },
      { type: 'setLevel', levelSeed: 9 },
      { type: 'branch', step: 0 },
    ] as const;
    for (const [i, message] of steering.entries()) {
      second.send({ ...message, id: 10 + i });
      expect(await second.next('error')).toMatchObject({ reply: 10 + i, code: 'not-yours' });
    }
    second.send({ type: 'handBack' });
    second.send({ type: 'seek', id: 30, step: 0 });
    await second.frame(({ reply }) => reply === 30);
    first.close();
    expect(await second.next('state', ({ actor }) => actor === 'policy')).toMatchObject({ viewers: 1 });
    second.send({ type: 'takeOver' });
    await second.next('state', ({ yours }) => yours);
  });
});

describe('a branch', () => {
  it('begins at an instant that is held: the same world and thoughts, another future', async () => {
    const client = await page();
    await client.join({ playing: false, levelSeed: 8 });
    client.send({ type: 'step', count: 20 });
    const last = await client.frame(({ step }) => step === 20);
    client.send({ type: 'seek', step: 12 });
    const origin = await client.frame(({ live }) => !live);
    client.send({ type: 'follow' });
    client.send({ type: 'branch', step: 12 });
    const branch = await client.frame(({ step }) => step === 21);
    expect(branch).toMatchObject({ episode: last.episode + 1, levelSeed: 8, live: true });
    expect(branch.observation).toEqual(origin.observation);
    expect(branch.scene).toEqual({ ...origin.scene, layout: branch.scene.layout });
    expect([branch.value, ...branch.logits]).toEqual([origin.value, ...origin.logits]);
    client.send({ type: 'branch', id: 4, step: 99 });
    expect(await client.next('error')).toMatchObject({ reply: 4, code: 'not-held' });
    expect(client.messages.filter(({ type }) => type === 'state').at(-1)).toMatchObject({ branchedFrom: 12 });
  });

  it('with edits shows the changed level, thought over anew, its maps too, beside the original', async () => {
    const client = await page();
    await client.join({ playing: false, levelSeed: 8 });
    client.send({ type: 'setOverlays', overlays: [request('saliency')] });
    const before = await client.frame(({ overlays }) => overlays.length > 0);
    const { x, y } = before.scene.agent;
    client.send({
      type: 'edit',
      step: 0,
      edits: [
        { kind: 'add', object: { kind: 'saw', x: x + 2, y: y + 1 } },
        { kind: 'theme', theme: { monochrome: true } },
      ],
    });
    const after = await client.frame(({ step }) => step === 1);
    expect(after.scene.objects.length).toBe(before.scene.objects.length + 8);
    expect(after.observation).not.toEqual(before.observation);
    expect(engine.explained).toHaveLength(2);
    const layouts = client.messages.filter((message): message is LayoutMessage => message.type === 'layout');
    expect(layouts.map(({ layout }) => layout.theme.monochrome)).toEqual([false, true]);
    client.send({ type: 'seek', step: 0 });
    expect((await client.frame(({ live }) => !live)).observation).toEqual(before.observation);
  });

  it('cannot begin where an episode is over', async () => {
    const client = await page();
    await client.join({ levelSeed: 3 });
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    const { step } = await client.frame(({ action }) => action === null);
    client.send({ type: 'branch', id: 4, step });
    expect(await client.next('error')).toMatchObject({ reply: 4, code: 'bad-value' });
  });

  it('with an edit that makes no sense is refused, and nothing has happened', async () => {
    const client = await page();
    await client.join({ playing: false });
    await client.frame();
    client.send({ type: 'edit', id: 5, edits: [{ kind: 'remove', id: 9999 }] });
    expect(await client.next('error')).toMatchObject({ reply: 5, code: 'bad-value' });
    client.send({ type: 'edit', id: 6, edits: [] });
    expect(await client.next('error')).toMatchObject({ reply: 6, code: 'bad-message' });
    client.send({ type: 'step' });
    expect(await client.frame(({ step }) => step === 1)).toMatchObject({ episode: 0 });
  });
});

describe('scrubbing', () => {
  it('shows the very instant that was shown, holds there while the session plays on, and comes back to live', async () => {
    const client = await page();
    await client.join({ levelSeed: 8 });
    client.send({ type: 'setSpeed', stepsPerSecond: 60 });
    const seen = await client.frame(({ step }) => step >= 5);
    await client.frame(({ step }) => step > seen.step + 10);
    client.send({ type: 'seek', id: 7, step: seen.step });
    const again = await client.frame(({ live }) => !live);
    expect(again).toMatchObject({ reply: 7, step: seen.step });
    expect(instantOf(again)).toEqual(instantOf(seen));
    client.forget();
    await later(200);
    expect(client.messages.filter(({ type }) => type === 'frame').at(-1)).toBe(again);
    client.send({ type: 'follow' });
    const live = await client.frame();
    expect(live.live).toBe(true);
    expect(live.step).toBeGreaterThan(again.newest);
  });

  it('reaches the oldest instant held, and refuses what is not held', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'step', count: 500 });
    const { oldest, newest } = await client.frame((frame) => frame.step === 500);
    expect([oldest, newest]).toEqual([301, 500]);
    client.send({ type: 'seek', step: 301 });
    const frame = await client.frame(({ live }) => !live);
    expect(frame.step).toBe(301);
    const layouts = client.messages.filter((message): message is LayoutMessage => message.type === 'layout');
    expect(layouts.map(({ layout }) => layout.layout)).toContain(frame.scene.layout);
    client.send({ type: 'seek', id: 3, step: 300 });
    expect(await client.next('error')).toMatchObject({
      reply: 3,
      code: 'not-held',
      message: 'step: expected 301 to 500, got 300',
    });
    client.send({ type: 'history', from: 0, to: 10_000 });
    const history = await client.next('history');
    expect([history.from, history.actions.length, history.probabilities.length]).toEqual([301, 200, 1400]);
  });
});

describe('a slow viewer', () => {
  it('gets one frame, then the latest once it has drawn it; the agent and other viewers never wait', async () => {
    const fast = await page();
    const { session } = await fast.join({ levelSeed: 8 });
    fast.send({ type: 'setSpeed', stepsPerSecond: 120 });
    const slow = await page();
    slow.acknowledges = false;
    await slow.join({ session });
    const first = await slow.frame();
    await fast.frame(({ step }) => step > first.step + 50);
    expect(slow.messages.filter(({ type }) => type === 'frame')).toHaveLength(1);
    slow.send({ type: 'ack', frame: first.frame });
    const second = await slow.frame();
    expect(second.step).toBeGreaterThan(first.step + 50);
    expect(second.newest - second.step).toBeLessThan(3);
  });

  it('holds no frame back while a map is computed: the agent plays on and the next map is of a later frame', async () => {
    const client = await page();
    await client.join({ levelSeed: 8 });
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    let open = (): void => undefined;
    engine.gate = new Promise((resolve) => (open = resolve));
    client.send({ type: 'setOverlays', overlays: [request('saliency')] });
    const { acts } = engine;
    while (engine.acts < acts + 30) await later(10);
    expect(engine.explained).toHaveLength(1);
    open();
    const first = await client.frame(({ overlays }) => overlays.length > 0);
    const second = await client.frame(({ overlays }) => overlays.length > 0);
    expect(second.step).toBeGreaterThan(first.step + 20);
  });
});

describe('overlays', () => {
  it('are of the frame that carries them, one for each request and in their order', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'setOverlays', overlays: [request('saliency', '2b', 'a'), request('gradCam', '3a', 'bb')] });
    for (let step = 0; step < 5; step++) {
      const { observation, overlays } = await client.frame((frame) => frame.step === step && frame.overlays.length > 0);
      expect(overlays).toMatchObject([
        { ok: true, request: 'a', method: 'saliency', layer: '2b' },
        { ok: true, request: 'bb', method: 'gradCam', layer: '3a' },
      ]);
      for (const overlay of overlays) {
        expect(overlay.ok && [...overlay.map].slice(0, 2)).toEqual([observation[5000], observation[7000]]);
      }
      client.send({ type: 'step' });
    }
  });

  it('of fifty viewers of one episode cost one agent and one computation for each distinct one', async () => {
    const first = await page();
    const { session } = await first.join({ playing: false });
    const crowd = [first, ...(await Promise.all(Array.from({ length: 49 }, () => page())))];
    await Promise.all(crowd.slice(1).map((client) => client.join({ session })));
    crowd.forEach((client, i) => {
      client.send({ type: 'setOverlays', overlays: [request(i % 2 ? 'saliency' : 'gradCam', '2b', `mine ${i}`)] });
    });
    const withMap = (step: number) =>
      Promise.all(crowd.map((c) => c.frame((f) => f.step === step && f.overlays.length > 0)));
    await withMap(0);
    first.send({ type: 'step' });
    const frames = await withMap(1);
    expect(frames.map(({ overlays }) => overlays[0].request)).toEqual(crowd.map((_, i) => `mine ${i}`));
    expect(engine.acts).toBe(2);
    expect([...engine.explained].sort()).toEqual(['gradCam 2b', 'gradCam 2b', 'saliency 2b', 'saliency 2b']);
  });

  it('come from the cache when an instant is shown again', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'setOverlays', overlays: [request('saliency')] });
    await client.frame(({ overlays }) => overlays.length > 0);
    client.send({ type: 'step' });
    await client.frame(({ step }) => step === 1);
    const { computed } = server.overlays;
    client.send({ type: 'seek', step: 0 });
    const { overlays } = await client.frame(({ step, live }) => step === 0 && !live);
    expect(overlays).toMatchObject([{ ok: true, milliseconds: 0 }]);
    expect(server.overlays.computed).toBe(computed);
  });

  it('beyond four different ones in a session are refused in words, the others drawn', async () => {
    const first = await page();
    const { session } = await first.join({ playing: false });
    const methods = ['a', 'b', 'c', 'd'];
    first.send({ type: 'setOverlays', overlays: methods.map((method) => request(method)) });
    await first.frame(({ overlays }) => overlays.length === 4);
    const second = await page();
    await second.join({ session });
    second.send({ type: 'setOverlays', overlays: [request('e'), request('d')] });
    const { overlays } = await second.frame((frame) => frame.overlays.length === 2);
    expect(overlays).toMatchObject([
      { ok: false, request: 'e', error: expect.stringContaining('expected at most 4') as string },
      { ok: true, request: 'd' },
    ]);
  });

  it('that cannot be made say why, and the frame comes all the same', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'setOverlays', overlays: [request('saliency', '9z')] });
    const { overlays } = await client.frame((frame) => frame.overlays.length > 0);
    expect(overlays).toEqual([{ ok: false, request: 'saliency', error: 'layer: expected one of 2b, got 9z' }]);
  });
});

describe('bad input', () => {
  it('is answered with a code and one line that names what was expected', async () => {
    const client = await page();
    const answer = async (value: unknown): Promise<unknown> => {
      client.sendRaw(value);
      const { type: _, ...error } = await client.next('error');
      return error;
    };
    expect(await answer({ type: 'play', id: 4 })).toEqual({
      reply: 4,
      code: 'not-joined',
      message: 'session: expected join first, got something else',
    });
    expect(await answer({ type: 'join', id: 5, protocol: 99 })).toMatchObject({ reply: 5, code: 'version' });
    expect(await answer({ type: 'join', protocol: protocolVersion, session: '../etc' })).toEqual({
      code: 'unknown-session',
      message: 'session: expected one that exists, got ../etc',
    });
    expect(await answer({ type: 'join', protocol: protocolVersion, policy: '../../etc/passwd' })).toEqual({
      code: 'unknown-policy',
      message: 'policy: expected one of alpha, beta, got ../../etc/passwd',
    });
    expect(await answer(null)).toMatchObject({ code: 'bad-message' });
    expect(await answer({ type: 'join', protocol: protocolVersion, levelSeed: -1 })).toMatchObject({
      code: 'bad-message',
      message: 'join.levelSeed: expected at least 0, got -1',
    });
    await client.join({ playing: false });
    expect(await answer({ type: 'setSpeed', stepsPerSecond: 1e6 })).toMatchObject({
      code: 'bad-value',
      message: 'speed: expected 0.5 to 120 steps a second, got 1000000',
    });
    expect(reported).toEqual([]);
  });

  it('in a flood is refused once, then hung up on; others are served', async () => {
    const other = await page();
    await other.join();
    const client = await page();
    for (let i = 0; i < 1000; i++) client.sendRaw({ type: 'nonsense' });
    await client.next('error', ({ code }) => code === 'too-fast');
    while (client.connected) await later(10);
    const { step } = await other.frame();
    await other.frame((frame) => frame.step > step);
  });

  it('finds no room for a session when all there may be are watched, and room when one is left', async () => {
    const [first] = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const client = await page();
        await client.join({ playing: false });
        return client;
      }),
    );
    const late = await page();
    late.send({ type: 'join', protocol: protocolVersion });
    expect(await late.next('error')).toMatchObject({ code: 'too-many' });
    first.close();
    // The server hears of it in its own time: until then there is no room.
    const finds = (): boolean => {
      if (late.messages.some(({ type }) => type === 'state')) return true;
      late.send({ type: 'join', protocol: protocolVersion });
      return false;
    };
    await expect.poll(finds).toBe(true);
  });
});

describe('the HTTP edge', () => {
  const fetched = (
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
    new Promise((resolve, reject) => {
      get(new URL(server.address), { path, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      }).on('error', reject);
    });

  it('serves the page under a content policy of its own origin, without eval', async () => {
    const { status, headers } = await fetched('/alpha/policy.safetensors');
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toContain("'unsafe-eval'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('reaches no file outside the page', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/.fingerprint',
      '//etc/passwd',
    ]) {
      expect((await fetched(path)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  it("describes itself: OpenAPI, the catalogue, and the sockets' messages", async () => {
    const document = JSON.parse((await fetched('/api')).body) as Record<string, Record<string, unknown>>;
    expect(document['openapi']).toBe('3.1.0');
    const paths = Object.entries(document['paths']).filter(([path, operations]) => {
      return !path.includes('{') && Object.hasOwn(operations as object, 'get');
    });
    expect(paths.length).toBeGreaterThan(3);
    for (const [path] of paths) expect((await fetched(path)).status, path).toBe(200);
    expect(JSON.stringify(document['x-socket']['client'])).toContain('setOverlays');
    expect(JSON.stringify(document['x-socket']['server'])).toContain('float32, little-endian');
    const client = await page();
    expect(JSON.parse((await fetched('/api/catalogue')).body)).toEqual(await client.next('hello'));
  });

  it('answers no other host, origin or unknown path', async () => {
    const { host } = new URL(server.address);
    expect((await fetched('/api/health')).status).toBe(200);
    expect((await fetched('/api/health', { host: 'evil.example' })).status).toBe(403);
    expect((await fetched('/api/health', { host, origin: 'http://evil.example' })).status).toBe(403);
    expect((await fetched('/api/nothing')).status).toBe(404);
    await expect(page({ origin: 'http://evil.example' })).rejects.toThrow();
    await (await page({ origin: `http://${host}` })).join();
  });
});
