import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { computeAdvantages } from '@saccade/agent';
import '../support/allClose.ts';

const column = (values: number[]): Float32Array => Float32Array.from(values);
const flags = (values: number[]): Uint8Array => Uint8Array.from(values);

describe('generalised advantage estimation', () => {
  it('solves a three-step case by hand', () => {
    const { advantages, returns } = computeAdvantages({
      steps: 3,
      environments: 1,
      rewards: column([1, 2, 3]),
      values: column([0.5, 1, 1.5, 2]),
      terminated: flags([0, 0, 0]),
      truncated: flags([0, 0, 0]),
      truncationValues: column([0, 0, 0]),
      gamma: 0.5,
      lambda: 0.5,
    });
    // delta = 1 + .5 - .5, 2 + .75 - 1, 3 + 1 - 1.5; A2 = 2.5, A1 = 1.75 + .25 * 2.5, A0 = 1 + .25 * A1
    expect(advantages).toBeAllClose([1.59375, 2.375, 2.5]);
    expect(returns).toBeAllClose([2.09375, 3.375, 4]);
  });

  it('never bootstraps through a death, and does through a time limit', () => {
    const inputs = {
      steps: 2,
      environments: 2,
      rewards: column([0, 0, 0, 0]),
      values: column([1, 1, 7, 7, 9, 9]),
      terminated: flags([1, 0, 0, 0]),
      truncated: flags([0, 1, 0, 0]),
      truncationValues: column([0, 4, 0, 0]),
      gamma: 1,
      lambda: 1,
    };
    const { returns } = computeAdvantages(inputs);
    expect(returns).toBeAllClose([0, 4, 9, 9]);
  });

  it('with lambda = 1 and no end is the discounted return minus the value', () => {
    const numbers = (length: number) =>
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((steps) => fc.tuple(numbers(steps), numbers(steps + 1))),
        ([rewards, values]) => {
          const steps = rewards.length;
          const none = new Uint8Array(steps);
          const gamma = 0.9;
          const { advantages } = computeAdvantages({
            steps,
            environments: 1,
            rewards: column(rewards),
            values: column(values),
            terminated: none,
            truncated: none,
            truncationValues: new Float32Array(steps),
            gamma,
            lambda: 1,
          });
          const expected = values.slice(0, steps).map((value, t) => {
            const discounted = rewards.slice(t).reduce((sum, reward, k) => sum + gamma ** k * reward, 0);
            return discounted + gamma ** (steps - t) * values[steps] - value;
          });
          expect(advantages).toBeAllClose(expected, { absolute: 1e-4 });
        },
      ),
      { seed: 1 },
    );
  });

  it('says what was expected when a shape does not fit', () => {
    const vector = new Float32Array(4);
    const none = new Uint8Array(4);
    expect(() =>
      computeAdvantages({
        steps: 4,
        environments: 1,
        rewards: vector,
        values: vector,
        terminated: none,
        truncated: none,
        truncationValues: vector,
        gamma: 1,
        lambda: 1,
      }),
    ).toThrow('computeAdvantages: expected values [5, 1] (5 values), got 4');
  });
});
