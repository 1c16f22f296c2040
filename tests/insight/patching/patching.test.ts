import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawOutput } from '@saccade/attribution';
import { createCoinRun } from '@saccade/envs';
import { eagerCompile } from '@saccade/nn';
import { fitDictionary, interchange, openLayer, pairsWithout, restoreAtObject } from '@saccade/insight';
import type { OpenLayer } from '@saccade/insight';
import '../../support/allClose.ts';
import { coinRunFrames, colourFrames, colourPolicy } from '../toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('interchange patching on a policy whose value is red + 2 green - 3 blue', () => {
  const side = 5;
  const frames = colourFrames(20, side, 2);
  const policy = colourPolicy(
    side,
    [1, 2, -3],
    [
      [1, 0, 0],
      [0, 0, 0],
    ],
  );
  const target = rawOutput({ outputs: 3, logits: 2 }, 2);
  const size = side * side * 3;
  /** The same frames with every blue pixel, and with one green one, taken away. */
  const corrupt = frames.observations.slice();
  const masks = new Uint8Array(20 * side * side);
  for (let pixel = 0; pixel < masks.length; pixel++) {
    if (corrupt[pixel * 3 + 2] > 0) masks[pixel] = 1;
    corrupt[pixel * 3 + 2] = 0;
  }
  let open: OpenLayer;
  beforeAll(async () => {
    open = await openLayer(policy, 'a', eagerCompile);
  });
  afterAll(() => open.dispose());

  it('finds that the whole change came through the factor that holds blue', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const blue = [0, 1, 2].reduce((best, f) =>
      dictionary.directions[f * 3 + 2] > dictionary.directions[best * 3 + 2] ? f : best,
    );
    const clean = await open.encode(frames.observations);
    const without = await open.encode(corrupt);
    const found = await interchange(open, clean, without, target, dictionary, { positions: true });
    expect(found.pairs).toHaveLength(20);
    for (let pair = 0; pair < 20; pair++) {
      for (let f = 0; f < 4; f++) {
        expect(found.factors.patched[pair * 4 + f]).toBeCloseTo(f === blue ? 1 : 0, 1);
        expect(found.factors.integrated[pair * 4 + f]).toBeCloseTo(found.factors.patched[pair * 4 + f], 1);
        // The gradient at the corrupt run, where blue is off, knows nothing of blue: the next ReLU stands at its kink.
        expect(found.factors.linear[pair * 4 + f]).toBeCloseTo(0, 5);
      }
      let sum = 0;
      for (let p = 0; p < side * side; p++) sum += found.positions!.patched[pair * side * side + p];
      expect(sum).toBeCloseTo(1, 3);
    }
    expect(found.factors.correlation.integrated.pearson).toBeGreaterThan(0.99);
    const restored = await restoreAtObject(open, clean, without, masks, target);
    expect(restored).toBeAllClose(new Float64Array(20).fill(1), { absolute: 1e-4 });
  });

  it('agrees with the gradient where the policy is linear all the way', async () => {
    const bias = { ...policy.parameters['b/bias'], data: Float32Array.of(0.01, 0.01, 0.01) };
    const linear = { ...policy, parameters: { ...policy.parameters, 'b/bias': bias } };
    const away = await openLayer(linear, 'a', eagerCompile);
    const dictionary = await fitDictionary(away, frames.observations, { factors: 3 });
    const clean = await away.encode(frames.observations);
    const without = await away.encode(corrupt);
    const { factors, positions } = await interchange(away, clean, without, target, dictionary, { positions: true });
    expect(factors.linear).toBeAllClose(factors.patched, { absolute: 1e-3 });
    expect(factors.correlation.linear.pearson).toBeGreaterThan(0.999);
    expect(positions!.correlation.linear.pearson).toBeGreaterThan(0.999);
    away.dispose();
  });

  it('leaves out pairs in which nothing changes', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const clean = await open.encode(frames.observations.subarray(0, size));
    const found = await interchange(open, clean, clean, target, dictionary);
    expect(found.pairs).toHaveLength(0);
  });
});

describe('pairs of frames', () => {
  it('differ exactly where the object was', async () => {
    const set = await coinRunFrames(40, 8);
    const environment = createCoinRun({ difficulty: 'hard' });
    const pairs = pairsWithout(environment, set, 'crate', 4);
    for (let at = 0; at < pairs.clean.length; at++) {
      if (pairs.clean[at] !== pairs.corrupt[at]) expect(pairs.masks[Math.floor(at / 3)]).toBe(1);
    }
    expect(pairs.masks.some((value) => value === 1)).toBe(true);
    expect(pairs.levelSeeds[0]).toBe(set.levelSeeds[pairs.frames[0]]);
  });
});
