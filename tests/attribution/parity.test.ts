/** Every method through the engine that apps use, against the same method in plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { centredLogit, logProbability, methods, rawOutput } from '@saccade/attribution';
import type { Attribution, AttributionMethod } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import type { Compile } from '@saccade/nn';
import '../support/allClose.ts';
import { jitCompile } from './jit.ts';
import { smallConvolution, smallFrame, smallObjects, smallSource } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function ask(method: AttributionMethod, compile: Compile): Promise<Attribution> {
  const { source, layer } = smallSource(compile);
  return method.attribute({
    ...layer,
    source,
    objects: smallObjects(layer.activation),
    random: createStream(1, 'parity'),
    target: centredLogit(layer.attributor.model, 1),
  });
}

describe('compiled and eager', () => {
  it.each(Object.entries<AttributionMethod>(methods))('%s agree', async (_, method) => {
    const [eager, compiled] = [await ask(method, eagerCompile), await ask(method, jitCompile)];
    expect(compiled.map).toBeAllClose(eager.map, { absolute: 2e-5, relative: 1e-3 });
    expect(compiled.score).toBeCloseTo(eager.score, 5);
  });

  it.each(['deepLift', 'relevance', 'guidedBackprop', 'deconvnet'] as const)(
    '%s agree through every pool',
    async (name) => {
      for (const pool of ['maxPool', 'averagePool', 'l2Pool'] as const) {
        const maps = [];
        for (const compile of [eagerCompile, jitCompile]) {
          const attributor = smallConvolution(compile, pool);
          const target = logProbability(attributor.model, 1);
          maps.push((await methods[name].attribute({ attributor, target, activation: smallFrame() })).map);
        }
        expect(maps[1]).toBeAllClose(maps[0], { absolute: 2e-5, relative: 1e-3 });
      }
    },
  );

  it('another target does not compile again', async () => {
    let compilations = 0;
    const counting: Compile = (fn, signature) => {
      compilations++;
      return jitCompile(fn, signature);
    };
    const attributor = smallConvolution(counting);
    for (let output = 0; output < 4; output++) {
      await attributor.gradients(smallFrame(), rawOutput(attributor.model, output));
    }
    await attributor.gradients(smallFrame(), centredLogit(attributor.model, 2));
    expect(compilations).toBe(1);
    for (let action = 0; action < 3; action++) {
      await attributor.gradients(smallFrame(), logProbability(attributor.model, action));
    }
    expect(compilations).toBe(2);
  });
});
