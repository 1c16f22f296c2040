import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import { rawOutput } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import {
  conceptVector,
  openLayer,
  positionFeatures,
  probeTargets,
  ridgeProbe,
  runProbes,
  scorePrediction,
  steer,
} from '@saccade/insight';
import '../../support/allClose.ts';
import { coinRunFrames, colourFrames, colourPolicy } from '../toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function cloud(frames: number, features: number, seed: number): Float32Array {
  const stream = createStream(seed, 'cloud');
  return Float32Array.from({ length: frames * features }, () => normal(stream));
}

describe('ridge probes', () => {
  it('solve a line by hand', () => {
    // Centred x is -1, 0, 1; trace / n = 2/3; penalty .3 x 2/3 = .2: slope = sum xy / (sum xx + .2) = 2 / 2.2.
    const probe = ridgeProbe([1, 2, 3], [4], 1, 0.3);
    expect(probe.predict([1, 2, 3])[0]).toBeCloseTo(2 + (2 / 2.2) * 2, 10);
  });

  it('recover a linear fact and number, and nothing from noise', async () => {
    const [train, test] = [cloud(150, 20, 1), cloud(100, 20, 2)];
    const number = (x: Float32Array): Float64Array =>
      Float64Array.from({ length: x.length / 20 }, (_, i) => 2 * x[i * 20] - x[i * 20 + 3]);
    const fact = (x: Float32Array): Float64Array => number(x).map((value) => (value > 0 ? 1 : 0));
    const targets = (x: Float32Array) =>
      [
        { name: 'number', kind: 'number', values: number(x) },
        { name: 'fact', kind: 'fact', values: fact(x) },
      ] as const;
    const levels = Int32Array.from({ length: 150 }, (_, i) => i >> 1);
    const scores = await runProbes(
      [
        { name: 'layer', features: 20, train, test },
        { name: 'noise', features: 20, train: cloud(150, 20, 3), test: cloud(100, 20, 4) },
      ],
      targets(train),
      targets(test),
      levels,
      { permutations: 20, penalty: 0.01 },
    );
    const of = (representation: string, target: string) =>
      scores.find((one) => one.representation === representation && one.target === target)!;
    expect(of('layer', 'number').score).toBeGreaterThan(0.95);
    expect(of('layer', 'fact').score).toBeGreaterThan(0.95);
    expect(of('layer', 'fact').chance).toBeLessThan(0.75);
    expect(of('noise', 'fact').score).toBeLessThan(0.75);
    expect(of('noise', 'number').score).toBeLessThan(0.1);
  });

  it('score facts by rank and numbers by explained variance', () => {
    expect(scorePrediction('fact', [1, 2, 3], [0, 0, 1])).toBe(1);
    expect(scorePrediction('number', [1, 2, 3], [1, 2, 3])).toBe(1);
    expect(scorePrediction('number', [2, 2, 2], [1, 2, 3])).toBe(0);
  });

  it('read their targets off the simulator', async () => {
    const set = await coinRunFrames(24, 6);
    const targets = probeTargets(set);
    const air = targets.find(({ name }) => name === 'in the air')!;
    set.states.forEach(({ game }, i) => {
      expect(air.values[i]).toBe((game as { agent: { vy: number } }).agent.vy !== 0 ? 1 : 0);
    });
    expect(targets.every(({ values }) => new Set(values).size > 1)).toBe(true);
    expect(positionFeatures(set)).toHaveLength(48);
  });
});

describe('concept vectors', () => {
  it('are the mean difference, and steer a linear policy by exactly their effect', async () => {
    const side = 4;
    const frames = colourFrames(10, side, 1);
    const policy = colourPolicy(
      side,
      [1, 2, -3],
      [
        [1, 0, 0],
        [0, 0, 0],
      ],
    );
    const open = await openLayer(policy, 'a', eagerCompile);
    const clean = await open.encode(frames.observations);
    const dark = await open.encode(frames.observations.map((byte, at) => (at % 3 === 2 ? 0 : byte)));
    const vector = conceptVector(clean, dark);
    let blue = 0;
    for (let at = 2; at < frames.observations.length; at += 3) blue += frames.observations[at] / 255 / 10;
    expect(vector.reduce((sum, value) => sum + value, 0)).toBeCloseTo(blue, 3);
    const target = rawOutput({ outputs: 3, logits: 2 }, 2);
    const found = await steer(open, dark, vector, target, { random: 5 });
    // Layer b's ReLU lets everything through that is positive: adding blue costs 3 a unit.
    expect(found.plus).toBeCloseTo(-3 * blue, 2);
    expect(found.randomPlus).toHaveLength(5);
    open.dispose();
  });
});
