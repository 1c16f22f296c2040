/** What methods that take long hand out before they are done. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { createAttributor, methods, rawOutput } from '@saccade/attribution';
import type { Attribution, AttributionRequest, MethodName } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import '../support/allClose.ts';
import { modelOf } from './toys.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const side = 9;
/** The sum of squares, weighted by place: every place has a value of its own. Few points a call: many calls. */
const attributor = createAttributor(
  modelOf([side, side, 1], 1, (x, ops) => {
    const flat = ops.flatten(x);
    const places = tf.range(1, side * side + 1);
    return tf.sum(tf.mul(tf.mul(flat, flat), places), 1, true) as tf.Tensor2D;
  }),
  eagerCompile,
  { batchSizes: [1, 4] },
);
const request = (): AttributionRequest => ({
  attributor,
  activation: Float32Array.from({ length: side * side }, (_, i) => 0.5 + i / (side * side)),
  target: rawOutput(attributor.model, 0),
  random: createStream(3, 'drafts'),
});

async function drafted(name: MethodName, options: AttributionRequest['options']) {
  const drafts: { readonly attribution: Attribution; readonly done: number }[] = [];
  const draft = (attribution: Attribution, done: number): void => void drafts.push({ attribution, done });
  const final = await methods[name].attribute({ ...request(), options, draft });
  const plain = await methods[name].attribute({ ...request(), options });
  expect(final.map).toEqual(plain.map);
  return { drafts, final };
}

describe('drafts', () => {
  it('of occlusion are coarse: each place not asked yet repeats the nearest asked above and to the left', async () => {
    const { drafts, final } = await drafted('occlusion', { window: 1, stride: 1 });
    expect(drafts.map(({ done }) => done)).toEqual([9 / 81, 25 / 81]);
    drafts.forEach(({ attribution }, pass) => {
      const step = [4, 2][pass];
      const coarse = Float32Array.from(final.map, (_, at) => {
        const [y, x] = [Math.floor(at / side), at % side];
        return final.map[(y - (y % step)) * side + x - (x % step)];
      });
      expect(attribution.map).toBeAllClose(coarse);
      expect(attribution.score).toBe(final.score);
    });
  });

  it('of a blurred spot are coarse too', async () => {
    const { drafts } = await drafted('blurPerturbation', { stride: 1 });
    expect(drafts.map(({ done }) => done)).toEqual([9 / 81, 25 / 81]);
  });

  it('of SmoothGrad are means of the first samples, whenever there are twice as many', async () => {
    const { drafts, final } = await drafted('smoothGrad', { samples: 20 });
    expect(drafts.map(({ done }) => done)).toEqual([4 / 20, 8 / 20, 16 / 20]);
    const four = await methods.smoothGrad.attribute({ ...request(), options: { samples: 4 } });
    expect(drafts[0].attribution.map).toBeAllClose(four.map);
    expect(final.map).not.toEqual(four.map);
  });

  it('of Integrated Gradients are estimates from fewer points, with their errors', async () => {
    const options = { steps: 2, quadrature: 'right', tolerance: 0.02, maximumSteps: 256 };
    const { drafts, final } = await drafted('integratedGradients', options);
    expect(drafts.length).toBeGreaterThan(2);
    const errors = drafts.map(({ attribution }) => attribution.integrationError?.completeness ?? NaN);
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
    expect(final.integrationError?.completeness).toBeLessThan(errors[errors.length - 1]);
    expect(drafts.map(({ done }) => done)).toEqual(drafts.map((_, k) => 2 ** (k + 1) / 256));
  });

  it('stop when nobody waits any more', async () => {
    const cancellation = { aborted: false };
    let drafts = 0;
    const draft = (): void => {
      drafts++;
      cancellation.aborted = true;
    };
    const options = { window: 1, stride: 1 };
    const asked = methods.occlusion.attribute({ ...request(), options, cancellation, draft });
    await expect(asked).rejects.toThrow('cancelled');
    expect(drafts).toBe(1);
  });
});
