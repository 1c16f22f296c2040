import { describe, expect, it } from 'vitest';
import { MaskClass } from '@saccade/envs';
import {
  alignedClasses,
  alignmentNull,
  alignmentScores,
  auroc,
  classPresence,
  nameFactors,
  pixelFactorActivity,
  pixelRows,
  strongestShow,
} from '@saccade/insight';
import type { FactorActivity } from '@saccade/insight';
import { colourFrames } from '../toys.ts';

const side = 6;
const set = colourFrames(60, side);
const presence = classPresence(set.masks!.classes, set.shape, side, side);
/** Factor 0 is red (coins), factor 1 green (saws). */
const activity: FactorActivity = {
  height: side,
  width: side,
  factors: 2,
  frames: 60,
  activity: Float32Array.from({ length: 60 * 36 * 2 }, (_, at) => set.observations[(at >> 1) * 3 + (at % 2)] / 255),
};
/** What names need beside the scores: that what factors are strongest on shows the class. */
const shownBy = (found: FactorActivity): Float64Array => strongestShow(found, presence, alignedClasses.length);
const of = (name: (typeof alignedClasses)[number]): number => alignedClasses.indexOf(name);

describe('where classes are on a grid', () => {
  it('counts a position from a quarter of its pixels on', () => {
    const masks = new Uint8Array(16);
    masks[0] = MaskClass.saw;
    masks[10] = masks[11] = MaskClass.coin;
    const found = classPresence(masks, [4, 4], 2, 2);
    expect([...found.subarray(of('saw') * 4, of('saw') * 4 + 4)]).toEqual([1, 0, 0, 0]);
    expect([...found.subarray(of('coin') * 4, of('coin') * 4 + 4)]).toEqual([0, 0, 0, 1]);
    expect(classPresence(masks, [4, 4], 2, 2, 0.3)[of('saw') * 4]).toBe(0);
  });
});

describe('alignment', () => {
  it('is 1 for factors that fire exactly on a class', () => {
    const scores = alignmentScores(activity, presence);
    expect(scores.best[of('coin')]).toEqual({ factor: 0, auroc: 1 });
    expect(scores.best[of('saw')]).toEqual({ factor: 1, auroc: 1 });
    expect(scores.best[of('lava')].factor).toBe(-1);
  });

  it('compares positions with themselves: where things usually are earns nothing', () => {
    // A factor that is active on the left, where all of a class is, in every frame alike.
    const masks = new Uint8Array(40 * 4);
    const constant = new Float32Array(40 * 4);
    for (let frame = 0; frame < 40; frame++) {
      masks[frame * 4] = frame % 2 ? MaskClass.coin : 0;
      constant[frame * 4] = 5;
    }
    const found = { height: 1, width: 4, factors: 1, frames: 40, activity: constant };
    const scores = alignmentScores(found, classPresence(masks, [1, 4], 1, 4));
    expect(scores.best[of('coin')].auroc).toBe(0.5);
    expect(auroc(constant, masks)).toBeGreaterThan(0.9);
  });

  it('exceeds the null where it is real and not where it is chance', () => {
    const { limit, scoreLimit } = alignmentNull(activity, presence, set.levelSeeds, { permutations: 40 });
    expect(limit).toBeGreaterThan(0.5);
    expect(limit).toBeLessThan(0.7);
    expect(scoreLimit).toBeLessThanOrEqual(limit);
    expect(nameFactors(alignmentScores(activity, presence), limit, shownBy(activity))).toEqual(['coin', 'saw']);
    const chance = { ...activity, activity: activity.activity.map((_, at) => ((at * 7919) % 101) / 101) };
    expect(nameFactors(alignmentScores(chance, presence), limit, shownBy(chance))).toEqual(['factor 0', 'factor 1']);
  });

  it('gives no factor a name that it detects only a little better than chance', () => {
    const scores = alignmentScores(activity, presence);
    const weak = scores.auroc.map(() => 0.7);
    expect(nameFactors({ ...scores, auroc: weak }, 0.58, shownBy(activity))).toEqual(['factor 0', 'factor 1']);
    expect(nameFactors({ ...scores, auroc: weak.fill(0.8) }, 0.58, shownBy(activity))[0]).not.toContain('factor');
  });

  it('gives no factor a name whose strongest places show something else', () => {
    // In 20 frames of two places the coin comes to the left; the factor fires there a little, but most at the right.
    const masks = new Uint8Array(20 * 6).map((_, at) => (at % 6 === 0 && at % 12 === 0 ? MaskClass.coin : 0));
    const one = (strong: number): FactorActivity => ({
      height: 1,
      width: 6,
      factors: 1,
      frames: 20,
      activity: Float32Array.from(masks, (code, at) => (code === MaskClass.coin ? 1 : at % 6 === 5 ? strong : 0)),
    });
    const shown = classPresence(masks, [1, 6], 1, 6);
    const nameOf = (found: FactorActivity): string[] =>
      nameFactors(alignmentScores(found, shown), 0.6, strongestShow(found, shown, alignedClasses.length));
    expect(alignmentScores(one(2), shown).best[of('coin')].auroc).toBe(1);
    expect(nameOf(one(2))).toEqual(['factor 0']);
    expect(nameOf(one(0))).toEqual(['coin']);
  });

  it('counts the share of the strongest places, one a frame, that show a class there or beside', () => {
    const masks = new Uint8Array(4 * 9);
    masks[0] = MaskClass.saw;
    masks[9] = MaskClass.saw;
    const found: FactorActivity = {
      height: 3,
      width: 3,
      factors: 2,
      frames: 4,
      // Frame 0: in the middle, beside the saw; frame 1: at the far corner; frame 2: without a saw; frame 3: silent.
      activity: new Float32Array(4 * 9 * 2),
    };
    found.activity[4 * 2] = 1;
    found.activity[(9 + 8) * 2] = 2;
    found.activity[(18 + 3) * 2] = 3;
    const shares = strongestShow(found, classPresence(masks, [3, 3], 3, 3), alignedClasses.length);
    expect(shares[of('saw')]).toBeCloseTo(1 / 3, 12);
    expect([...shares.subarray(alignedClasses.length)]).toEqual(alignedClasses.map(() => 0));
  });

  it('of raw pixels finds colours where the frames are nothing but colours', async () => {
    const { rows, columns } = pixelRows(set, 3, 3);
    expect(columns).toBe(12);
    expect(rows[0]).toBeCloseTo(set.observations[0] / 255, 6);
    const found = await pixelFactorActivity(set, set, { height: side, width: side, factors: 3 });
    expect(alignmentScores(found, presence).score).toBeGreaterThan(0.95);
  });
});
