/** Our architectures: their sizes, their layers, and the cut at every layer. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '@saccade/core';
import {
  architectures,
  buildNetwork,
  expectLayer,
  forward,
  multiplyAdds,
  nodeShapes,
  plainOps,
  splitAt,
} from '@saccade/nn';
import type { Network } from '@saccade/nn';
import '../support/allClose.ts';
import { bytes, cutEverywhere, engines, policyOf } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const parameterCount = (network: Network): number =>
  Object.values(network.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

describe('the architectures', () => {
  it('compact takes at most 6 M multiply-adds, and its 2b is 16x16x32', () => {
    const network = buildNetwork('compact', [64, 64, 3], 7);
    expect(multiplyAdds(network)).toBeLessThanOrEqual(6e6);
    expect(network.layerShapes['2b']).toEqual([16, 16, 32]);
    expect(network.layers).toEqual(['input', '1a', '2a', '2b', '3a', 'dense1']);
  });

  it('clear_cnn has 360,138 parameters at 9 actions and takes about 57.4 M multiply-adds', () => {
    const network = buildNetwork('clear_cnn', [64, 64, 3], 9);
    expect(parameterCount(network)).toBe(360_138);
    expect(multiplyAdds(network) / 1e6).toBeCloseTo(57.4, 1);
  });

  it('impala has fifteen convolutions and three pools, and ends in 8x8x32', () => {
    const network = buildNetwork('impala', [64, 64, 3], 15);
    const count = (op: string): number => network.nodes.filter((node) => node.op === op).length;
    expect([count('convolution'), count('maxPool'), count('add')]).toEqual([15, 3, 6]);
    expect(network.layerShapes['final']).toEqual([8, 8, 32]);
    // 3x3 convolutions and dense layers counted by hand: 3-16-16x4, 16-32-32x4, 32-32x5; 2048-256; 256-15 and 256-1.
    const convolutions = 9 * (3 * 16 + 4 * 16 * 16 + 16 * 32 + 4 * 32 * 32 + 5 * 32 * 32) + 5 * (16 + 32 + 32);
    expect(parameterCount(network)).toBe(convolutions + 2048 * 256 + 256 + 257 * 16);
  });

  it('nature has the convolutions of Mnih et al. 2015', () => {
    const network = buildNetwork('nature', [84, 84, 4], 6);
    expect([network.layerShapes['1a'], network.layerShapes['2a'], network.layerShapes['3a']]).toEqual([
      [20, 20, 32],
      [9, 9, 64],
      [7, 7, 64],
    ]);
    // Without the value head: the count that is known for 6 actions.
    expect(parameterCount(network) - 513).toBe(1_687_206);
  });

  it('says which architectures and layers there are when asked for another', () => {
    expect(() => buildNetwork('resnet', [64, 64, 3], 9)).toThrow(
      'network: expected one of compact, clear_cnn, impala, nature, perceptron, got resnet',
    );
    expect(() => expectLayer(buildNetwork('compact', [64, 64, 3], 9), '4a')).toThrow(
      'layer: expected one of input, 1a, 2a, 2b, 3a, dense1, got 4a',
    );
  });

  it('names the node where an observation is too small', () => {
    expect(() => buildNetwork('nature', [16, 16, 3], 9)).toThrow(
      'node 2a/convolution: expected an input of at least the window 4x4, got [3, 3, 32]',
    );
  });
});

const cases = Object.keys(architectures).map((name) => ({
  name,
  shape: name === 'perceptron' ? [2, 5, 3] : name === 'nature' ? [40, 44, 3] : [20, 16, 3],
}));

describe.each(cases)('$name', ({ name, shape }) => {
  const network = buildNetwork(name, shape, 4);
  const policy = policyOf(network);
  const observations = bytes(name, 2 * sizeOf(shape));

  it('knows the shape of every layer before anything is computed', () => {
    const shapes = nodeShapes(network);
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(policy.parameters).map(([key, { data, shape: of }]) => [key, tf.tensor(data, [...of])]),
      );
      const observation = tf.tensor(Float32Array.from(observations), [2, ...shape]);
      for (const layer of network.layers) {
        const { activation } = splitAt(network, layer).toLayer(parameters, observation, plainOps);
        expect(activation.shape, layer).toEqual([2, ...shapes[layer]]);
        expect(network.layerShapes[layer], layer).toEqual(shapes[layer]);
      }
      const { logits, value } = forward(network, parameters, observation, plainOps);
      expect([logits.shape, value.shape]).toEqual([[2, 4], [2]]);
    });
  });

  it.each(Object.keys(engines))(
    'goes on from every layer to the outputs of the whole network on %s',
    async (engine) => {
      const cuts = await cutEverywhere(policy, observations, engines[engine]);
      const { logits, value } = cuts['input'];
      expect(Object.keys(cuts)).toEqual(network.layers);
      expect(new Set(logits).size).toBe(8);
      for (const [layer, cut] of Object.entries(cuts)) {
        expect(cut.logits, layer).toBeAllClose(logits, { absolute: 1e-5, relative: 1e-5 });
        expect(cut.value, layer).toBeAllClose(value, { absolute: 1e-5, relative: 1e-5 });
      }
    },
  );
});

describe('a cut inside a residual block', () => {
  const network = buildNetwork('impala', [16, 16, 3], 4);

  it('lists what goes around the layer, and only there', () => {
    expect(splitAt(network, '1a/b').bypass).toEqual(['1/pool']);
    expect(splitAt(network, '1b/a').bypass).toEqual(['1a']);
    expect(splitAt(network, '1a').bypass).toEqual([]);
    expect(splitAt(network, 'dense1').bypass).toEqual([]);
    for (const layer of buildNetwork('clear_cnn', [64, 64, 3], 4).layers) {
      expect(splitAt(buildNetwork('clear_cnn', [64, 64, 3], 4), layer).bypass).toEqual([]);
    }
  });

  it('holds what goes around it fixed while the layer changes', () => {
    const policy = policyOf(network);
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(policy.parameters).map(([key, { data, shape }]) => [key, tf.tensor(data, [...shape])]),
      );
      const observation = tf.tensor(Float32Array.from(bytes(3, 768)), [1, 16, 16, 3]);
      const { activation, bypass } = splitAt(network, '3b/b').toLayer(parameters, observation, plainOps);
      const silent = splitAt(network, '3b/b').fromLayer(
        parameters,
        { activation: tf.zerosLike(activation), bypass },
        plainOps,
      );
      // Without the branch (but for its bias) the block passes its input on: the cut after it agrees.
      const before = bypass['3a'];
      const sum = tf.add(before, parameters['3b/b/bias']);
      const expected = splitAt(network, '3b').fromLayer(parameters, { activation: sum, bypass: {} }, plainOps);
      expect(silent.logits.dataSync()).toBeAllClose(expected.logits.dataSync());
    });
  });

  it('names a parameter that is missing', () => {
    tf.tidy(() => {
      expect(() => forward(network, {}, tf.zeros([1, 16, 16, 3]), plainOps)).toThrow(
        'forward: expected a parameter 1/kernel, got',
      );
    });
  });
});
