import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { factorise, factoriseSteps, tsne, tsneSteps } from '@saccade/attribution';
import { inSteps } from '@saccade/insight';

const stream = createStream(3, 'pause');
const matrix = Float32Array.from({ length: 60 * 6 }, () => stream.next());

describe('long computations in steps', () => {
  it('give what they give at once', async () => {
    const whole = factorise(matrix, 6, 3);
    const stepped = await inSteps(factoriseSteps(matrix, 6, 3), { what: 'test' });
    expect(stepped).toEqual(whole);
    expect(await inSteps(tsneSteps(matrix, 6, { iterations: 100 }), { what: 'test' })).toEqual(
      tsne(matrix, 6, { iterations: 100 }),
    );
  });

  it('wait for what their progress returns, and stop when told to in the meantime', async () => {
    const cancellation = { aborted: false };
    let steps = 0;
    const computation = inSteps(factoriseSteps(matrix, 6, 3, { tolerance: 0 }), {
      what: 'factors',
      cancellation,
      progress: async () => {
        steps++;
        await new Promise((resolve) => setImmediate(resolve));
        if (steps === 3) cancellation.aborted = true;
      },
    });
    await expect(computation).rejects.toThrow('factors');
    expect(steps).toBe(3);
  });
});
