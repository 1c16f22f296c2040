import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

describe('the address of the page', () => {
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
