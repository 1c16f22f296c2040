import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { rawOutput } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import {
  activationGrid,
  cellDictionary,
  cellSource,
  channelAttribution,
  fitDictionary,
  groupGraph,
  openLayer,
  openPassage,
  spatialAttribution,
} from '@saccade/insight';
import '../../support/allClose.ts';
import { untrainedPolicy } from '../../attribution/toys.ts';
import { colourFrames, colourPolicy } from '../toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a frame read by channel and by place', () => {
  const map = Float32Array.of(1, -2, 3, 0, -1, 4, 0.5, 0, 0, 2, -3, 1);
  const shape = [2, 2, 3];

  it('adds up the same attribution in two ways', () => {
    const { positive, negative } = channelAttribution(map, shape);
    expect([...positive]).toEqual([3.5, 0, 8]);
    expect([...negative]).toEqual([0, -6, 0]);
    expect([...spatialAttribution(map, shape)]).toEqual([2, 3, 0.5, 0]);
  });

  it('lists a cell’s channels, strongest first, and refuses a cell that is not there', () => {
    expect(cellDictionary(map, shape, 0, 0)).toEqual([
      { channel: 2, activation: 3 },
      { channel: 0, activation: 1 },
    ]);
    expect(() => cellDictionary(map, shape, 2, 0)).toThrow('expected a cell of 2 x 2, got (2, 0)');
    expect(() => cellDictionary(map, [12], 0, 0)).toThrow(/height, width, channel/);
  });

  it('sizes cells by magnitude and colours equal ones alike', () => {
    const grid = activationGrid(Float32Array.of(3, 4, 0, 0, 0, 0, 3, 4, 0, 0, 0, 1), shape);
    expect(grid.sizes).toBeAllClose([1, 0, 1, 0.2]);
    expect([...grid.channels]).toEqual([1, -1, 1, 2]);
    expect(grid.colours[0]).toBe(grid.colours[2]);
    expect(grid.colours[0]).not.toBe(grid.colours[3]);
  });
});

describe('from layer to layer', () => {
  const side = 4;
  const frames = colourFrames(24, side, 3);
  const policy = colourPolicy(
    side,
    [1, 2, -3],
    [
      [1, 0, 0],
      [0, 0, 0],
    ],
  );
  const observation = frames.observations.slice(0, side * side * 3);

  it('finds that a cell of the copy comes from the cell that it copies', async () => {
    const passage = await openPassage(policy, 'a', 'b', eagerCompile);
    const states = await passage.from.encode(observation);
    const filled = Array.from({ length: 16 }, (_, p) => p).find((p) =>
      states.activations.subarray(p * 3, p * 3 + 3).some((v) => v > 0),
    )!;
    // Layer b copies a, so its activation is a's.
    const map = await cellSource(passage, states, states.activations, [4, 4, 3], Math.floor(filled / 4), filled % 4);
    const length = Math.hypot(...states.activations.subarray(filled * 3, filled * 3 + 3));
    expect(map).toBeAllClose(
      Array.from({ length: 16 }, (_, p) => (p === filled ? length : 0)),
      { absolute: 1e-5 },
    );
    passage.dispose();
    await expect(openPassage(policy, 'b', 'a', eagerCompile)).rejects.toThrow('expected a layer behind b, got a');
  });

  it('links each colour to its copy and to the value', async () => {
    const dictionaries = [];
    for (const layer of ['a', 'b']) {
      const open = await openLayer(policy, layer, eagerCompile);
      dictionaries.push(await fitDictionary(open, frames.observations, { factors: 3 }));
      open.dispose();
    }
    const edges = await groupGraph(
      policy,
      eagerCompile,
      observation,
      dictionaries,
      rawOutput({ outputs: 3, logits: 2 }, 2),
    );
    expect(edges).toHaveLength(9 + 3);
    for (const { from, to, weight } of edges) {
      if (to.layer === 'b' && from.factor !== to.factor) expect(Math.abs(weight)).toBeLessThan(0.05);
      if (to.layer === 'b' && from.factor === to.factor) expect(weight).toBeGreaterThan(0);
    }
    const value = edges.filter(({ to }) => to.layer === null).reduce((sum, { weight }) => sum + weight, 0);
    let expected = 0;
    observation.forEach((byte, at) => (expected += ([1, 2, -3][at % 3] * byte) / 255));
    expect(value).toBeCloseTo(expected, 1);
  });

  it('runs on residual networks too', async () => {
    const impala = untrainedPolicy('impala', [16, 16, 3]);
    const passage = await openPassage(impala, '1a', '2a', eagerCompile);
    const states = await passage.from.encode(colourFrames(1, 16).observations);
    const later = await openLayer(impala, '2a', eagerCompile);
    const weights = new Float32Array(later.size).fill(1);
    expect(await passage.pullBack(states, weights)).toHaveLength(passage.from.size);
    later.dispose();
    passage.dispose();
  });
});
