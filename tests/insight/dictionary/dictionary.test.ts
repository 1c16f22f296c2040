import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawOutput } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import {
  codecsFor,
  dictionaryStability,
  factorActivity,
  fitDictionary,
  largestChannels,
  measureFidelity,
  openLayer,
  patchExamples,
  sampleRows,
  selectFrames,
  spatialExample,
} from '@saccade/insight';
import type { OpenLayer } from '@saccade/insight';
import '../../support/allClose.ts';
import { untrainedPolicy } from '../../attribution/toys.ts';
import { colourFrames, colourPolicy } from '../toys.ts';

const side = 8;
const frames = colourFrames(40, side);
const policy = colourPolicy(
  side,
  [1, -1, 0.5],
  [
    [1, 0, 0],
    [0, 0, 0],
  ],
);
let open: OpenLayer;

beforeAll(async () => {
  await tf.setBackend('cpu');
  open = await openLayer(policy, 'a', eagerCompile);
});
afterAll(() => open.dispose());

describe('a layer opened', () => {
  it('holds what the network computes, and goes on from whatever it is given', async () => {
    const states = await open.encode(frames.observations.subarray(0, 2 * 192));
    expect(states.activations).toBeAllClose(Array.from(frames.observations.subarray(0, 384), (byte) => byte / 255));
    const outputs = await open.outputs(
      states,
      states.activations.map(() => 1),
    );
    // 64 positions, all channels 1: value 64 (1 - 1 + .5), first logit 64.
    expect(outputs).toBeAllClose([64, 0, 32, 64, 0, 32], { absolute: 1e-3 });
  });

  it('carries what bypasses it on residual networks', async () => {
    const impala = untrainedPolicy('impala', [16, 16, 3]);
    const inside = await openLayer(impala, '1a', eagerCompile);
    const observations = colourFrames(3, 16).observations;
    const input = await openLayer(impala, 'input', eagerCompile);
    const expected = await input.outputs(await input.encode(observations));
    expect(await inside.outputs(await inside.encode(observations))).toBeAllClose(expected, { absolute: 1e-4 });
    inside.dispose();
    input.dispose();
  });
});

describe('a dictionary of many frames', () => {
  it('finds the three colours that frames are painted with', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    expect(dictionary.explained).toBeGreaterThan(0.999);
    for (let factor = 0; factor < 3; factor++) {
      const direction = dictionary.directions.subarray(factor * 3, factor * 3 + 3);
      const largest = Math.max(...direction);
      expect(direction.filter((value) => value < 0.01 * largest)).toHaveLength(2);
    }
  });

  it('fits signed attributions by their two halves', async () => {
    const rows = await sampleRows(open, frames.observations, {
      attributionsOf: rawOutput({ outputs: 3, logits: 2 }, 2),
    });
    const half = rows.length / 2;
    const bytes = frames.observations;
    for (let at = 0; at < half; at++) {
      const attribution = ([1, -1, 0.5][at % 3] * bytes[at]) / 255;
      expect(rows[at]).toBeCloseTo(Math.max(attribution, 0), 4);
      expect(rows[half + at]).toBeCloseTo(Math.max(-attribution, 0), 4);
    }
  });

  it('takes the positive part of sums that residual networks let go below zero', async () => {
    const inside = await openLayer(untrainedPolicy('impala', [16, 16, 3]), '1a', eagerCompile);
    const observations = colourFrames(16, 16).observations;
    const { activations } = await inside.encode(observations);
    expect(activations.some((value) => value < 0)).toBe(true);
    const dictionary = await fitDictionary(inside, observations, { factors: 4, maximumRows: 500 });
    const [factors] = await measureFidelity(inside, observations, codecsFor(dictionary, dictionary.rows));
    expect(factors.r2).toBeLessThan(1);
    inside.dispose();
  });

  it('draws a seeded sample of rows', async () => {
    const rows = await sampleRows(open, frames.observations, { maximumRows: 100, seed: 3 });
    expect(rows).toHaveLength(300);
    expect(await sampleRows(open, frames.observations, { maximumRows: 100, seed: 3 })).toEqual(rows);
    expect(await sampleRows(open, frames.observations, { maximumRows: 100, seed: 4 })).not.toEqual(rows);
  });

  it('says what is wrong', async () => {
    const few = frames.observations.subarray(0, 5 * 192);
    await expect(fitDictionary(open, few, { factors: 2 })).rejects.toThrow('expected 16 frames or more, got 5');
    await expect(fitDictionary(open, frames.observations, { factors: 4 })).rejects.toThrow(
      'expected 1 to 3 factors (channels of a), got 4',
    );
    await expect(fitDictionary(open, new Uint8Array(20 * 192), { factors: 2 })).rejects.toThrow(
      'expected some activity in a, got zeros in all 20 frames',
    );
    await expect(fitDictionary(open, new Uint8Array(1000), { factors: 2 })).rejects.toThrow(/expected/);
  });

  it('is the same however chance falls when the frames have three colours', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const rowsOf = (drawn: Int32Array): Promise<Float32Array> =>
      sampleRows(open, selectFrames(frames, drawn).observations);
    const { starts, resamples } = await dictionaryStability(dictionary, rowsOf, frames.count, { repeats: 3 });
    expect(Math.min(...starts.refits, ...resamples.refits)).toBeGreaterThan(0.99);
  });
});

describe('fidelity at equal K', () => {
  it('is perfect for a complete dictionary and known for one channel', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 1 });
    const codecs = codecsFor(dictionary, dictionary.rows);
    const [, channels] = await measureFidelity(open, frames.observations, codecs);
    const [kept] = largestChannels(dictionary.rows, 3, 1);
    // Dropping a channel changes the value by its weight times its sum.
    const weights = [1, -1, 0.5];
    let expected = 0;
    for (let i = 0; i < 40; i++) {
      let change = 0;
      for (let at = i * 192; at < (i + 1) * 192; at++) {
        if (at % 3 !== kept) change += (weights[at % 3] * frames.observations[at]) / 255;
      }
      expected += Math.abs(change) / 40;
    }
    expect(channels.valueChange).toBeCloseTo(expected, 3);
    const all = await fitDictionary(open, frames.observations, { factors: 3 });
    const [whole, , principal] = await measureFidelity(open, frames.observations, codecsFor(all, all.rows));
    for (const { r2, divergence, sameAction } of [whole, principal]) {
      expect(r2).toBeGreaterThan(0.999);
      expect(divergence).toBeLessThan(0.01);
      expect(sameAction).toBe(1);
    }
  });
});

describe('dataset examples', () => {
  it('show, position by position, the frame that made the factor most active', async () => {
    const dictionary = await fitDictionary(open, frames.observations, { factors: 3 });
    const found = await factorActivity(open, frames.observations, dictionary);
    const { picture, frames: sources } = spatialExample(found, 0, frames);
    const uses = new Map<number, number>();
    sources.forEach((frame, position) => {
      if (frame < 0) return;
      uses.set(frame, (uses.get(frame) ?? 0) + 1);
      const from = (frame * 64 + position) * 3;
      expect([...picture.rgba.subarray(position * 4, position * 4 + 3)]).toEqual([
        ...frames.observations.subarray(from, from + 3),
      ]);
    });
    // ceil(64 positions / (40 frames x .1))
    expect(Math.max(...uses.values())).toBeLessThanOrEqual(16);
    const [first, second] = patchExamples(found, 0, frames, 4, 3);
    expect(first.activity).toBeGreaterThanOrEqual(second.activity);
    const largest = found.activity.filter((_, at) => at % 3 === 0).reduce((a, b) => Math.max(a, b));
    expect(first.activity).toBe(largest);
  });
});
