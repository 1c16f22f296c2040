import { describe, expect, it } from 'vitest';
import { colourScale, paint, resizeMap } from '@saccade/attribution';
import { createCoinRun, observationWindow, renderView } from '@saccade/envs';
import { drawPlate, plateSize } from '@saccade/insight';
import type { PlateFilm, PlateFrame } from '@saccade/insight';

const environment = createCoinRun({ difficulty: 'easy' });
environment.reset({ options: { levelSeed: 7 } });
const lens = {
  method: 'Integrated Gradients',
  layer: '2b',
  target: 'the value',
  signed: true,
  palette: 'purple-orange',
  opacity: 0.7,
  smooth: true,
} as const;
const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
const flat = { values, height: 8, width: 8, signed: true };

function frame(value: number, more: Partial<PlateFrame> = {}): PlateFrame {
  return {
    scene: structuredClone(environment.scene),
    map: { flat, limit: 1, integrationError: 0.01 },
    episode: 0,
    levelSeed: 7,
    action: 1,
    probabilities: [0.2, 0.8],
    value,
    end: null,
    ...more,
  };
}
const frames = [frame(1), frame(3), frame(2, { end: { cause: 'coin' } })];
const film: PlateFilm = { policy: 'compact', actions: ['noop', 'right'], lens, frames };
const options = { scale: 4 };

/** Bytes of the part below the world. */
const band = ({ rgba }: ReturnType<typeof drawPlate>): Uint8ClampedArray => rgba.subarray(256 * 256 * 4);

const differ = (a: Uint8ClampedArray, b: Uint8ClampedArray): boolean => a.some((byte, i) => byte !== b[i]);

describe('a plate', () => {
  it('shows the world of the observation with the very paint of the map, and is opaque', () => {
    const { width, height, rgba } = drawPlate(frames[0], film, 0, options);
    expect([width, height]).toEqual([256, plateSize(film, options).height]);
    const seen = observationWindow(environment.scene.agent, 64);
    const world = renderView(environment.scene, {
      width: 256,
      height: 256,
      centreX: seen.left + 6.4,
      centreY: seen.bottom + 6.4,
      cellsAcross: 12.8,
    });
    const scale = colourScale(flat, { limit: 1, palette: 'purple-orange' });
    const { data } = paint(resizeMap(flat, { width: 256, height: 256 }), scale, { opacity: 0.7 });
    let worst = 0;
    for (let p = 0; p < 256 * 256; p++) {
      const alpha = data[p * 4 + 3] / 255;
      for (let c = 0; c < 3; c++) {
        const expected = world[p * 4 + c] * (1 - alpha) + data[p * 4 + c] * alpha;
        worst = Math.max(worst, Math.abs(rgba[p * 4 + c] - expected));
      }
    }
    expect(worst).toBeLessThanOrEqual(0.5);
    expect(rgba.every((byte, i) => i % 4 !== 3 || byte === 255)).toBe(true);
  });

  it('says other things of other instants, and always has the size of its film, which video takes', () => {
    const plates = frames.map((one, i) => drawPlate(one, film, i, options));
    expect(new Set(plates.map(({ height }) => height)).size).toBe(1);
    for (const { width, height } of plates) expect([width % 2, height % 2]).toEqual([0, 0]);
    expect(differ(band(plates[0]), band(plates[1]))).toBe(true);
    expect(differ(band(plates[1]), band(plates[2]))).toBe(true);
    expect(differ(drawPlate(frames[0], film, 0, options).rgba, plates[0].rgba)).toBe(false);
  });

  it('makes room for what a reader of the method must know', () => {
    const warned = { ...film, lens: { ...lens, warning: 'Fails the randomisation check.' } };
    expect(plateSize(warned, options).height).toBeGreaterThan(plateSize(film, options).height);
  });

  it('is the world alone, with its facts, where nothing is explained', () => {
    const bare: PlateFilm = { ...film, lens: null };
    const { rgba } = drawPlate(frame(1, { map: null }), bare, 0, options);
    expect(plateSize(bare, options).height).toBeLessThan(plateSize(film, options).height);
    const painted = drawPlate(frames[0], film, 0, options).rgba;
    expect(differ(rgba.subarray(0, 256 * 256 * 4), painted.subarray(0, 256 * 256 * 4))).toBe(true);
  });

  it('is drawn at every scale, with words that are cut short where there is no room', () => {
    const wordy: PlateFilm = { ...film, policy: 'a policy with quite a long name, for once ☃' };
    for (const scale of [1, 2, 6, 10]) {
      const { width, height, rgba } = drawPlate(frames[2], wordy, 2, { scale });
      expect(rgba).toHaveLength(width * height * 4);
    }
  });
});
