import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCoinRun } from '@saccade/envs';
import { decodeSteps, encodeSteps } from '@saccade/protocol';
import type { RecordedStep, Recording, RecordingEvent } from '@saccade/protocol';
import { readRecording, writeRecording } from '../../apps/sim/src/storage/recordings.ts';
import { replay } from '../../apps/sim/src/storage/replay.ts';
import { refusal, run } from './commandLine.ts';
import { policyFolder } from './randomPolicy.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await policyFolder('random');
  const flags = ['--policy', at('random'), '--level', '3', '--seed', '5', '--steps', '80'];
  const { code, stderr } = await run('record', ...flags, '--out', at('recording'));
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the recording with its steps or events changed. */
async function changed(name: string, change: (recording: Recording) => Partial<Recording>): Promise<string> {
  const recording = await readRecording(at('recording'));
  await rm(at(name), { recursive: true, force: true });
  await writeRecording(at(name), { ...recording, ...change(recording) });
  return at(name);
}

describe('saccade record', () => {
  it('writes what replays to the very states, and validate says so', async () => {
    const { manifest, steps, events } = await readRecording(at('recording'));
    expect(manifest).toMatchObject({ levelSeed: 3, seed: 5, environment: { name: 'coinrun' }, steps: steps.length });
    expect(manifest.policy?.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(events).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.every(({ actor, logits }) => actor === 'policy' && logits.length === 7)).toBe(true);
    const { code, stdout } = await run('validate', '--recording', at('recording'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, steps: steps.length, events: 0 });
  });

  it('is the episode that attribute explains', async () => {
    const { steps } = await readRecording(at('recording'));
    const flags = ['--policy', at('random'), '--level', '3', '--seed', '5', '--step', '9', '--method', 'saliency'];
    const { stdout } = await run('attribute', ...flags, '--out', at('maps'), '--json');
    const { value } = JSON.parse(stdout) as { value: number };
    expect(steps[9].value).toBe(value);
  });

  it('never writes over anything', async () => {
    const before = await readFile(join(at('recording'), 'manifest.json'));
    const flags = ['--policy', at('random'), '--steps', '3', '--out', at('recording')];
    expect(await refusal('record', ...flags)).toContain('--out: expected a new folder');
    expect(await readFile(join(at('recording'), 'manifest.json'))).toEqual(before);
  });
});

describe('saccade validate', () => {
  const validate = (path: string): Promise<string> => refusal('validate', '--recording', path);

  it('names the step at which an action, a reward or a state is another', async () => {
    const one = (step: number, change: (recorded: RecordedStep) => Partial<RecordedStep>) =>
      changed('wrong', ({ steps }) => ({
        steps: steps.map((recorded, i) => (i === step ? { ...recorded, ...change(recorded) } : recorded)),
      }));
    const action = await one(7, (recorded) => ({ action: (recorded.action + 1) % 7 }));
    expect(await validate(action)).toMatch(
      /^saccade validate: step \d+: expected the state hash \w+ as recorded, got \w+$/,
    );
    expect(await validate(await one(4, () => ({ stateHash: '0'.repeat(16) })))).toContain(
      'step 4: expected the state hash 0000000000000000 as recorded, got ',
    );
    expect(await validate(await one(5, () => ({ reward: 3 })))).toContain(
      'step 5: expected the reward 3 as recorded, got 0',
    );
    expect(await validate(await one(6, () => ({ end: { kind: 'terminated', cause: 'saw' } })))).toContain(
      'step 6: expected the end terminated as recorded, got null',
    );
  });

  it('says which file is missing, damaged or does not fit', async () => {
    expect(await validate(at('nothing'))).toContain('manifest.json: expected a file of a recording, got none');
    await cp(at('recording'), at('broken'), { recursive: true });
    const steps = join(at('broken'), 'steps.parquet');
    const bytes = await readFile(steps);
    await writeFile(steps, bytes.subarray(0, bytes.length / 2));
    expect(await validate(at('broken'))).toContain('steps.parquet: expected a Parquet file of steps');
    const { manifest } = await readRecording(at('recording'));
    const all = await decodeSteps(bytes, manifest.actions);
    await writeFile(steps, encodeSteps(all.slice(1), manifest.actions));
    expect(await validate(at('broken'))).toMatch(/steps\.parquet: expected \d+ steps, got \d+$/);
  });
});

describe('a replay', () => {
  it('applies edits and states before the action of their step', async () => {
    const config = { difficulty: 'easy' } as const;
    const environment = createCoinRun(config);
    environment.reset({ options: { levelSeed: 8 } });
    const startHash = environment.stateHash();
    const { x, y } = environment.scene.agent;
    const events: RecordingEvent[] = [
      { kind: 'edit', step: 2, edit: { kind: 'add', object: { kind: 'crate', x: x + 4, y: y + 3 } } },
      { kind: 'edit', step: 2, edit: { kind: 'theme', theme: { monochrome: true } } },
    ];
    const thoughts = { value: NaN, logits: new Float32Array(0), actor: 'human' } as const;
    const steps: RecordedStep[] = [];
    for (let step = 0; step < 5; step++) {
      for (const event of events) if (event.step === step && event.kind === 'edit') environment.edit(event.edit);
      const { reward } = environment.step(4);
      steps.push({ ...thoughts, action: 4, reward, end: null, stateHash: environment.stateHash() });
    }
    const { manifest } = await readRecording(at('recording'));
    const played = {
      ...manifest,
      environment: { name: 'coinrun', config },
      levelSeed: 8,
      policy: null,
      startHash,
      steps: 5,
      return: 0,
      end: null,
    };
    const recording = { manifest: played, steps, events };
    const monochrome = [...replay(recording)].length;
    expect(monochrome).toBe(6);
    const seen: boolean[] = [];
    for (const { environment: replayed } of replay(recording)) seen.push(replayed.scene.theme.monochrome);
    expect(seen).toEqual([false, false, true, true, true, true]);
    expect(() => [...replay({ ...recording, events: events.slice(1) })]).toThrow(/^step 2: expected the state hash/);
  });
});
