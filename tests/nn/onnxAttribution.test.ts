/** Every attribution method answers on imported policies, at the input and at hidden layers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '@saccade/core';
import { createExplainer } from '@saccade/insight';
import { methods } from '@saccade/attribution';
import { policyFromOnnx, takeInputAsIs } from '@saccade/nn';
import '../support/allClose.ts';
import { bytes, engines } from './support.ts';

beforeAll(() => tf.setBackend('cpu'));

const open = (name: string): ReturnType<typeof policyFromOnnx> => {
  const file = join(import.meta.dirname, '..', 'golden', 'nn', `${name}.onnx`);
  return policyFromOnnx(new Uint8Array(readFileSync(file)));
};

const cases = [
  { name: 'impala', layer: '/block0/Add' },
  { name: 'sampler-13', layer: '/Mul_1' },
];
// These need a world: objects to take away.
const needWorld = ['ablation', 'shapley'];
// These show gains alone, and an untrained network need not have any.
const maybeSilent = ['gradCam', 'guidedGradCam', 'sarfa'];

describe.each(cases)('$name', ({ name, layer }) => {
  const policy = open(name);
  const explainer = createExplainer({ policy, compile: engines.jit });
  const observation = bytes(name, sizeOf(policy.network.observationShape));

  it.each(Object.keys(methods).filter((method) => !needWorld.includes(method)))('%s answers', async (method) => {
    for (const at of ['input', layer]) {
      const shape = policy.network.layerShapes[at];
      const asked = explainer.explain(observation, { method, layer: at, target: '1' });
      const found = await asked.catch((error: unknown) => error);
      if (found instanceof Error) {
        // Some methods are for pictures alone or for hidden layers alone, and say so.
        expect(found.message).toMatch(/input|hidden|layer/);
        continue;
      }
      const { map, shape: mapped } = await asked;
      // Guided Grad-CAM explains a layer on the picture.
      expect([shape, shape.slice(0, 2), policy.network.observationShape]).toContainEqual([...mapped]);
      expect(map.every(Number.isFinite)).toBe(true);
      if (!maybeSilent.includes(method)) expect(map.some((value) => value !== 0)).toBe(true);
    }
  });

  it('integrated gradients add up to what the logit gained over its baseline', async () => {
    const { map, score } = await explainer.explain(observation, {
      method: 'integratedGradients',
      layer: 'input',
      target: '1',
      options: { tolerance: 0.001 },
    });
    const black = await explainer.explain(new Uint8Array(observation.length), {
      method: 'gradient',
      layer: 'input',
      target: '1',
    });
    const sum = map.reduce((total, value) => total + value, 0);
    expect([sum]).toBeAllClose([score - black.score], { absolute: 1e-2, relative: 1e-2 });
  });
});

describe('a float observation taken as it is', () => {
  it('gives the map of the bytes that were scaled to it', async () => {
    const policy = policyFromOnnx(
      new Uint8Array(readFileSync(join(import.meta.dirname, '..', 'golden', 'nn', 'sampler-13.onnx'))),
      { scale: 0.5 },
    );
    const observation = bytes(4, sizeOf(policy.network.observationShape));
    const request = { method: 'gradient', layer: 'input', target: 'value' };
    const fromBytes = await createExplainer({ policy, compile: engines.jit }).explain(observation, request);
    const asIs = createExplainer({ policy: takeInputAsIs(policy), compile: engines.jit });
    const fromFloats = await asIs.explain(
      Float32Array.from(observation, (byte) => byte / 2),
      request,
    );
    expect(fromFloats.map).toEqual(fromBytes.map);
    expect(fromFloats.score).toBe(fromBytes.score);
  });
});
