import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireEdit } from '@saccade/protocol';
import { readAddress, writeAddress } from '../../apps/viewer/src/session/address.ts';
import type { Address } from '../../apps/viewer/src/session/address.ts';

const text = fc.string({ minLength: 1, maxLength: 40 });
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9/.+-]{0,20}$/).filter((name) => !['true', 'false'].includes(name));
const whole = (least: number, most: number) => fc.integer({ min: least, max: most });

const addresses: fc.Arbitrary<Address> = fc.record(
  {
    session: text,
    policy: text,
    level: whole(0, 2 ** 32 - 1),
    seed: whole(0, 2 ** 32 - 1),
    step: whole(0, 1e9),
    at: whole(0, 1000),
    method: text,
    layer: text,
    target: text,
    factor: whole(0, 255),
    options: fc.dictionary(word, fc.oneof(whole(-9, 999), fc.boolean(), word), { minKeys: 1, maxKeys: 3 }),
    compare: fc.array(fc.record({ method: word, layer: word, target: word }), { minLength: 1, maxLength: 3 }),
    opacity: whole(0, 100),
    blend: whole(0, 1),
    grey: whole(0, 100),
    sign: word,
    clip: whole(50, 100),
    palette: word,
  },
  { requiredKeys: [] },
);

const cell = fc.integer({ min: -200, max: 200 }).map((number) => number / 2);
const edits: fc.Arbitrary<WireEdit[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      object: fc.record({ kind: fc.constantFrom('coin', 'saw', 'enemy', 'crate'), x: cell, y: cell }),
    }),
    fc.record({ kind: fc.constant('move' as const), id: whole(0, 65_535), x: cell, y: cell }),
    fc.record({ kind: fc.constant('remove' as const), id: whole(0, 65_535) }),
    fc.record({
      kind: fc.constant('cell' as const),
      column: whole(0, 1024),
      row: whole(0, 1024),
      cell: fc.constantFrom('#', '~', '.'),
    }),
    fc.record({ kind: fc.constant('agent' as const), x: cell, y: cell }),
  ),
  { minLength: 1, maxLength: 256 },
);
const turns = fc.array(
  fc.record({
    layer: word.filter((name) => !name.includes('|')),
    factor: whole(0, 255),
    strength: whole(0, 100).map((share) => share / 100),
  }),
  { minLength: 1, maxLength: 16 },
);

describe('the address of the page', () => {
  it('says what was changed of an instant', () => {
    fc.assert(
      fc.property(edits, turns, (changed, ignored) => {
        const address: Address = { at: 12, edits: changed, turns: ignored };
        expect(readAddress(writeAddress(address))).toEqual({ address, problems: [] });
      }),
    );
  });

  it('names changes that are none, and those of no instant', () => {
    const { address, problems } = readAddress(
      '?at=3&edit=add|dragon|1|2&edit=move|1|2&edit=remove|7&edit=cell|1|2|water&ignore=2b|1|300&ignore=2b|1|50',
    );
    expect(address).toEqual({
      at: 3,
      edits: [{ kind: 'remove', id: 7 }],
      turns: [{ layer: '2b', factor: 1, strength: 0.5 }],
    });
    expect(problems.map((problem) => /got "(.*)"$/.exec(problem)?.[1])).toEqual([
      'add|dragon|1|2',
      'move|1|2',
      'cell|1|2|water',
      '2b|1|300',
    ]);
    expect(readAddress('?edit=remove|7')).toEqual({
      address: {},
      problems: ['Link: expected at or step beside edit and ignore: the instant that they change'],
    });
  });

  it('says everything that it was made of', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const { options, ...rest } = address;
        const read = readAddress(writeAddress(address));
        expect(read.problems).toEqual([]);
        expect(read.address).toEqual(options ? { ...rest, options: { ...options } } : rest);
      }),
    );
  });

  it('is empty when there is nothing to say', () => {
    expect(writeAddress({})).toBe('');
    expect(readAddress('')).toEqual({ address: {}, problems: [] });
  });

  it('names what it cannot understand and keeps the rest', () => {
    const { address, problems } = readAddress('?level=-4&step=7&opacity=140&colour=red&method=&compare=a|b');
    expect(address).toEqual({ step: 7 });
    expect(problems).toEqual([
      'Link: expected level to be a whole number from 0 to 4294967295, got "-4"',
      'Link: expected opacity to be a whole number from 0 to 100, got "140"',
      'Link: "colour" is not known',
      'Link: expected method of 1 to 100 characters, got 0',
      'Link: expected at most 3 times compare=method|layer|target, got "a|b"',
    ]);
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (query) => void readAddress(query)));
  });
});
