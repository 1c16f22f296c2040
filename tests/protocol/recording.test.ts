import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvents, decodeSteps, encodeEvents, encodeSteps, parseManifest } from '@saccade/protocol';
import type { Manifest, RecordedStep, RecordingEvent } from '@saccade/protocol';

const actions = ['noop', 'right', 'right+jump'];
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const hash = fc.stringMatching(/^[0-9a-f]{16}$/);
const step: fc.Arbitrary<RecordedStep> = fc.record({
  action: fc.integer({ min: 0, max: 2 }),
  actor: fc.constantFrom('policy', 'human', 'script'),
  reward: fc.double({ noNaN: true, noDefaultInfinity: true }),
  value: float,
  logits: fc.tuple(float, float, float).map((logits) => Float32Array.from(logits)),
  end: fc.option(
    fc.record({ kind: fc.constantFrom('terminated', 'truncated'), cause: fc.constantFrom('coin', 'saw') }),
  ),
  stateHash: hash,
});

describe('steps.parquet', () => {
  it('gives back every step as it was, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        expect(await decodeSteps(encodeSteps(steps, actions), actions)).toEqual(steps);
      }),
      { numRuns: 30 },
    );
  });

  it('has no columns of thoughts where no policy was asked', async () => {
    const alone = { action: 1, actor: 'human', reward: 0, value: NaN, logits: new Float32Array(0), end: null } as const;
    const steps = [{ ...alone, stateHash: '00' }];
    expect(await decodeSteps(encodeSteps(steps, actions), actions)).toEqual(steps);
  });

  it('that is damaged, cut or foreign is an InputError of one line', async () => {
    const [one] = fc.sample(step, 1);
    const bytes = encodeSteps(Array<RecordedStep>(50).fill(one), actions);
    const attempts = [new Uint8Array(0), new Uint8Array(100), bytes.subarray(0, 200), bytes.subarray(100)];
    for (const attempt of attempts) {
      await expect(decodeSteps(attempt, actions)).rejects.toThrow(
        /^steps.parquet: expected a Parquet file of steps[^\n]*$/,
      );
    }
    await expect(decodeSteps(bytes, ['only one'])).rejects.toThrow(/row 0: expected /);
  });
});

describe('events.jsonl', () => {
  const events: RecordingEvent[] = [
    { kind: 'setState', step: 0, state: { environment: 'coinrun' } },
    { kind: 'edit', step: 4, edit: { kind: 'move', id: 3, x: 1.5, y: 2 } },
  ];

  it('gives the events back', () => {
    expect(decodeEvents(encodeEvents(events))).toEqual(events);
    expect(decodeEvents('')).toEqual([]);
  });

  it('names the line that is wrong', () => {
    expect(() => decodeEvents(`${encodeEvents(events)}{`)).toThrow('events.jsonl: line 3: expected JSON');
    expect(() => decodeEvents(encodeEvents([...events].reverse()))).toThrow('line 2: expected events in order');
    expect(() => decodeEvents('{"kind":"edit","step":0,"edit":{"kind":"fly"}}')).toThrow('line 1: edit: kind: ');
  });
});

describe('manifest.json', () => {
  const manifest: Manifest = {
    format: 'saccade-recording',
    version: 1,
    saccade: '0.1.0',
    environment: { name: 'coinrun', config: { difficulty: 'easy' } },
    levelSeed: 7,
    seed: 0,
    actions,
    policy: { name: 'compact', hash: 'abc', weightEdits: [] },
    branch: null,
    startHash: '00',
    steps: 3,
    return: 10,
    end: { kind: 'terminated', cause: 'coin' },
  };

  it('is read back, and refused with a reason: foreign, later, malformed', () => {
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
    expect(() => parseManifest('{')).toThrow('manifest.json: expected JSON');
    expect(() => parseManifest('[]')).toThrow('expected the manifest of a Saccade recording');
    expect(() => parseManifest(JSON.stringify({ ...manifest, version: 9 }))).toThrow(
      'expected recording version 1, got 9',
    );
    expect(() => parseManifest(JSON.stringify({ ...manifest, levelSeed: -1 }))).toThrow('manifest.json: levelSeed: ');
  });
});
