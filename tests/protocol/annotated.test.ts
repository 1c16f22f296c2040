import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotatedDocument, annotatedMap, mapValues, packAnnotated, unpackAnnotated } from '@saccade/protocol';
import type { AnnotatedEpisode } from '@saccade/protocol';

const episode: AnnotatedEpisode = {
  format: 'saccade-annotated',
  version: 1,
  saccade: '0.1.0',
  policy: 'näme “x”',
  actions: ['noop', 'right'],
  observationShape: [2, 2, 3],
  stepsPerSecond: 15,
  lens: {
    method: 'Integrated Gradients',
    layer: '2b',
    target: 'the logit of “Jump”',
    signed: true,
    palette: 'purple-orange',
    opacity: 0.7,
    smooth: true,
  },
  layouts: [
    {
      layout: 3,
      levelSeed: 7,
      width: 2,
      height: 1,
      cells: Uint8Array.of(1, 2),
      theme: { background: 0, ground: 1, agent: 0, monochrome: false, backgrounds: true },
      lavaHidden: false,
    },
  ],
  frames: [0, 1, 2].map((step) => ({
    episode: 0,
    step,
    levelSeed: 7,
    observation: Uint8Array.from({ length: 12 }, (_, i) => i * step),
    scene: {
      layout: 3,
      step,
      agent: { x: 1 / 3, y: 2, vx: 0, vy: -0.1, supported: true, facing: 1 as const },
      objects: Float64Array.from({ length: 8 }, (_, i) => i + step / 7),
    },
    action: step === 2 ? null : 1,
    actor: 'policy' as const,
    probabilities: Float32Array.of(0.25, 0.75),
    value: step / 3,
    reward: 0,
    return: 0,
    end: step === 2 ? { kind: 'terminated' as const, cause: 'coin' } : null,
    map: step === 1 ? null : annotatedMap({ values: Float32Array.of(0.5, -2), height: 1, width: 2 }, { limit: 2 }),
  })),
};

describe('an annotated episode', () => {
  it('is the same after packing, array for array, wherever its bytes lie', () => {
    const packed = packAnnotated(episode);
    expect(unpackAnnotated(packed)).toEqual(episode);
    const shifted = new Uint8Array(packed.length + 3);
    shifted.set(packed, 3);
    expect(unpackAnnotated(shifted.subarray(3))).toEqual(episode);
  });

  it('keeps four digits of every number of a map, and which is the largest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 }),
        (given) => {
          const values = Float32Array.from(given);
          const map = annotatedMap({ values, height: 1, width: values.length }, { limit: 1 });
          const peak = Math.max(...values.map(Math.abs));
          expect(map.peak).toBe(peak);
          mapValues(map).forEach((value, i) =>
            expect(Math.abs(value - values[i])).toBeLessThanOrEqual(peak / 60_000 + 1e-30),
          );
        },
      ),
    );
  });

  it('is refused in words where it is something else, cut off, or later than this reader', () => {
    const packed = packAnnotated(episode);
    const later = packAnnotated({ ...episode, version: 2 as 1 });
    expect(() => unpackAnnotated(later)).toThrow('annotated episode: expected one of version 1, got version 2');
    for (const bytes of [new Uint8Array(0), new Uint8Array(100).fill(7), packed.slice(0, 40)]) {
      expect(() => unpackAnnotated(bytes)).toThrow('annotated episode: expected');
    }
  });
});

describe('the single file', () => {
  it('holds everything, loads nothing, and no text of it ends an element early', () => {
    const html = annotatedDocument({
      title: '<b>&"',
      description: 'a </title> b',
      script: 'const a = "</script><!--";',
      style: 'a{content:"</style>"}',
      episode: 'QUJD',
    });
    expect(html).toContain("default-src 'none'");
    expect(html).not.toContain("'unsafe-eval'");
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html.match(/<\/title>/g)).toHaveLength(1);
    expect(html).not.toMatch(/(src|href)=/);
  });
});
