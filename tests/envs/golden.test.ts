import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { playGolden } from '../support/coinrunGolden.ts';
import type { GoldenHashes } from '../support/coinrunGolden.ts';

const golden = JSON.parse(readFileSync(new URL('../golden/coinrun.json', import.meta.url), 'utf8')) as Record<
  'easy' | 'hard',
  GoldenHashes
>;

it('a thousand seeds and action lists give the states and pixels that they always gave', () => {
  expect(playGolden()).toEqual(golden);
});
