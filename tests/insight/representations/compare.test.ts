import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { eagerCompile } from '@saccade/nn';
import { compareRepresentations, followFactors, readRepresentations } from '@saccade/insight';
import '../../support/allClose.ts';
import { randomObservation, untrainedPolicy } from '../../attribution/toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('representations of several networks', () => {
  it('put a rescaled copy on the spot of its original and another network elsewhere', async () => {
    const shape = [16, 16, 3];
    const frames = 12;
    const observations = Uint8Array.from(
      Array.from({ length: frames }, (_, i) => [...randomObservation(shape, i)]).flat(),
    );
    const policy = untrainedPolicy('compact', shape);
    const doubled = {
      ...policy,
      parameters: {
        ...policy.parameters,
        // Twice the last convolution doubles layer 3a.
        '3a/kernel': {
          ...policy.parameters['3a/kernel'],
          data: policy.parameters['3a/kernel'].data.map((value) => 2 * value),
        },
        '3a/bias': {
          ...policy.parameters['3a/bias'],
          data: policy.parameters['3a/bias'].data.map((value) => 2 * value),
        },
      },
    };
    const other = untrainedPolicy('compact', shape, 9);
    const found = await readRepresentations(
      [
        { name: 'one', policy },
        { name: 'copy', policy: doubled },
        { name: 'other', policy: other },
      ],
      ['3a', 'dense1'],
      observations,
      eagerCompile,
    );
    expect(found.map(({ policy: name, layer }) => `${name} ${layer}`)).toEqual([
      'one 3a',
      'one dense1',
      'copy 3a',
      'copy dense1',
      'other 3a',
      'other dense1',
    ]);
    const { cka, distances, layout } = await compareRepresentations(found, frames);
    expect(cka[0 * 6 + 2]).toBeCloseTo(1, 5);
    expect(distances[0 * 6 + 2]).toBeLessThan(1e-5);
    expect(distances[0 * 6 + 4]).toBeGreaterThan(distances[0 * 6 + 2] + 1e-3);
    expect(layout).toHaveLength(12);
    await expect(
      compareRepresentations([{ policy: 'dead', layer: '3a', features: 2, activations: new Float32Array(24) }], frames),
    ).rejects.toThrow('got none in 3a of dead');
  });

  it('follow a factor back through training, whatever its place in each dictionary', () => {
    const final = Float32Array.of(1, 0, 0, 0, 1, 0);
    const before = Float32Array.of(0, 1, 0.1, 1, 0, 0.2);
    const first = Float32Array.of(1, 0.5, 0, 0, 1, 1);
    const { indices, cosines } = followFactors([first, before, final], 3);
    expect(indices.map((row) => [...row])).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    expect(cosines[1][0]).toBeCloseTo(1 / Math.hypot(1, 0.2), 5);
  });
});
