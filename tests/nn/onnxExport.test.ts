/** Exported policies: ONNX Runtime runs the file alone, and importing it gives the policy back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '@saccade/core';
import {
  architectures,
  buildNetwork,
  compareOutputs,
  comparePolicies,
  decodeOnnx,
  exportOnnx,
  policyFromOnnx,
  policyOutputs,
} from '@saccade/nn';
import type { Policy } from '@saccade/nn';
import '../support/allClose.ts';
import { bytes, engines, policyOf, runAt, runOnnx } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const golden = ['nature', 'impala', 'perceptron', 'sampler-17'];
const policies: readonly (readonly [string, () => Policy])[] = [
  ...Object.keys(architectures).map((name) => {
    const shape = name === 'perceptron' ? [2, 5, 3] : name === 'nature' ? [40, 44, 3] : [20, 17, 3];
    return [name, () => policyOf(buildNetwork(name, shape, 4))] as const;
  }),
  ...golden.map((name) => {
    const file = join(import.meta.dirname, '..', 'golden', 'nn', `${name}.onnx`);
    return [`${name} of PyTorch`, () => policyFromOnnx(new Uint8Array(readFileSync(file)))] as const;
  }),
];

describe.each(policies)('the export of %s', (name, make) => {
  const policy = make();
  const { network } = policy;
  const count = 3;
  const observations = bytes(name, count * sizeOf(network.observationShape));
  const file = exportOnnx(policy);

  it('takes bytes and gives logits and value, for any batch', () => {
    const { graph, opsets } = decodeOnnx(file);
    expect(opsets).toEqual({ '': 17 });
    expect(graph.inputs).toEqual([
      { name: 'observation', type: 'uint8', shape: ['batch', ...network.observationShape] },
    ]);
    expect(graph.outputs).toEqual([
      { name: 'logits', type: 'float32', shape: ['batch', network.actions] },
      { name: 'value', type: 'float32', shape: ['batch'] },
    ]);
  });

  it('computes what the policy computes, in ONNX Runtime', async () => {
    const expected = await policyOutputs(policy, observations, engines.jit);
    const dims = [count, ...network.observationShape];
    const { logits, value } = await runOnnx(file, { type: 'uint8', dims, data: observations });
    expect([logits.dims, value.dims]).toEqual([[count, network.actions], [count]]);
    const parity = compareOutputs(expected, { logits: logits.data, value: value.data });
    expect(parity).toMatchObject({ observations: count, sameAction: count, equal: true });
  });

  it('imports as the same policy, its layers and actions by their names', async () => {
    const again = policyFromOnnx(file);
    expect(again.actions).toEqual(policy.actions);
    expect(again.network.layers).toEqual(expect.arrayContaining([...network.layers]));
    for (const layer of network.layers.filter((layer) => layer !== 'input')) {
      expect(again.network.layerShapes[layer], layer).toEqual(network.layerShapes[layer]);
    }
    const parity = await comparePolicies(policy, again, observations, engines.jit);
    expect(parity.equal).toBe(true);
    expect(parity.logits).toBeLessThan(1e-4);
  });
});

describe('an export', () => {
  it('has the activations of every layer where the policy has them', async () => {
    const policy = policyOf(buildNetwork('impala', [16, 16, 3], 4));
    const again = policyFromOnnx(exportOnnx(policy));
    const observation = bytes(2, 768);
    for (const layer of ['1', '1a/b', '2b', 'final', 'dense1'].filter((l) => policy.network.layers.includes(l))) {
      const [a, b] = await Promise.all(
        [policy, again].map((one) => runAt(one, layer, observation, Float32Array.of(1, 0, 0, 0), engines.jit)),
      );
      expect(b.activation.shape).toEqual(a.activation.shape);
      expect(b.activation.data).toBeAllClose(a.activation.data, { absolute: 1e-5, relative: 1e-4 });
      expect(b.gradient.data).toBeAllClose(a.gradient.data, { absolute: 1e-5, relative: 1e-3 });
    }
  });

  it('is refused for parameters that do not fit the network', () => {
    const policy = policyOf(buildNetwork('compact', [16, 16, 3], 4));
    const { '1a/bias': _, ...parameters } = policy.parameters;
    expect(() => exportOnnx({ ...policy, parameters })).toThrow(
      'exportOnnx: expected a parameter 1a/bias [16], got none',
    );
  });

  it('is the same bytes each time', () => {
    const policy = policyOf(buildNetwork('compact', [16, 16, 3], 4));
    expect(exportOnnx(policy)).toEqual(exportOnnx(policy));
  });
});

describe('parity', () => {
  const policy = policyOf(buildNetwork('perceptron', [2, 2, 3], 3));
  const other = policyOf(buildNetwork('perceptron', [2, 2, 3], 3), 2);
  const observations = bytes(1, 12 * 5);

  it('of a policy with itself is exact', async () => {
    expect(await comparePolicies(policy, policy, observations, engines.jit)).toEqual({
      observations: 5,
      logits: 0,
      value: 0,
      sameAction: 5,
      equal: true,
    });
  });

  it('with another says how far they are apart', async () => {
    const [a, b] = await Promise.all([policy, other].map((one) => policyOutputs(one, observations, engines.jit)));
    const parity = await comparePolicies(policy, other, observations, engines['plain TensorFlow.js']);
    const largest = a.logits.reduce((most, logit, i) => Math.max(most, Math.abs(logit - b.logits[i])), 0);
    expect(parity.equal).toBe(false);
    expect(parity.logits).toBeCloseTo(largest, 5);
  });

  it('with NaN is never equal', () => {
    const outputs = { logits: Float32Array.of(1, 2), value: Float32Array.of(3) };
    const broken = compareOutputs(outputs, { logits: Float32Array.of(NaN, 2), value: Float32Array.of(3) });
    expect(broken).toMatchObject({ logits: NaN, value: 0, equal: false });
  });

  it('of policies that take other observations is an error', async () => {
    const wide = policyOf(buildNetwork('perceptron', [2, 3, 3], 3));
    await expect(comparePolicies(policy, wide, observations, engines.jit)).rejects.toThrow(
      'comparePolicies: expected a policy of [2, 2, 3] and 3 actions, got one of [2, 3, 3] and 3 actions',
    );
    await expect(policyOutputs(policy, observations.subarray(1), engines.jit)).rejects.toThrow(
      'policyOutputs: expected observations [4, 2, 2, 3] (48 values), got 59',
    );
  });

  it('of other numbers of outputs is an error', () => {
    const outputs = { logits: Float32Array.of(1, 2), value: Float32Array.of(3) };
    expect(() => compareOutputs(outputs, { ...outputs, logits: Float32Array.of(1) })).toThrow(
      'compareOutputs: expected 2 logits and 1 values, got 1 and 1',
    );
  });
});
