/** Levels that were failed lately come again: how often, until when, and exactly so after a restart. */
import { describe, expect, it } from 'vitest';
import { InputError } from '@saccade/core';
import { createLevelReplay, createLevelSampler } from '@saccade/envs';
import type { ReplayingSampler } from '@saccade/envs';

const open = (probability: number, seed = 3): ReplayingSampler =>
  createLevelReplay(createLevelSampler({ kind: 'all' }, seed), probability, seed);
const take = (sampler: ReplayingSampler, count: number): number[] =>
  Array.from({ length: count }, () => sampler.next());

/** 100 levels that no fresh draw is likely to meet, failed. */
const failed = Array.from({ length: 100 }, (_, i) => i);
function afterFailures(probability: number): ReplayingSampler {
  const sampler = open(probability);
  for (const level of failed) sampler.ended(level, false);
  return sampler;
}

describe('levels that are played again', () => {
  it('are as many as the probability says, each as likely as another', () => {
    const drawn = take(afterFailures(0.4), 5000);
    const again = drawn.filter((level) => level < 100);
    // Five standard deviations of a binomial of 5,000 draws.
    expect(Math.abs(again.length - 2000)).toBeLessThan(5 * Math.sqrt(5000 * 0.4 * 0.6));
    const counts = failed.map((level) => again.filter((one) => one === level).length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts)).toBeLessThan(20 + 6 * Math.sqrt(20));
  });

  it('are none where the probability is 0, and the choice is what it is without', () => {
    const plain = createLevelSampler({ kind: 'all' }, 3);
    expect(take(afterFailures(0), 50)).toEqual(Array.from({ length: 50 }, () => plain.next()));
  });

  it('come no more once they are solved', () => {
    const sampler = afterFailures(0.9);
    sampler.ended(7, true);
    expect(take(sampler, 5000)).not.toContain(7);
  });

  it('are the last 512 that were failed, and none before there are 64', () => {
    const few = open(0.9);
    for (let level = 0; level < 63; level++) few.ended(level, false);
    expect(take(few, 500).filter((level) => level < 63)).toEqual([]);
    const many = open(0.9);
    for (let level = 0; level < 600; level++) many.ended(level, false);
    const drawn = take(many, 20_000).filter((level) => level < 600);
    expect(Math.min(...drawn)).toBe(88);
  });

  it('go on from a cursor through JSON, and are forgotten with a new seed', () => {
    const sampler = afterFailures(0.5);
    take(sampler, 20);
    const cursor = JSON.parse(JSON.stringify(sampler.cursor())) as ReturnType<ReplayingSampler['cursor']>;
    const then = take(sampler, 200);
    const other = open(0.5, 9);
    other.moveTo(cursor);
    expect(take(other, 200)).toEqual(then);
    other.reseed(3);
    expect(take(other, 200).filter((level) => level < 100)).toEqual([]);
  });

  it('say what is wrong', () => {
    expect(() => open(1)).toThrow(new InputError('levelReplay: expected a probability in [0, 1), got 1'));
    expect(() => open(Number.NaN)).toThrow(/got NaN/);
    expect(() => open(0.5).moveTo(createLevelSampler({ kind: 'all' }, 0).cursor())).toThrow(
      /levels to play again, got none/,
    );
  });
});
