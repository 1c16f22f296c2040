/** Orthogonal initialisation (Saxe et al. 2014). */
import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { buildNetwork, initialiseParameters } from '@saccade/nn';
import '../support/allClose.ts';

/** Rows or columns of [inputs, outputs], whichever are fewer, multiplied with each other. */
function gram(data: ArrayLike<number>, inputs: number, outputs: number): number[] {
  const [count, length] = inputs < outputs ? [inputs, outputs] : [outputs, inputs];
  const at = (vector: number, i: number): number =>
    inputs < outputs ? data[vector * outputs + i] : data[i * outputs + vector];
  const products: number[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let dot = 0;
      for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
      products.push(dot);
    }
  }
  return products;
}

describe('initial parameters', () => {
  const network = buildNetwork('compact', [32, 32, 3], 7);
  const parameters = initialiseParameters(network, createStream(3, 'parameters'));

  it('are orthogonal, times the gain of the layer', () => {
    const gains = { '1a/kernel': 2, '2b/kernel': 2, 'dense1/kernel': 2, 'logits/kernel': 1e-4, 'value/kernel': 1 };
    for (const [name, squared] of Object.entries(gains)) {
      const { shape, data } = parameters[name];
      const outputs = shape[shape.length - 1];
      const count = Math.min(outputs, data.length / outputs);
      const identity = Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? squared : 0));
      expect(gram(data, data.length / outputs, outputs)).toBeAllClose(identity, {
        absolute: squared * 2e-6,
        relative: 1e-5,
      });
    }
  });

  it('have biases of zero', () => {
    expect(parameters['2b/bias'].data.every((bias) => bias === 0)).toBe(true);
  });

  it('are the same for the same seed and others for another', () => {
    expect(initialiseParameters(network, createStream(3, 'parameters'))).toEqual(parameters);
    const other = initialiseParameters(network, createStream(4, 'parameters'));
    expect(other['1a/kernel'].data).not.toEqual(parameters['1a/kernel'].data);
  });

  it('have an entry for each of the network, in its order', () => {
    expect(Object.keys(parameters)).toEqual(Object.keys(network.parameters));
  });
});
