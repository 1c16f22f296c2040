import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { clientMessageSchema, parseClientMessage, parseServerMessage, protocolVersion } from '@saccade/protocol';
import type { ClientMessageInput, FrameMessage, HistoryMessage, ServerMessage } from '@saccade/protocol';

const name = fc.string({ minLength: 1, maxLength: 30 });
const step = fc.nat();
const levelSeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const id = fc.option(fc.nat(), { nil: undefined });

const overlayRequest = fc.record(
  {
    id: name,
    method: name,
    layer: name,
    target: name,
    factor: fc.integer({ min: 0, max: 255 }),
    options: fc.dictionary(name, fc.oneof(fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), name)),
  },
  { requiredKeys: ['id', 'method', 'layer', 'target', 'options'] },
);

const clientMessage: fc.Arbitrary<ClientMessageInput> = fc.oneof(
  fc.record({
    type: fc.constant('join' as const),
    id,
    protocol: fc.constant(protocolVersion),
    policy: name,
    levelSeed,
  }),
  fc.record({ type: fc.constantFrom('play', 'pause', 'nextLevel', 'follow'), id }) as fc.Arbitrary<ClientMessageInput>,
  fc.record({ type: fc.constant('step' as const), id, count: fc.integer({ min: 1, max: 1000 }) }),
  fc.record({
    type: fc.constant('setSpeed' as const),
    stepsPerSecond: fc.double({ min: 0.01, max: 1e3, noNaN: true }),
  }),
  fc.record({ type: fc.constant('setLevel' as const), levelSeed }),
  fc.record({ type: fc.constant('setOverlays' as const), overlays: fc.array(overlayRequest, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('seek' as const), step }),
  fc.record({ type: fc.constant('history' as const), from: step, to: step }),
  fc.record({ type: fc.constant('ack' as const), frame: step }),
);

function frame(): FrameMessage {
  return {
    type: 'frame',
    frame: 3,
    session: 'a',
    episode: 1,
    step: 41,
    oldest: 0,
    newest: 41,
    live: true,
    policy: 'compact',
    levelSeed: 2 ** 32 - 1,
    observation: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => i % 256),
    scene: {
      layout: 2,
      step: 7,
      agent: { x: 1.5, y: 0.1 + 0.2, vx: -0.05, vy: 0, supported: true, facing: -1 },
      objects: Float64Array.of(1, 0, 0.1, 7.3, 0, 0, 1, -1),
    },
    action: 2,
    actor: 'policy',
    probabilities: Float32Array.of(0.25, 0.5, 0.25),
    logits: Float32Array.of(0, 0.7, 0),
    value: 0.3,
    reward: 0,
    return: 0,
    end: null,
    waiting: false,
    companions: [],
    companionObservations: new Uint8Array(0),
    overlays: [
      {
        ok: true,
        request: 'a',
        method: 'gradCam',
        layer: '2b',
        target: 'value',
        shape: [2, 2],
        map: Float32Array.of(-1, 0, 0.5, 1),
        signed: true,
        scale: 1,
        score: 0.3,
        milliseconds: 12.5,
      },
      { ok: false, request: 'b', error: 'layer: expected one of 2b, got 9z' },
    ],
  };
}

/** What a socket does to typed arrays: a page gets ArrayBuffers, Node gets Buffers that start at any offset. */
function overWire(value: unknown, wrap: (bytes: Uint8Array) => unknown): unknown {
  if (ArrayBuffer.isView(value)) return wrap(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
  if (Array.isArray(value)) return value.map((item) => overWire(item, wrap));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, overWire(item, wrap)]));
}

const asPageReceives = (bytes: Uint8Array): unknown => bytes.buffer;
const asNodeReceives = (bytes: Uint8Array): unknown => {
  const pool = Buffer.alloc(bytes.length + 3);
  pool.set(bytes, 3);
  return pool.subarray(3);
};

describe('client messages', () => {
  it('arrive as they were written, with defaults filled in', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        const sent: unknown = JSON.parse(JSON.stringify(message));
        expect(parseClientMessage(sent)).toEqual({ ...(sent as object) });
      }),
    );
    expect(parseClientMessage({ type: 'step' })).toEqual({ type: 'step', count: 1 });
  });

  it('are refused with an InputError of one line, whatever came', () => {
    const names = clientMessageSchema.options.map(({ shape }) => shape.type.value);
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true, withObjectString: true }),
      fc.record({ type: fc.constantFrom(...names), id: fc.anything(), step: fc.anything(), overlays: fc.anything() }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        try {
          parseClientMessage(value);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^\w+[^\n]*expected[^\n]*, got [^\n]*$/i);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('name the field, what was expected and what came', () => {
    const refusal = (value: unknown): string => {
      try {
        parseClientMessage(value);
      } catch (error) {
        return (error as Error).message;
      }
      return 'accepted';
    };
    expect(refusal({ type: 'setSpeed', stepsPerSecond: 'fast' })).toBe(
      'setSpeed.stepsPerSecond: expected number, got "fast"',
    );
    expect(refusal({ type: 'setLevel', levelSeed: 2 ** 32 })).toBe(
      'setLevel.levelSeed: expected at most 4294967295, got 4294967296',
    );
    expect(refusal({ type: 'seek', step: -1 })).toBe('seek.step: expected at least 0, got -1');
    expect(refusal({ type: 'fly' })).toBe('fly.type: expected a known type, got "fly"');
    expect(refusal({ type: 'play', speed: 3 })).toBe('play: expected known fields only, got "speed"');
    expect(refusal(null)).toBe('message: expected object, got null');
    const overlay = { id: 'a', method: 'm', layer: 'l', target: 't' };
    expect(refusal({ type: 'setOverlays', overlays: Array(5).fill(overlay) })).toBe(
      'setOverlays.overlays: expected at most 4 items, got a list of 5',
    );
  });
});

describe('server messages', () => {
  const messages: ServerMessage[] = [
    frame(),
    {
      type: 'history',
      session: 'a',
      from: 5,
      episodes: Int32Array.of(0, 0),
      actions: Int32Array.of(3, -1),
      rewards: Float32Array.of(10, 0),
      values: Float32Array.of(0.5, 0.25),
      probabilities: Float32Array.of(0.5, 0.5, 1, 0),
      ends: [{ step: 5, end: { kind: 'terminated', cause: 'coin' } }],
    } satisfies HistoryMessage,
    {
      type: 'layout',
      session: 'a',
      layout: {
        layout: 0,
        levelSeed: 9,
        width: 2,
        height: 2,
        cells: Uint8Array.of(1, 0, 2, 1),
        theme: { background: 0, ground: 1, agent: 2, monochrome: false, backgrounds: true },
        lavaHidden: false,
      },
    },
    { type: 'error', reply: 4, code: 'bad-value', message: 'layer: expected one of 2b, got 9z' },
  ];

  it.each([
    ['page', asPageReceives],
    ['Node client', asNodeReceives],
  ])('give a %s typed arrays of the right kind and the same values', (_, wrap) => {
    for (const message of messages) expect(parseServerMessage(overWire(message, wrap))).toStrictEqual(message);
  });

  it('refuse binary data whose length cannot be right', () => {
    const broken = { ...frame(), probabilities: new Uint8Array(7) };
    expect(() => parseServerMessage(broken)).toThrow(
      'frame.probabilities: expected binary data of float32, got 7 bytes',
    );
    const missing = { ...frame(), observation: 'pixels' };
    expect(() => parseServerMessage(missing)).toThrow('frame.observation: expected binary data of uint8, got string');
  });
});
