import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoinRun, createObservationRenderer, MaskClass, observationWindow } from '@saccade/envs';
import type { Scene } from '@saccade/envs';
import { between } from '../../apps/viewer/src/scene/motion.ts';
import { fixed, short, withSign } from '../../apps/viewer/src/format.ts';

describe('the window on the world', () => {
  it('covers what the observation shows, to half a pixel: the coin is where its mask is', () => {
    const environment = createCoinRun({ difficulty: 'easy' });
    const renderer = createObservationRenderer({ pixels: 64, cells: 12.8, velocitySquares: false });
    const classes = new Uint8Array(64 * 64);
    let found = 0;
    for (let seed = 0; seed < 60; seed++) {
      environment.begin(seed);
      const { scene } = environment;
      const coin = scene.objects.find(({ kind }) => kind === 'coin');
      if (!coin) continue;
      // As if the agent stood somewhere near the coin.
      scene.agent.x = coin.x - 3 + (seed % 7) / 7;
      scene.agent.y = coin.y - 1 + (seed % 5) / 5;
      renderer.maskInto(classes, new Uint16Array(64 * 64), 0, scene);
      let left = 64;
      let top = 64;
      classes.forEach((value, at) => {
        if (value !== MaskClass.coin) return;
        left = Math.min(left, at % 64);
        top = Math.min(top, Math.floor(at / 64));
      });
      const window = observationWindow(scene.agent, 64);
      const scale = 64 / window.size;
      // The sprite of the coin does not fill its box: its outline lies within the box's first two pixels.
      expect(left - (coin.x - 0.5 - window.left) * scale).toBeGreaterThanOrEqual(-0.51);
      expect(left - (coin.x - 0.5 - window.left) * scale).toBeLessThanOrEqual(2);
      expect(top - (window.bottom + window.size - coin.y - 0.5) * scale).toBeGreaterThanOrEqual(-0.51);
      expect(top - (window.bottom + window.size - coin.y - 0.5) * scale).toBeLessThanOrEqual(2);
      found++;
    }
    expect(found).toBeGreaterThan(50);
  });
});

describe('motion between two steps', () => {
  const cells = new Uint8Array(4);
  const scene = (x: number, objectX: number): Scene => ({
    width: 2,
    height: 2,
    cells,
    objects: [{ id: 1, kind: 'enemy', x: objectX, y: 1, vx: 0.15, variant: 0, visible: true }],
    agent: { x, y: 1, vx: 0, vy: 0, supported: true, facing: 1 },
    theme: { background: 0, ground: 0, agent: 0, monochrome: false, backgrounds: true },
    step: 0,
  });

  it('leads in a straight line from one to the other and changes neither', () => {
    const from = scene(1, 4);
    const to = scene(2, 5);
    expect(between(from, to, 0.25)).toMatchObject({ agent: { x: 1.25 }, objects: [{ x: 4.25 }] });
    expect(from.agent.x).toBe(1);
    expect(to.objects[0].x).toBe(5);
  });

  it('does not lead through a leap or from one level to another', () => {
    const to = scene(9, 5);
    expect(between(scene(1, 4), to, 0.5)).toBe(to);
    const elsewhere = { ...scene(2, 5), cells: new Uint8Array(4) };
    expect(between(scene(1, 4), elsewhere, 0.5)).toBe(elsewhere);
  });
});

describe('numbers for people', () => {
  it('carry a real minus sign and no negative zero', () => {
    expect(fixed(-0.004, 2)).toBe('0.00');
    expect(fixed(-1.25, 1)).toBe('\u22121.3');
    expect(withSign(0.5, 1)).toBe('+0.5');
    expect(withSign(0.04, 1)).toBe('0.0');
  });

  it('are short whatever their size, and right to two digits', () => {
    expect(short(0)).toBe('0');
    expect(short(0.0123)).toBe('0.0123');
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const text = short(value);
        expect(text.length).toBeLessThanOrEqual(9);
        const read = Number(text.replace('\u2212', '-'));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 0.051);
      }),
    );
  });
});
