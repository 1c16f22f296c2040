/** Pictures of Integrated Gradients, morphology, cuts and boxes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import {
  boundingBox,
  connectedComponents,
  createFlowNetwork,
  erode,
  fillHoles,
  greyClose,
  greyOpen,
  integratedPicture,
  intersectionOverUnion,
  localise,
  massDistribution,
  massThreshold,
  outline,
  polarityMap,
  segment,
} from '@saccade/attribution';
import '../support/allClose.ts';
import { uniform } from './golden.ts';

interface GoldenShapes {
  seed: number;
  height: number;
  width: number;
  closed: number[];
  opened: number[];
  filled: number[];
  labels: number[];
  eroded: number[];
}

describe('morphology against SciPy', () => {
  it.each(JSON.parse(readFileSync('tests/golden/attribution/shapes.json', 'utf8')) as GoldenShapes[])(
    'of a $height x $width picture',
    ({ seed, height, width, closed, opened, filled, labels, eroded }) => {
      const size = { height, width };
      const picture = Float32Array.from(uniform(seed, height * width));
      const mask = Uint8Array.from(picture, (value) => (value > 0.1 ? 1 : 0));
      expect(greyClose(picture, size)).toBeAllClose(closed);
      expect(greyOpen(greyClose(picture, size), size)).toBeAllClose(opened);
      expect([...fillHoles(mask, size)]).toEqual(filled);
      expect([...connectedComponents(mask, size).labels]).toEqual(labels);
      expect([...erode(mask, size)]).toEqual(eroded);
    },
  );
});

describe('thresholds by mass', () => {
  it('are the magnitudes at which the largest together reach the percentage', () => {
    const mass = massDistribution([4, -3, 2, 1]);
    expect([...mass.magnitudes]).toEqual([4, 3, 2, 1]);
    expect(mass.cumulative).toBeAllClose([0.4, 0.7, 0.9, 1]);
    expect([0, 40, 41, 70, 95, 100].map((percent) => massThreshold(mass, percent))).toEqual([4, 4, 3, 3, 1, 1]);
  });
});

describe("Integrated Gradients' pictures", () => {
  const map = Float32Array.of(1, 0.5, 0, -0.5, -2, 3);

  it('draw each polarity by its own mass, and saturate nothing that is merely above 1', () => {
    const options = {
      polarity: 'positive',
      clipAbove: 100,
      clipBelow: 0,
      low: 0,
      clean: false,
      outlines: false,
    } as const;
    expect(polarityMap(map, [2, 3], 'positive', options)).toBeAllClose([1 / 3, 1 / 6, 0, 0, 0, 1]);
    expect(polarityMap(map, [2, 3], 'negative', options)).toBeAllClose([0, 0, 0, 0.25, 1, 0]);
  });

  it('clip polarity channel by channel, before the mean', () => {
    const options = {
      polarity: 'positive',
      clipAbove: 100,
      clipBelow: 0,
      low: 0,
      clean: false,
      outlines: false,
    } as const;
    const channels = Float32Array.of(2, -2, 0, 1, 1, 0);
    expect(polarityMap(channels, [1, 2, 3], 'positive', options)).toBeAllClose([1, 1]);
  });

  it('put 0.5 of green and red over 0.7 of the frame', () => {
    const frame = new Uint8Array(18).fill(100);
    const picture = integratedPicture(map, [2, 3], frame, { polarity: 'both', clipAbove: 100 });
    expect([...picture.subarray(15, 18)]).toEqual([70, Math.round(70 + 127.5), 70]);
    expect([...picture.subarray(12, 15)]).toEqual([Math.round(70 + 127.5), 70, 70]);
    expect([...picture.subarray(6, 9)]).toEqual([70, 70, 70]);
  });

  it('outline the largest parts, filled, with a hollow border', () => {
    const size = { height: 9, width: 9 };
    const ring = Float32Array.from({ length: 81 }, (_, p) => {
      const [y, x] = [Math.floor(p / 9), p % 9];
      const edge = Math.max(Math.abs(y - 4), Math.abs(x - 4));
      return edge === 2 || p === 0 ? 1 : 0;
    });
    const border = outline(ring, size);
    const expected = Array.from({ length: 81 }, (_, p) => {
      const edge = Math.max(Math.abs(Math.floor(p / 9) - 4), Math.abs((p % 9) - 4));
      return edge === 2 ? 1 : 0;
    });
    // The ring is filled to a square of 25, over nine tenths of the 26 that are drawn: the speck in the corner goes.
    expect([...border]).toEqual(expected);
  });
});

describe('cuts', () => {
  it('cost as much as the largest flow of a textbook network', () => {
    const network = createFlowNetwork(6);
    for (const [from, to, capacity] of [
      [0, 1, 16],
      [0, 2, 13],
      [2, 1, 4],
      [1, 3, 12],
      [3, 2, 9],
      [2, 4, 14],
      [4, 3, 7],
      [3, 5, 20],
      [4, 5, 4],
    ]) {
      network.connect(from, to, capacity, 0);
    }
    const { flow, withSource } = network.cut(0, 5);
    expect(flow).toBe(23);
    expect([...withSource]).toEqual([1, 1, 1, 0, 1, 0]);
  });

  it('separate two sides at the cheapest set of edges, found here by trying all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 }), (capacities) => {
        const edges: [number, number, number][] = [];
        for (let a = 0; a < 6; a++)
          for (let b = 0; b < 6; b++) if (a !== b) edges.push([a, b, capacities[edges.length]]);
        const cost = (side: (node: number) => boolean): number =>
          edges.reduce((sum, [a, b, c]) => sum + (side(a) && !side(b) ? c : 0), 0);
        let cheapest = Infinity;
        for (let set = 0; set < 16; set++) {
          cheapest = Math.min(
            cheapest,
            cost((node) => node === 0 || (node !== 5 && (set & (1 << (node - 1))) !== 0)),
          );
        }
        const network = createFlowNetwork(6);
        for (const [a, b, c] of edges) network.connect(a, b, c, 0);
        const { flow, withSource } = network.cut(0, 5);
        expect(flow).toBe(cheapest);
        expect(cost((node) => withSource[node] === 1)).toBe(cheapest);
      }),
    );
  });

  it('find a thing of another colour from saliency that only hints at it', () => {
    const size = { height: 24, width: 24 };
    const inside = (p: number): boolean => {
      const [y, x] = [Math.floor(p / 24), p % 24];
      return y >= 6 && y < 14 && x >= 8 && x < 18;
    };
    const stream = createStream(1, 'segment');
    const frame = Uint8Array.from({ length: 576 * 3 }, (_, i) => {
      const base = inside(Math.floor(i / 3)) ? [200, 60, 40][i % 3] : [60, 90, 120][i % 3];
      return base + stream.integer(20);
    });
    const saliency = Float32Array.from({ length: 576 }, (_, p) => {
      const [y, x] = [Math.floor(p / 24), p % 24];
      return Math.exp(-((y - 9.5) ** 2 + (x - 12.5) ** 2) / 12);
    });
    const found = segment(saliency, frame, size);
    const wrong = found.reduce((sum, value, p) => sum + (value === (inside(p) ? 1 : 0) ? 0 : 1), 0);
    expect(wrong).toBeLessThanOrEqual(4);
    expect(boundingBox(found, size)).toEqual({ top: 6, left: 8, bottom: 14, right: 18 });
    expect(segment(new Float32Array(576), frame, size).every((value) => value === 0)).toBe(true);
  });
});

describe('weak localisation', () => {
  it('boxes the largest part above 15% of the maximum', () => {
    const values = new Float32Array(64);
    for (const [y, x, value] of [
      [1, 1, 1],
      [1, 2, 0.5],
      [2, 2, 0.16],
      [2, 3, 0.14],
      [6, 6, 0.9],
    ]) {
      values[y * 8 + x] = value;
    }
    const size = { height: 8, width: 8 };
    expect(localise(values, size)).toEqual({ top: 1, left: 1, bottom: 3, right: 3 });
    expect(localise(new Float32Array(64), size)).toBeUndefined();
  });

  it('compares boxes by shared over joint area', () => {
    const a = { top: 0, left: 0, bottom: 4, right: 4 };
    expect(intersectionOverUnion(a, a)).toBe(1);
    expect(intersectionOverUnion(a, { top: 0, left: 2, bottom: 4, right: 6 })).toBeCloseTo(1 / 3, 12);
    expect(intersectionOverUnion(a, { top: 5, left: 5, bottom: 6, right: 6 })).toBe(0);
  });
});
