/** Recordings through the server: opened, made, listed, brought and taken away; and levels and policies of one's own. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCoinRun, generateLevel, resolveCoinRunConfig, textFromLevel } from '@saccade/envs';
import { exportOnnx } from '@saccade/nn';
import { protocolVersion, recordingInfoSchema } from '@saccade/protocol';
import type { RecordingInfo } from '@saccade/protocol';
import { startServer } from '../../apps/sim/src/server/index.ts';
import type { RunningServer } from '../../apps/sim/src/server/index.ts';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import type { StoredPolicy } from '../../apps/sim/src/storage/policies.ts';
import { RecordingShelf } from '../../apps/sim/src/storage/recordingShelf.ts';
import { readRecording, writeRecording } from '../../apps/sim/src/storage/recordings.ts';
import { replay } from '../../apps/sim/src/storage/replay.ts';
import { connect } from './client.ts';
import type { Client } from './client.ts';
import { refusal, run } from './commandLine.ts';
import { fakeEngine } from './fakeEngine.ts';
import { policyFolder, randomPolicy } from './randomPolicy.ts';

let folder = '';
let recordings = '';
let policies: StoredPolicy[] = [];
let server: RunningServer;
let clients: Client[] = [];
const reported: unknown[] = [];

beforeAll(async () => {
  folder = await policyFolder('alpha', 'beta');
  policies = await Promise.all((await findPolicies(folder)).map((file) => loadPolicy(file)));
  const flags = ['--policy', join(folder, 'beta'), '--level', '3', '--steps', '60', '--out', join(folder, 'taken')];
  const { code, stderr } = await run('record', ...flags);
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  recordings = await mkdtemp(join(tmpdir(), 'saccade-recordings-'));
  reported.length = 0;
  server = await startServer({
    port: 0,
    policies,
    engine: fakeEngine(),
    page: folder,
    start: { levelSeed: 5, seed: 0 },
    shelf: new RecordingShelf(recordings),
    limits: { broughtPolicies: 1 },
    report: (error) => reported.push(error),
  });
});
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server.close();
  await rm(recordings, { recursive: true, force: true });
  expect(reported).toEqual([]);
});

async function page(): Promise<Client> {
  const client = await connect(server.address);
  clients.push(client);
  return client;
}

const list = async (): Promise<RecordingInfo[]> => {
  const { recordings: infos } = (await (await fetch(`${server.address}api/recordings`)).json()) as {
    recordings: unknown[];
  };
  return infos.map((info) => recordingInfoSchema.parse(info));
};

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(server.address + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

async function files(path: string) {
  const text = (name: string): Promise<string> => readFile(join(path, name), 'utf8');
  const steps = (await readFile(join(path, 'steps.parquet'))).toString('base64');
  return { manifest: await text('manifest.json'), steps, events: await text('events.jsonl') };
}

const refusalOf = async (response: Response): Promise<unknown> => ({
  status: response.status,
  ...((await response.json()) as object),
});

/** Brings the recording of the command line. */
async function brought(): Promise<RecordingInfo> {
  const response = await post('api/recordings', await files(join(folder, 'taken')));
  expect(response.status).toBe(201);
  return recordingInfoSchema.parse(await response.json());
}

describe('a recording that is opened', () => {
  it('is a session that holds all of its instants: states, thoughts, actions and end as recorded', async () => {
    const { manifest, steps } = await readRecording(join(folder, 'taken'));
    const info = await brought();
    expect(info).toMatchObject({ levelSeed: 3, steps: steps.length, saved: null });
    expect(await list()).toEqual([info]);

    const client = await page();
    const state = await client.join({ recording: info.id });
    expect(state).toMatchObject({ playing: false, policy: 'beta', levelSeed: 3, oldest: 0, newest: steps.length });
    expect(state.recording).toEqual({ info, known: true, mismatch: null });
    const environment = createCoinRun(manifest.environment.config);
    environment.reset({ options: { levelSeed: 3 } });
    for (const step of [0, 7, steps.length - 1]) {
      while (environment.info().step < step) environment.step(steps[environment.info().step].action);
      client.send({ type: 'seek', step });
      const frame = await client.frame((shown) => shown.step === step && !shown.live);
      expect(frame).toMatchObject({ action: steps[step].action, actor: 'policy', value: steps[step].value });
      expect(frame.logits).toEqual(steps[step].logits);
      const pixels = new Uint8Array(64 * 64 * 3);
      environment.observeInto(pixels, 0);
      expect(frame.observation).toEqual(pixels);
    }
  });

  it('that went another way shows what there is up to that step, which it names', async () => {
    const recording = await readRecording(join(folder, 'taken'));
    const steps = recording.steps.map((step, i) => (i === 9 ? { ...step, stateHash: '0'.repeat(16) } : step));
    await writeRecording(join(recordings, 'wrong'), { ...recording, steps });
    const client = await page();
    const state = await client.join({ recording: 'wrong' });
    expect(state).toMatchObject({ oldest: 0, newest: 9 });
    expect(state.recording?.mismatch).toMatchObject({
      step: 9,
      message: expect.stringMatching(/^step 9: expected the state hash 0{16} as recorded, got \w{16}$/) as string,
    });
  });

  it('is of another policy where its own is not offered, and says so', async () => {
    const recording = await readRecording(join(folder, 'taken'));
    const manifest = { ...recording.manifest, policy: { name: 'gone', hash: 'f'.repeat(16), weightEdits: [] } };
    await writeRecording(join(recordings, 'foreign'), { ...recording, manifest });
    const client = await page();
    const state = await client.join({ recording: 'foreign' });
    expect(state).toMatchObject({ policy: 'alpha', recording: { known: false, info: { policy: 'gone' } } });
  });

  it('has no agent that plays on, until somebody branches from one of its steps', async () => {
    const { id } = await brought();
    const client = await page();
    const { newest } = await client.join({ recording: id });
    client.send({ type: 'play', id: 4 });
    expect(await client.next('error')).toMatchObject({
      reply: 4,
      message: expect.stringContaining('branch') as string,
    });
    client.send({ type: 'branch', step: 12 });
    const branch = await client.frame(({ step }) => step === newest + 1);
    expect(branch).toMatchObject({ episode: 1, live: true, scene: { step: 12 } });
    const states = client.messages.filter((message) => message.type === 'state');
    expect(states.at(-1)).toMatchObject({ recording: null, branchedFrom: 12 });
    client.send({ type: 'step' });
    await client.frame(({ step }) => step === newest + 2);
  });

  it('is named by an id that is looked up: nothing else reaches a file', async () => {
    const client = await page();
    for (const recording of ['nothing', '..', '.', 'a..b']) {
      client.sendRaw({ type: 'join', id: 7, protocol: protocolVersion, recording });
      const { code } = await client.next('error', ({ reply }) => reply === 7);
      expect(['unknown-recording', 'bad-message']).toContain(code);
    }
    for (const path of [
      '..%2f..%2fetc/passwd',
      '%2e%2e/manifest.json',
      'x/..%2fmanifest.json',
      'nothing/steps.parquet',
    ]) {
      expect((await fetch(`${server.address}api/recordings/${path}`)).status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('recordings that a page brings', () => {
  it('are refused in one line that says what is wrong', async () => {
    const good = await files(join(folder, 'taken'));
    const line = async (change: object): Promise<unknown> =>
      refusalOf(await post('api/recordings', { ...good, ...change }));
    expect(await line({ manifest: '{}' })).toEqual({
      status: 400,
      error: 'manifest.json: expected the manifest of a Saccade recording',
    });
    expect(await line({ manifest: 'hello' })).toMatchObject({
      error: 'manifest.json: expected JSON, got something else',
    });
    expect(await line({ steps: Buffer.from('PAR1 no').toString('base64') })).toMatchObject({
      error: expect.stringMatching(/^steps\.parquet: expected a Parquet file of steps/) as string,
    });
    expect(await line({ steps: '???' })).toMatchObject({
      status: 400,
      error: 'recording.steps: Invalid base64-encoded string',
    });
    expect(await line({ events: '{"kind":"fly","step":0}\n' })).toMatchObject({
      error: expect.stringMatching(/^events\.jsonl: line 1: /) as string,
    });
    expect(await line({ extra: 1 })).toMatchObject({ status: 400 });
    expect(await list()).toEqual([]);
  });

  it('are held to a size, before they are read', async () => {
    const response = await post('api/recordings', { manifest: 'x'.repeat(18 * 2 ** 20), steps: '', events: '' });
    expect(response.status).toBe(413);
  });
});

describe('recording in a session', () => {
  it('writes the episode, a person’s actions included, as files that replay', async () => {
    const client = await page();
    await client.join({ playing: false, levelSeed: 8 });
    client.send({ type: 'record', from: 'episode' });
    await client.next('state', ({ recorder }) => recorder?.since === 0);
    client.send({ type: 'step', count: 5 });
    await client.frame(({ step }) => step === 5);
    client.send({ type: 'takeOver' });
    client.send({ type: 'act', action: 1 });
    client.send({ type: 'step', count: 4 });
    await client.frame(({ step }) => step === 9);
    client.send({ type: 'stopRecording' });
    const { recording: info } = await client.next('recorded');
    expect(info).toMatchObject({ levelSeed: 8, steps: 9, policy: 'alpha', branch: null, cause: null });
    expect(info.id).toMatch(/^level-8-\d{8}T\d{6}$/);
    expect(await list()).toEqual([{ ...info, saved: expect.any(String) as string }]);

    const recording = await readRecording(join(recordings, info.id));
    // The action of the instant that was shown before was the policy's already.
    const actors = recording.steps.map(({ actor }) => actor).join(' ');
    expect(actors).toBe(`${'policy '.repeat(6)}human human human`);
    expect(recording.events).toEqual([]);
    expect([...replay(recording)]).toHaveLength(10);
    const { code } = await run('validate', '--recording', join(recordings, info.id));
    expect(code).toBe(0);

    for (const name of ['manifest.json', 'steps.parquet', 'events.jsonl']) {
      const response = await fetch(`${server.address}api/recordings/${info.id}/${name}`);
      expect(response.headers.get('content-disposition')).toContain(`${info.id}-${name}`);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(await readFile(join(recordings, info.id, name)));
    }
    const other = await page();
    expect(await other.join({ recording: info.id })).toMatchObject({
      recording: { known: true, mismatch: null },
      newest: 9,
    });
  });

  it('holds a branch with its edits, and the step that it left', async () => {
    const client = await page();
    const { session } = await client.join({ playing: false, levelSeed: 8 });
    client.send({ type: 'step', count: 6 });
    const { scene } = await client.frame(({ step }) => step === 6);
    const { x, y } = scene.agent;
    client.send({ type: 'edit', step: 6, edits: [{ kind: 'add', object: { kind: 'saw', x: x + 5, y: y + 2 } }] });
    await client.frame(({ step }) => step === 7);
    client.send({ type: 'step', count: 3 });
    await client.frame(({ step }) => step === 10);
    client.send({ type: 'record', from: 'episode' });
    client.send({ type: 'stopRecording' });
    const { recording: info } = await client.next('recorded');
    expect(info).toMatchObject({ steps: 3, branch: { recording: session, step: 6 } });
    const recording = await readRecording(join(recordings, info.id));
    expect(recording.events.map(({ kind }) => kind)).toEqual(['setState', 'edit']);
    const last = [...replay(recording)].at(-1);
    const saws = last?.environment.scene.objects.filter(({ kind }) => kind === 'saw') ?? [];
    expect(saws.map((saw) => [saw.x, saw.y])).toContainEqual([x + 5, y + 2]);

    const path = join(recordings, info.id);
    const { code, stdout, stderr } = await run('validate', '--recording', path, '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, steps: 3, events: 2 });
    // The edit is part of what is checked: without it the states are others.
    const without = join(recordings, 'without-the-edit');
    await writeRecording(without, { ...recording, events: recording.events.slice(0, 1) });
    expect(await refusal('validate', '--recording', without)).toMatch(/expected the state hash \w+ as recorded, got/);
  });

  it('notes factors that were turned down as weight edits, and replays all the same', async () => {
    const client = await page();
    await client.join({ playing: false, levelSeed: 8 });
    client.send({ type: 'record', from: 'episode' });
    client.send({ type: 'step', count: 3 });
    await client.frame(({ step }) => step === 3);
    const turn = { layer: '2b', factor: 1, strength: 0.5 };
    client.send({ type: 'turnFactors', turns: [turn] });
    await client.next('state', ({ turns }) => turns.length === 1);
    client.send({ type: 'step', count: 3 });
    await client.frame(({ step }) => step === 6);
    client.send({ type: 'stopRecording' });
    const { recording: info } = await client.next('recorded');
    expect(info.edited).toBe(true);
    const recording = await readRecording(join(recordings, info.id));
    expect(recording.manifest.policy?.weightEdits).toEqual([{ kind: 'turnFactors', step: 4, turns: [turn] }]);
    expect([...replay(recording)]).toHaveLength(7);
    const { code, stdout, stderr } = await run('validate', '--recording', join(recordings, info.id), '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, steps: 6 });
  });

  it('from now on begins at that instant, and ends by itself with the episode', async () => {
    const client = await page();
    await client.join({ levelSeed: 3, playing: false });
    client.send({ type: 'step', count: 4 });
    await client.frame(({ step }) => step === 4);
    client.send({ type: 'record', from: 'now' });
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    client.send({ type: 'play' });
    const { recording: info } = await client.next('recorded');
    expect(info.cause).not.toBeNull();
    const recording = await readRecording(join(recordings, info.id));
    expect(recording.events).toMatchObject([{ kind: 'setState', step: 0, state: { step: 4 } }]);
    expect([...replay(recording)].at(-1)?.environment.info().step).toBe(4 + info.steps);
    const { recorder } = client.messages.filter((message) => message.type === 'state').at(-1) ?? {};
    expect(recorder).toBeNull();
  });

  it('is refused where there is nothing to record, or something is recorded already', async () => {
    const client = await page();
    await client.join({ playing: false });
    await client.frame();
    client.send({ type: 'stopRecording', id: 2 });
    expect(await client.next('error')).toMatchObject({ reply: 2, code: 'bad-value' });
    client.send({ type: 'record', from: 'now' });
    client.send({ type: 'record', id: 3, from: 'now' });
    expect(await client.next('error')).toMatchObject({ reply: 3, code: 'bad-value' });
    client.send({ type: 'stopRecording', id: 4 });
    expect(await client.next('error')).toMatchObject({
      reply: 4,
      message: expect.stringContaining('at least one step') as string,
    });
    expect(await readdir(recordings)).toEqual([]);
  });
});

describe('a level drawn as text', () => {
  const text = textFromLevel(generateLevel(21, resolveCoinRunConfig()));

  it('is played, and again after its end, until another level is chosen', async () => {
    const client = await page();
    await client.join({ playing: false });
    await client.frame();
    client.send({ type: 'setLevelText', text });
    const first = await client.frame(({ step }) => step === 1);
    expect(first).toMatchObject({ episode: 1, scene: { step: 0 } });
    expect(await client.next('state', ({ drawn }) => drawn)).toMatchObject({ drawn: true });
    const environment = createCoinRun({ difficulty: 'easy' });
    environment.reset({ options: { levelSeed: 21 } });
    expect([first.scene.agent.x, first.scene.agent.y]).toEqual([environment.scene.agent.x, environment.scene.agent.y]);
    client.send({ type: 'setSpeed', stepsPerSecond: 120 });
    client.send({ type: 'record', from: 'episode' });
    client.send({ type: 'play' });
    const { recording: info } = await client.next('recorded');
    expect([...replay(await readRecording(join(recordings, info.id)))]).toHaveLength(info.steps + 1);
    const again = await client.frame(({ episode }) => episode === 2);
    expect(again.levelSeed).toBe(first.levelSeed);
    client.send({ type: 'setLevel', levelSeed: 2 });
    expect(await client.next('state', ({ drawn }) => !drawn)).toMatchObject({ levelSeed: 2 });
  });

  it('that is none is refused with line and column', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'setLevelText', id: 5, text: '.....\n..?..\n#####' });
    expect(await client.next('error')).toMatchObject({
      reply: 5,
      code: 'bad-value',
      message: expect.stringContaining('line 2, column 3') as string,
    });
  });
});

describe('a policy that a page brings', () => {
  const upload = (bytes: Uint8Array, name = 'mine.onnx'): Promise<Response> =>
    post('api/policies', { name, file: Buffer.from(bytes).toString('base64') });

  it('is offered to every page and plays, an ONNX graph without a word on actions or world too', async () => {
    const watching = await page();
    await watching.join({ playing: false });
    const onnx = exportOnnx({
      ...randomPolicy(9),
      training: {},
      actions: Array.from({ length: 7 }, (_, i) => `action-${i}`),
    });
    const response = await upload(onnx);
    expect({ status: response.status, ...((await response.json()) as object) }).toEqual({
      status: 201,
      policy: 'mine',
    });
    const greeting = await watching.next('hello', ({ policies: offered }) => offered.length === 3);
    expect(greeting.policies[2]).toMatchObject({ name: 'mine', actions: policies[0].policy.actions });
    watching.send({ type: 'setPolicy', policy: 'mine' });
    await watching.frame(({ policy }) => policy === 'mine');
    // The same file again is the same policy; another one is one too many here.
    expect(await (await upload(onnx)).json()).toEqual({ policy: 'mine' });
    expect(await refusalOf(await upload(exportOnnx(randomPolicy(10))))).toMatchObject({
      error: 'policy: expected at most 1 brought while the server runs, got one more',
    });
  });

  it('is refused in one line where it is none, or plays something else', async () => {
    expect(await refusalOf(await upload(new Uint8Array(40).fill(7)))).toMatchObject({
      status: 400,
      error: expect.stringMatching(/^mine\.onnx: [^\n]+$/) as string,
    });
    const few = { ...randomPolicy(3), training: {}, actions: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
    expect(await refusalOf(await upload(exportOnnx(few)))).toMatchObject({
      error: "mine.onnx: expected CoinRun's 7 or 15 actions in its order, got 7 (a, b, c, d, e, f, g)",
    });
    expect(await refusalOf(await post('api/policies', { name: '../x', file: '' }))).toMatchObject({ status: 400 });
  });

  it('may be an ONNX file of the command line as well', async () => {
    const path = join(folder, 'graph.onnx');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, exportOnnx({ ...randomPolicy(1), training: {} }));
    const { policy } = await loadPolicy({ name: 'graph', path });
    expect(policy.training).toMatchObject({ environment: { name: 'coinrun', config: { actions: 'named' } } });
    expect((await stat(path)).isFile()).toBe(true);
  });
});

describe('thumbnails', () => {
  it('are the means of what the agent saw, of those steps that are held', async () => {
    const client = await page();
    await client.join({ playing: false });
    client.send({ type: 'step', count: 3 });
    const { observation } = await client.frame(({ step }) => step === 3);
    client.send({ type: 'thumbnails', id: 6, steps: [3, 99] });
    const { size, steps, pixels } = await client.next('thumbnails', ({ reply }) => reply === 6);
    expect([size, ...steps]).toEqual([32, 3]);
    expect(pixels).toHaveLength(32 * 32 * 3);
    const of = (x: number, y: number): number => observation[(y * 64 + x) * 3 + 1];
    const mean = (of(20, 40) + of(21, 40) + of(20, 41) + of(21, 41)) / 4;
    expect(pixels[(20 * 32 + 10) * 3 + 1]).toBe(Math.floor(mean));
  });
});
