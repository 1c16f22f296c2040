/** Policies that PyTorch exported, against what PyTorch computes for them: outputs, gradients, activations of layers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeShapes, policyFromOnnx } from '@saccade/nn';
import type { OnnxDeclaration, Policy } from '@saccade/nn';
import '../support/allClose.ts';
import { cutEverywhere, engines, runAt } from './support.ts';

const folder = join(import.meta.dirname, '..', 'golden', 'nn');

interface Case {
  readonly file: string;
  readonly observationShape: readonly number[];
  readonly observation: readonly number[];
  readonly declaration: OnnxDeclaration;
  readonly logits: readonly number[];
  readonly value: readonly number[];
  readonly gradient: readonly number[];
  readonly layers: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly activation: readonly number[] }>
  >;
}

const { cases } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { cases: Case[] };

beforeAll(() => tf.setBackend('cpu'));

describe.each(cases)(
  '$file',
  ({ file, observationShape, observation, declaration, logits, value, gradient, layers }) => {
    const policy: Policy = policyFromOnnx(new Uint8Array(readFileSync(join(folder, file))), declaration, file);
    const bytes = Uint8Array.from(observation);
    const weights = Float32Array.from(logits, (_, i) => (i === 1 ? 1 : 0));

    it('takes the observation height by width by channel', () => {
      expect(policy.network.observationShape).toEqual(observationShape);
      expect(policy.network.actions).toBe(logits.length);
    });

    it.each(Object.keys(engines))(
      'has the logits, the value and the input gradient of PyTorch on %s',
      async (engine) => {
        const result = await runAt(policy, 'input', bytes, weights, engines[engine]);
        expect(result.logits).toBeAllClose(logits, { absolute: 2e-5, relative: 1e-4 });
        expect(result.value).toBeAllClose(value, { absolute: 2e-5, relative: 1e-4 });
        const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
        expect(result.gradient.data).toBeAllClose(gradient, { absolute: largest * 1e-4, relative: 1e-4 });
      },
    );

    it('computes the layers of PyTorch, channel last, under their ONNX names', async () => {
      for (const [layer, { shape, activation }] of Object.entries(layers)) {
        const result = await runAt(policy, layer, bytes, weights);
        expect(result.activation.shape.slice(1)).toEqual(shape);
        expect(policy.network.layerShapes[layer]).toEqual(shape);
        expect(result.activation.data).toBeAllClose(activation, { absolute: 2e-5, relative: 1e-4 });
      }
    });

    it.each(Object.keys(engines))('can be cut at every layer without changing the outputs on %s', async (engine) => {
      const { network } = policy;
      const cuts = await cutEverywhere(policy, bytes, engines[engine]);
      expect(Object.keys(cuts)).toEqual(network.layers);
      for (const [layer, cut] of Object.entries(cuts)) {
        expect(cut.activation.shape.slice(1), layer).toEqual(nodeShapes(network)[layer]);
        expect(cut.logits, layer).toBeAllClose(logits, { absolute: 2e-5, relative: 1e-4 });
        expect(cut.value, layer).toBeAllClose(value, { absolute: 2e-5, relative: 1e-4 });
      }
    });

    it('answers for several observations as for one', async () => {
      const two = Uint8Array.from([...bytes, ...bytes.map((byte) => 255 - byte)]);
      const result = await runAt(policy, 'input', two, weights);
      expect(result.logits.slice(0, logits.length)).toBeAllClose(logits, { absolute: 2e-5, relative: 1e-4 });
      expect(result.logits.slice(logits.length)).not.toBeAllClose(logits, { absolute: 1e-3, relative: 1e-2 });
    });
  },
);
