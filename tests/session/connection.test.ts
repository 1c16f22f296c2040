/** A session hosted without a server: what a page gets over any wire, on a clock that the test turns. */
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { createCoinRun } from '@saccade/envs';
import { buildNetwork, initialiseParameters } from '@saccade/nn';
import { protocolVersion } from '@saccade/protocol';
import type { ClientMessageInput, FrameMessage, OverlayRequest, ServerMessage } from '@saccade/protocol';
import { Canceller, Connection, defaultSessionLimits, Directory, hello, offer, OverlayService } from '@saccade/session';
import type { CancelSignal, Clock, OverlayEngine, OverlayMap, SessionLimits } from '@saccade/session';

function handClock(): Clock & { turn(milliseconds: number): Promise<void> } {
  let time = 0;
  const due = new Map<object, { readonly at: number; readonly work: () => void }>();
  return {
    now: () => time,
    after(milliseconds, work) {
      const key = {};
      due.set(key, { at: time + milliseconds, work });
      return () => due.delete(key);
    },
    async turn(milliseconds) {
      time += milliseconds;
      for (const [key, { at, work }] of due) {
        if (at > time) continue;
        due.delete(key);
        work();
      }
      await settled();
    },
  };
}

/** All that follows without a clock has followed. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

function onePolicy() {
  const actions = createCoinRun({}).actionSpace.names;
  const network = buildNetwork('compact', [64, 64, 3], actions.length);
  const parameters = initialiseParameters(network, createStream(1, 'parameters'));
  const training = { environment: { name: 'coinrun', config: {} } };
  return offer({
    name: 'toy',
    hash: 'abc',
    description: 'a toy',
    policy: { network, parameters, actions, training },
  });
}

const map: OverlayMap = {
  method: 'saliency',
  layer: '2b',
  target: 'value',
  shape: [1, 1],
  map: Float32Array.of(1),
  signed: true,
  scale: 1,
  score: 0,
};

function host(limits: Partial<SessionLimits> = {}) {
  const clock = handClock();
  const sent: ServerMessage[] = [];
  let release = (): void => undefined;
  let draw = (_: OverlayMap): void => undefined;
  let asked: CancelSignal | undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const engine: OverlayEngine = {
    explain(_hash, _sight, _request, signal, draft) {
      draw = (unfinished) => draft?.(unfinished);
      asked = signal;
      return gate.then(() => map);
    },
  };
  const all = { ...defaultSessionLimits, ...limits };
  const policies = [onePolicy()];
  const directory = new Directory({
    clock,
    limits: all,
    overlays: new OverlayService(engine, clock),
    version: '0',
    act: () => Promise.resolve({ logits: new Float32Array(7), value: 0 }),
    newId: () => 'one',
  });
  const connection = new Connection((message) => sent.push(message), {
    offered: { policies, hello: () => hello(policies, 'a fake', all, '0') },
    directory,
    limits: all,
    start: { policy: 'toy', levelSeed: 1, seed: 0 },
    open: () => Promise.reject(new Error('not here')),
    report: (error) => expect.unreachable(String(error)),
  });
  let id = 0;
  const say = async (message: ClientMessageInput): Promise<void> => {
    connection.receive({ ...message, id: ++id });
    await settled();
  };
  const frames = (): FrameMessage[] => sent.filter((message) => message.type === 'frame');
  const drawDraft = async (share: number): Promise<void> => {
    draw({ ...map, map: Float32Array.of(share), draft: share });
    await settled();
  };
  return { clock, sent, connection, say, frames, release, drawDraft, cancelled: () => asked?.aborted };
}

const request: OverlayRequest = { id: 'a', method: 'saliency', layer: '2b', target: 'value', options: {} };
const join: ClientMessageInput = { type: 'join', protocol: protocolVersion, playing: false };

describe('a session without a server', () => {
  it('greets, and shows the first instant of a level to who joins', async () => {
    const { connection, sent, say, frames } = host();
    connection.open();
    await say(join);
    expect(sent.map(({ type }) => type)).toEqual(expect.arrayContaining(['hello', 'state', 'layout', 'frame']));
    expect(frames()[0]).toMatchObject({ step: 0, levelSeed: 1, policy: 'toy' });
  });

  it('plays at its speed, on the clock that it was lent', async () => {
    const { clock, say, frames } = host();
    await say(join);
    await say({ type: 'setSpeed', stepsPerSecond: 10 });
    await say({ type: 'ack', frame: 0 });
    await say({ type: 'play' });
    await clock.turn(1);
    expect(frames().at(-1)?.step).toBe(1);
    await say({ type: 'ack', frame: 1 });
    await clock.turn(99);
    await say({ type: 'pause' });
    expect(frames().at(-1)?.step).toBe(2);
  });

  it('shows the world without its maps where the first map takes longer than a viewer should wait, then with them', async () => {
    const { clock, say, frames, release } = host({ firstFrameWait: 200 });
    await say(join);
    await say({ type: 'ack', frame: 0 });
    await say({ type: 'setOverlays', overlays: [request] });
    await clock.turn(199);
    expect(frames()).toHaveLength(1);
    await clock.turn(1);
    expect(frames().at(-1)).toMatchObject({ step: 0, overlays: [] });
    await say({ type: 'ack', frame: 1 });
    release();
    await settled();
    expect(frames().at(-1)).toMatchObject({ step: 0, overlays: [{ ok: true, request: 'a' }] });
    expect(frames()).toHaveLength(3);
  });

  it('waits for the maps where nothing else was asked for', async () => {
    const { clock, say, frames, release } = host();
    await say(join);
    await say({ type: 'ack', frame: 0 });
    await say({ type: 'setOverlays', overlays: [request] });
    await clock.turn(10_000);
    expect(frames()).toHaveLength(1);
    release();
    await settled();
    expect(frames().at(-1)).toMatchObject({ overlays: [{ ok: true }] });
  });

  it('says at once that it keeps no recordings', async () => {
    const { sent, say } = host();
    await say(join);
    await say({ type: 'record', from: 'episode' });
    expect(sent.at(-1)).toMatchObject({
      type: 'error',
      code: 'bad-value',
      message: 'record: expected a server, which keeps recordings; here is none',
    });
  });

  it('answers what is no message with a line, and goes on', async () => {
    const { connection, sent, say, frames } = host();
    connection.receive({ type: 'fly', id: 7 });
    expect(sent.at(-1)).toMatchObject({ type: 'error', code: 'bad-message', reply: 7 });
    connection.receive(null);
    expect(sent.at(-1)).toMatchObject({ type: 'error', code: 'bad-message' });
    await say(join);
    expect(frames()).toHaveLength(1);
  });
});

describe('a map that takes long', () => {
  const ready = async () => {
    const hosted = host();
    await hosted.say(join);
    await hosted.say({ type: 'ack', frame: 0 });
    await hosted.say({ type: 'setOverlays', overlays: [request] });
    return hosted;
  };
  const shares = (frames: readonly FrameMessage[]): (number | undefined)[] =>
    frames.slice(1).map(({ overlays: [overlay] }) => (overlay?.ok ? overlay.draft : NaN));

  it('comes as drafts in order, at most one in a tenth of a second, then as itself', async () => {
    const { clock, say, frames, release, drawDraft } = await ready();
    await drawDraft(0.1);
    await drawDraft(0.2);
    await clock.turn(99);
    expect(shares(frames())).toEqual([]);
    await clock.turn(1);
    expect(shares(frames())).toEqual([0.2]);
    await say({ type: 'ack', frame: 1 });
    await clock.turn(150);
    await drawDraft(0.5);
    await say({ type: 'ack', frame: 2 });
    expect(shares(frames())).toEqual([0.2, 0.5]);
    release();
    await settled();
    expect(shares(frames())).toEqual([0.2, 0.5, undefined]);
    expect(frames().at(-1)).toMatchObject({ step: 0, overlays: [{ ok: true, request: 'a', map: map.map }] });
  });

  it('comes without drafts where it is there in time', async () => {
    const { clock, frames, release, drawDraft } = await ready();
    await drawDraft(0.5);
    await clock.turn(50);
    release();
    await settled();
    await clock.turn(1000);
    expect(shares(frames())).toEqual([undefined]);
  });

  it('refines at an instant that is held, and is given up when the viewer looks elsewhere', async () => {
    const { clock, say, frames, drawDraft, cancelled } = await ready();
    await say({ type: 'seek', step: 0 });
    await clock.turn(100);
    await drawDraft(0.25);
    expect(frames().at(-1)).toMatchObject({ live: false, overlays: [{ draft: 0.25 }] });
    expect(cancelled()).toBe(false);
    const { length } = frames();
    await say({ type: 'setOverlays', overlays: [] });
    expect(cancelled()).toBe(true);
    await clock.turn(100);
    await drawDraft(0.75);
    expect(shares(frames()).slice(length - 1)).not.toContain(0.75);
  });
});

describe('a viewer who leaves beside other agents', () => {
  it('cancels their maps and its own, and leaves no rejection that nobody hears: Node would end the server', async () => {
    const { connection, say, frames, cancelled } = host();
    await say(join);
    await say({ type: 'setCompanions', companions: [{ policy: 'toy', seed: 7 }] });
    await say({ type: 'setOverlays', overlays: [request] });
    for (const { frame } of frames()) await say({ type: 'ack', frame });
    await say({ type: 'step', count: 1 });
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    connection.leave();
    await settled();
    process.off('unhandledRejection', hear);
    expect(cancelled()).toBe(true);
    expect(unheard).toEqual([]);
  });
});

describe('Canceller', () => {
  it('tells each listener once, those who left not at all', () => {
    const canceller = new Canceller();
    let told = 0;
    const stays = (): void => void told++;
    const leaves = (): void => void (told += 100);
    canceller.signal.addEventListener('abort', stays);
    canceller.signal.addEventListener('abort', leaves);
    canceller.signal.removeEventListener('abort', leaves);
    expect(canceller.signal.aborted).toBe(false);
    canceller.abort();
    canceller.abort();
    expect(canceller.signal.aborted).toBe(true);
    expect(told).toBe(1);
  });
});
