import { describe, expect, it } from 'vitest';
import { readAddress, writeAddress } from '../../apps/viewer/src/session/address.ts';
import { paintFactors } from '../../apps/viewer/src/scene/factorPaint.ts';

describe('panes in an address', () => {
  it('are read as they were written, with and without a level of their own', () => {
    const panes = [
      { policy: 'compact-easy', seed: 3 },
      { policy: 'other', seed: 0, levelSeed: 4_294_967_295 },
    ];
    expect(readAddress(writeAddress({ panes })).address).toEqual({ panes });
  });

  it('are at most three, lenses included, and each problem is named', () => {
    const four = '?pane=a|1&pane=a|2&pane=a|3&pane=a|4';
    expect(readAddress(four).address.panes).toHaveLength(3);
    expect(readAddress(four).problems[0]).toContain('at most 3 times pane=policy|seed');
    for (const bad of ['a', 'a|-1', 'a|4294967296', 'a|1|2|3', '|1', 'a|x']) {
      const { address, problems } = readAddress(`?pane=${encodeURIComponent(bad)}`);
      expect(address.panes).toBeUndefined();
      expect(problems).toHaveLength(1);
    }
  });
});

describe('factors in their own colours', () => {
  const maps = { map: Float32Array.of(2, 0, -1, 1), shape: [2, 1, 2], colours: [0xff0000, 0x0000ff], limit: 2 };
  const size = { height: 1, width: 2, opacity: 1, smooth: false };

  it('mix by strength, and are full where the limit is reached', () => {
    const { data } = paintFactors(maps, { ...size, sign: 'both' });
    // Two parts red and one part blue, three in all, clipped; then blue alone at half strength.
    expect([...data]).toEqual([170, 0, 85, 255, 0, 0, 255, 128]);
  });

  it('show one sign alone when asked', () => {
    expect([...paintFactors(maps, { ...size, sign: 'positive' }).data]).toEqual([255, 0, 0, 255, 0, 0, 255, 128]);
    expect([...paintFactors(maps, { ...size, sign: 'negative' }).data]).toEqual([0, 0, 255, 128, 0, 0, 0, 0]);
  });
});
