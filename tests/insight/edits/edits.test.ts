import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import { eagerCompile } from '@saccade/nn';
import { playLevels } from '@saccade/agent';
import { createCorridor } from '@saccade/envs';
import {
  componentsAlong,
  covarianceOf,
  editActivations,
  editedPlayer,
  editEffect,
  judgeBlindness,
  matchedDirections,
  meanComponents,
  openLayer,
  outputsEffect,
  pairedEffects,
  removeDirection,
  varianceAlong,
} from '@saccade/insight';
import type { ComparedArm, OpenLayer } from '@saccade/insight';
import '../../support/allClose.ts';
import { untrainedPolicy } from '../../attribution/toys.ts';
import { colourFrames, colourPolicy } from '../toys.ts';

const side = 4;
const frames = colourFrames(6, side);
const policy = colourPolicy(
  side,
  [1, 2, 3],
  [
    [1, 0, 0],
    [0, 1, 0],
  ],
);
let open: OpenLayer;
beforeAll(async () => {
  await tf.setBackend('cpu');
  open = await openLayer(policy, 'a', eagerCompile);
});
afterAll(() => open.dispose());

/** Sums of red, green and blue over a frame, 0-1. */
const sums = (frame: number): number[] =>
  [0, 1, 2].map((c) => {
    let sum = 0;
    for (let p = 0; p < side * side; p++) sum += frames.observations[(frame * side * side + p) * 3 + c] / 255;
    return sum;
  });

async function valuesOf(edited: typeof policy): Promise<number[]> {
  const layer = await openLayer(edited, 'a', eagerCompile);
  const outputs = await layer.outputs(await layer.encode(frames.observations));
  layer.dispose();
  return Array.from({ length: frames.count }, (_, i) => outputs[i * 3 + 2]);
}

describe('removing a direction from the next layer', () => {
  it('makes the policy blind to it: a channel, wholly or partly', async () => {
    const [r, g, b] = [1, 2, 3];
    for (const strength of [0, 0.5, 1]) {
      const values = await valuesOf(removeDirection(policy, 'a', [0, 1, 0], strength));
      const expected = values.map((_, i) => {
        const [red, green, blue] = sums(i);
        return r * red + (1 - strength) * g * green + b * blue;
      });
      expect(values).toBeAllClose(expected, { absolute: 1e-3 });
    }
  });

  it('removes a mixed direction as I - v v^T / |v|^2 says', async () => {
    const values = await valuesOf(removeDirection(policy, 'a', [1, 1, 0]));
    // (r, g, b) -> ((r - g) / 2, (g - r) / 2, b), each position's ReLU after it; pixels have one colour.
    const expected = values.map((_, i) => {
      const [red, green, blue] = sums(i);
      return red / 2 + green + 3 * blue;
    });
    expect(values).toBeAllClose(expected, { absolute: 1e-3 });
  });

  it('edits a dense kernel position by position after a flatten', async () => {
    const edited = removeDirection(policy, 'b', [0, 0, 1]);
    const values = await valuesOf(edited);
    expect(values).toBeAllClose(
      values.map((_, i) => sums(i)[0] + 2 * sums(i)[1]),
      { absolute: 1e-3 },
    );
    expect(policy.parameters['value/kernel'].data[2]).toBe(3);
  });

  it('refuses what it cannot do', () => {
    expect(() => removeDirection(policy, 'a', [1, 0])).toThrow('expected a direction of 3 channels');
    expect(() => removeDirection(policy, 'a', [0, 0, 0])).toThrow(/not zero/);
    expect(() => removeDirection(policy, 'z', [1, 0, 0])).toThrow('expected one of input, a, b, got z');
    const channels = 16;
    expect(() =>
      removeDirection(untrainedPolicy('impala', [16, 16, 3]), '1a', new Float32Array(channels).fill(1)),
    ).toThrow(/residual connection/);
  });
});

describe('control directions', () => {
  it('vary exactly as much as the direction they stand beside, and are not alike', () => {
    const stream = createStream(1, 'directions');
    const rows = Float64Array.from({ length: 300 * 6 }, (_, at) => normal(stream) * (1 + (at % 6)));
    const covariance = covarianceOf(rows, 6);
    const direction = [0, 1, 0, 1, 0, 0];
    const found = matchedDirections(direction, rows, 5, stream);
    for (const one of found) {
      expect(varianceAlong(one, covariance)).toBeCloseTo(varianceAlong(direction, covariance), 3);
      expect(Math.hypot(...one)).toBeCloseTo(1, 5);
    }
    expect(Math.abs(found[0].reduce((sum, value, i) => sum + value * found[1][i], 0))).toBeLessThan(0.999);
  });
});

describe('editing activations', () => {
  const positions = 2;
  const activations = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  const direction = [0, 2, 0];

  it('changes the component along the direction and nothing else', () => {
    const green = (edited: Float32Array): number[] => [1, 4, 7, 10].map((at) => edited[at]);
    const apply = (edit: object): number[] =>
      green(editActivations(activations, positions, { direction, ...edit } as never, createStream(0)));
    expect(apply({ kind: 'zero' })).toEqual([0, 0, 0, 0]);
    expect(apply({ kind: 'scale', factor: 3 })).toEqual([6, 15, 24, 33]);
    expect(apply({ kind: 'steer', amount: -1 })).toEqual([1, 4, 7, 10]);
    const means = meanComponents(activations, direction, positions);
    expect([...means]).toEqual([5, 8]);
    expect(apply({ kind: 'mean', means })).toEqual([5, 8, 5, 8]);
    expect(apply({ kind: 'resample', bank: Float32Array.of(20, 30) })).toEqual([20, 30, 20, 30]);
    expect(apply({ kind: 'zero', where: [0, 1] })).toEqual([2, 0, 8, 0]);
    const edited = editActivations(activations, positions, { direction, kind: 'zero' });
    expect([...edited].filter((_, at) => at % 3 !== 1)).toEqual([...activations].filter((_, at) => at % 3 !== 1));
    expect([...componentsAlong(activations, [1, 1, 1])][0]).toBeCloseTo(6 / Math.sqrt(3), 5);
  });

  it('tell what they do to value and actions, frame by frame', async () => {
    const states = await open.encode(frames.observations);
    const edited = editActivations(states.activations, side * side, { direction: [0, 0, 1], kind: 'zero' });
    const effect = await editEffect(open, states, edited);
    expect(effect.values).toBeAllClose(
      Array.from({ length: frames.count }, (_, i) => -3 * sums(i)[2]),
      { absolute: 1e-3 },
    );
    // No logit reads blue.
    expect(effect.divergence).toBeAllClose(new Float64Array(frames.count), { absolute: 1e-9 });
    expect(effect.sameAction).toBe(1);
    const red = editActivations(states.activations, side * side, { direction: [1, 0, 0], kind: 'zero' });
    const other = await editEffect(open, states, red, { kind: 'linear', weights: Float32Array.of(1, 0, 0) });
    expect(other.target).toBeAllClose(
      Array.from({ length: frames.count }, (_, i) => -sums(i)[0]),
      { absolute: 1e-3 },
    );
    expect(other.actions[0] + other.actions[1]).toBeCloseTo(0, 9);
    expect(other.actions[0]).toBeLessThan(0);
  });

  it('compare outputs by hand: a value that doubles and a choice that turns round', () => {
    const before = Float32Array.of(Math.log(3), 0, 2, 0, 0, 1);
    const after = Float32Array.of(0, Math.log(3), 4, 0, 0, 1);
    const effect = outputsEffect(before, after, 2);
    expect(Array.from(effect.values)).toEqual([2, 0]);
    // KL((3/4, 1/4) || (1/4, 3/4)) = 1/2 ln 3.
    expect(effect.divergence).toBeAllClose([0.5 * Math.log(3), 0], { absolute: 1e-6 });
    expect(effect.actions).toBeAllClose([-0.25, 0.25], { absolute: 1e-6 });
    expect(effect.sameAction).toBe(0.5);
  });

  it('plays with the edit in place', async () => {
    const corridor = createCorridor();
    const spec = corridor.observationSpace.shape;
    const runner = untrainedPolicy('perceptron', [...spec]);
    const layer = await openLayer(runner, 'dense1', eagerCompile);
    const outcome = async (factor: number): Promise<number[]> => {
      const results = await playLevels({
        environments: [createCorridor(), createCorridor()],
        player: editedPlayer(layer, [{ kind: 'scale', factor, direction: new Float32Array(32).fill(1) }]),
        levelSeeds: [1, 2, 3],
        seed: 0,
      });
      return results.map(({ length }) => length);
    };
    expect(await outcome(1)).toEqual(await outcome(1));
    layer.dispose();
  });
});

describe('paired effects', () => {
  const arm = (causes: string[]): { levelSeed: number; solved: boolean; cause: string }[] =>
    causes.map((cause, levelSeed) => ({ levelSeed, cause, solved: cause === 'coin' }));
  const original = arm([...Array(98).fill('coin'), 'saw', 'lava'] as string[]);
  const blind = arm([...Array(20).fill('saw'), ...Array(78).fill('coin'), 'coin', 'lava'] as string[]);

  it('count level by level', () => {
    const [saw, lava] = pairedEffects(original, blind, ['saw', 'lava']);
    expect(saw).toMatchObject({ originalRate: 1, editedRate: 20, onlyEdited: 20, onlyOriginal: 1 });
    expect(saw.difference.estimate).toBeCloseTo(19, 10);
    expect(saw.difference.low).toBeGreaterThan(10);
    expect(saw.difference.high).toBeLessThan(28);
    expect(saw.p).toBeLessThan(1e-4);
    expect(lava.difference).toEqual({ estimate: 0, low: 0, high: 0 });
    expect(lava.p).toBe(1);
  });

  it('call an edit selective only when every condition holds', () => {
    const factor: ComparedArm = {
      name: 'factor 1',
      kind: 'factor',
      effects: pairedEffects(original, blind, ['saw', 'lava']),
    };
    const weak: ComparedArm = {
      name: 'random 1',
      kind: 'random',
      effects: pairedEffects(original, original, ['saw', 'lava']),
    };
    const strong: ComparedArm = { ...factor, name: 'random 2', kind: 'random' };
    expect(judgeBlindness([factor, weak], 'saw', ['saw', 'lava']).selective).toBe(true);
    expect(judgeBlindness([factor, weak, strong], 'saw', ['saw', 'lava']).selective).toBe(false);
    expect(judgeBlindness([factor], 'saw', ['saw', 'lava']).selective).toBe(false);
    const clumsy = arm([...Array(20).fill('saw'), ...Array(9).fill('lava'), ...Array(71).fill('coin')] as string[]);
    const both: ComparedArm = { ...factor, effects: pairedEffects(original, clumsy, ['saw', 'lava']) };
    const verdict = judgeBlindness([both, weak], 'saw', ['saw', 'lava']);
    expect(verdict.selective).toBe(false);
    expect(verdict.reasons[2].text).toContain('lava');
    expect(verdict.adjusted).toHaveLength(2);
  });

  it('refuse arms of different levels', () => {
    expect(() => pairedEffects(original, blind.slice(1), ['saw'])).toThrow('expected the same levels in both arms');
    expect(() => pairedEffects(original, [...blind].reverse(), ['saw'])).toThrow('got others at 0');
  });
});
