/** Pictures made by optimisation, and features read from a dataset. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream, normal } from '@saccade/core';
import {
  affineMap,
  classModel,
  colourMatrix,
  correspondence,
  createAttributor,
  createSpectrum,
  featureEvolution,
  invarianceCurve,
  likeness,
  mixColours,
  mixColoursBack,
  rawOutput,
  topPatches,
  visualiseFeature,
} from '@saccade/attribution';
import type { Attributor } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { modelOf, tensor } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const gaussian = (length: number, seed: number): Float32Array => {
  const stream = createStream(seed, 'features');
  return Float32Array.from({ length }, () => normal(stream));
};
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Inputs [8, 8, 3] -> relu of a 3x3 convolution with two channels: one likes red centres, one blue ones. */
function redAndBlue(strength = 1): Attributor {
  const kernel = new Float32Array(3 * 3 * 3 * 2);
  for (let at = 0; at < 9; at++) {
    kernel[at * 6] = at === 4 ? strength : -0.05;
    kernel[at * 6 + 5] = at === 4 ? strength : -0.05;
  }
  const constants = { kernel: tensor([3, 3, 3, 2], kernel), bias: tensor([2], [0, 0]) };
  return createAttributor(
    modelOf(
      [8, 8, 3],
      128,
      (x, ops, parameters) =>
        ops.flatten(
          ops.relu(ops.convolution(x, parameters['kernel'], parameters['bias'], { stride: 1, padding: 'same' })),
        ) as tf.Tensor2D,
      constants,
    ),
    eagerCompile,
  );
}
const layerShape = [8, 8, 2];

describe('transposes', () => {
  it('the spectrum is its own transform up to strengths, and pulls back by its transpose', () => {
    const spectrum = createSpectrum(6, 10, 3);
    const [a, b] = [gaussian(180, 1), gaussian(180, 2)];
    expect(dot(spectrum.toPicture(a), b)).toBeCloseTo(dot(a, spectrum.pullBack(b)), 3);
  });

  it('an affine map pulls back by its transpose', () => {
    for (const transformation of [
      { dx: 1.5, dy: -2 },
      { scale: 1.2, degrees: 30 },
      { dx: 0.3, degrees: -10 },
    ]) {
      const map = affineMap([7, 9, 2], transformation);
      const [a, b] = [gaussian(126, 3), gaussian(126, 4)];
      expect(dot(map.apply(a), b)).toBeCloseTo(dot(a, map.pullBack(b)), 4);
    }
  });

  it('mixed colours pull back by their transpose', () => {
    const matrix = colourMatrix(Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256));
    const [a, b] = [gaussian(30, 5), gaussian(30, 6)];
    expect(dot(mixColours(a, matrix), b)).toBeCloseTo(dot(a, mixColoursBack(b, matrix)), 4);
  });
});

describe('affine maps', () => {
  const picture = Float32Array.from({ length: 25 }, (_, i) => (i === 7 ? 1 : 0));

  it('shift, turn and scale about the centre, with a fill outside', () => {
    expect(affineMap([5, 5, 1], { dx: 1, dy: 2 }).apply(picture).indexOf(1)).toBe(7 + 1 + 10);
    // (row 1, column 2) is above the centre; a quarter turn clockwise brings it to the right.
    expect(affineMap([5, 5, 1], { degrees: 90 }).apply(picture)[13]).toBeCloseTo(1, 5);
    expect(affineMap([5, 5, 1], { scale: 2 }).apply(picture)[2]).toBeCloseTo(1, 5);
    expect(
      affineMap([5, 5, 1], { dx: 5 })
        .apply(picture, 0.5)
        .every((value) => value === 0.5),
    ).toBe(true);
  });
});

describe('colours of frames', () => {
  it('a matrix whose rows, mixed from unit noise, have the covariance of the frames up to scale', () => {
    const stream = createStream(1, 'colours');
    const frames = Uint8Array.from({ length: 3 * 2000 }, (_, i) => {
      if (i % 3 === 0) shared = 128 + 40 * normal(stream);
      return shared + (i % 3 === 2 ? 20 * normal(stream) : 0);
    });
    const m = colourMatrix(frames);
    const covariance = (i: number, j: number): number => m[i] * m[j] + m[3 + i] * m[3 + j] + m[6 + i] * m[6 + j];
    expect(covariance(0, 1) / covariance(0, 0)).toBeCloseTo(1, 2);
    expect(covariance(2, 2) / covariance(0, 0)).toBeCloseTo(1.25, 1);
    expect(Math.max(covariance(0, 0), covariance(1, 1), covariance(2, 2))).toBeCloseTo(1, 6);
  });
  let shared = 0;
});

describe('diversity', () => {
  it('is 1 for equal textures, and its gradient is that of its value', () => {
    const a = gaussian(2 * 4 * 3, 8).map(Math.abs);
    const equal = Float32Array.from([...a.subarray(0, 12), ...a.subarray(0, 12)]);
    expect(likeness(equal, 2, 3).mean).toBeCloseTo(1, 6);
    const three = gaussian(3 * 4 * 3, 9);
    const { gradient } = likeness(three, 3, 3);
    for (const at of [0, 7, 20, 35]) {
      const nudged = (by: number): number =>
        likeness(
          three.map((value, i) => (i === at ? value + by : value)),
          3,
          3,
        ).mean;
      expect(gradient[at]).toBeCloseTo((nudged(1e-3) - nudged(-1e-3)) / 2e-3, 3);
    }
  });
});

describe('feature visualisation', () => {
  it('raises its channel from a start where nothing is active, in the colour that the channel likes', async () => {
    const frames = Uint8Array.from({ length: 3000 }, (_, i) => (i * 97) % 256);
    const colours = colourMatrix(frames);
    const options = { steps: 60, jitter: 1, random: createStream(1, 'visualise') };
    for (const channel of [0, 1]) {
      const { pictures, scores } = await visualiseFeature(
        redAndBlue(),
        layerShape,
        { kind: 'channel', channel },
        colours,
        options,
      );
      expect(scores[0]).toBeGreaterThan(0.35);
      const mean = (c: number): number =>
        pictures[0].reduce((sum, value, i) => sum + (i % 3 === c ? value : 0), 0) / 64;
      expect(mean(channel === 0 ? 0 : 2)).toBeGreaterThan(mean(channel === 0 ? 2 : 0));
      expect(pictures[0].every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('is the same for the same seed, and names a channel that does not exist', async () => {
    const colours = colourMatrix(Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256));
    const run = (seed: number): ReturnType<typeof visualiseFeature> =>
      visualiseFeature(redAndBlue(), layerShape, { kind: 'unit', y: 3, x: 4, channel: 1 }, colours, {
        steps: 5,
        pictures: 2,
        diversity: 0.1,
        random: createStream(seed, 'visualise'),
      });
    expect((await run(1)).pictures).toEqual((await run(1)).pictures);
    expect((await run(1)).pictures).not.toEqual((await run(2)).pictures);
    await expect(
      visualiseFeature(redAndBlue(), layerShape, { kind: 'channel', channel: 2 }, colours, { random: createStream(1) }),
    ).rejects.toThrow('expected a channel from 0 to 1, got 2');
  });
});

describe('class models', () => {
  it('of a linear target is its weights over twice the penalty', async () => {
    const weights = [0.1, -0.05, 0.02, 0];
    const linear = createAttributor(
      modelOf(
        [2, 2, 1],
        1,
        (x, ops, { w }) => tf.matMul(ops.flatten(x) as tf.Tensor2D, w as tf.Tensor2D) as tf.Tensor2D,
        {
          w: tensor([4, 1], weights),
        },
      ),
      eagerCompile,
    );
    const mean = new Float32Array(4).fill(0.5);
    const { change, scores } = await classModel(linear, rawOutput(linear.model, 0), mean, {
      penalty: 0.5,
      steps: 300,
      rate: 0.01,
    });
    expect(change).toBeAllClose(weights, { absolute: 2e-3 });
    expect(scores[300]).toBeGreaterThan(scores[0]);
  });
});

describe('the dataset side', () => {
  const frames = new Float32Array(4 * 192);
  const paint = (frame: number, y: number, x: number, c: number, value: number): void => {
    frames[frame * 192 + (y * 8 + x) * 3 + c] = value;
  };
  paint(0, 2, 3, 0, 0.5);
  paint(1, 6, 1, 0, 1);
  paint(2, 4, 4, 2, 1);
  paint(3, 0, 7, 0, 0.8);

  it('finds the frames and places that a channel likes best, and what excited it there', async () => {
    const patches = await topPatches(redAndBlue(), layerShape, frames, 0, { count: 3 });
    expect(patches.map(({ frame, y, x }) => [frame, y, x])).toEqual([
      [1, 6, 1],
      [3, 0, 7],
      [0, 2, 3],
    ]);
    expect(patches[0].activation).toBeCloseTo(1, 6);
    // The projection of a unit through one convolution is its kernel, times the activation, at its place.
    expect(patches[0].projection[(6 * 8 + 1) * 3]).toBeCloseTo(1, 6);
    expect(patches[0].projection[(5 * 8 + 1) * 3]).toBeCloseTo(-0.05, 6);
    expect(patches[0].projection.reduce((count, value) => count + (value === 0 ? 0 : 1), 0)).toBe(9);
  });

  it('follows a feature over checkpoints', async () => {
    const evolution = await featureEvolution([redAndBlue(0.2), redAndBlue(1)], layerShape, frames, 1);
    expect(evolution.map(({ frame }) => frame)).toEqual([2, 2]);
    expect(evolution[1].activation).toBeGreaterThan(evolution[0].activation);
  });

  it('hiding the same thing changes the same features alike; hiding different things does not', () => {
    const features = gaussian(3 * 40, 11);
    const change = gaussian(40, 12);
    const alike = features.map((value, i) => value - change[i % 40]);
    expect(correspondence(features, alike, 3)).toEqual({ distance: 0, pairs: 3 });
    const unlike = features.map((value, i) => value - gaussian(120, 13)[i]);
    expect(correspondence(features, unlike, 3).distance).toBeGreaterThan(0.3);
  });

  it('features move with the frame, and not at all when it stays', async () => {
    const curve = await invarianceCurve(redAndBlue(), frames.subarray(0, 192), [{}, { dx: 1 }, { degrees: 90 }]);
    expect(curve[0].distance).toBe(0);
    expect(curve[1].distance).toBeGreaterThan(1);
    expect(curve[1].transformation).toEqual({ dx: 1 });
  });
});
