import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttributor, rawOutput } from '@saccade/attribution';
import { eagerCompile } from '@saccade/nn';
import type { Compile } from '@saccade/nn';
import '../support/allClose.ts';
import { smallConvolution, smallFrame } from './toys.ts';

/** How many points each engine call held. */
function watched(): { calls: number[]; compile: Compile } {
  const calls: number[] = [];
  return {
    calls,
    async compile(fn, signature) {
      const compiled = await eagerCompile(fn, signature);
      const run: typeof compiled = Object.assign(
        (inputs: Parameters<typeof compiled>[0]) => {
          calls.push(signature.inputs['points'].shape[0]);
          return compiled(inputs);
        },
        { dispose: () => compiled.dispose() },
      );
      return run;
    },
  };
}

describe('batches', () => {
  it('hold all points in few calls with little padding', async () => {
    for (const [count, expected] of [
      [1, [1]],
      [3, [4]],
      [20, [16, 4]],
      [32, [32]],
      [22, [24]],
      [52, [32, 16, 4]],
      [100, [32, 32, 32, 4]],
    ] as const) {
      const { calls, compile } = watched();
      const attributor = smallConvolution(compile);
      await attributor.outputs(new Float32Array(count * 72));
      expect([...calls].sort((a, b) => b - a)).toEqual(expected);
    }
  });

  it('do not change results, whatever the sizes', async () => {
    const { model } = smallConvolution();
    const frames = Float32Array.from(Array.from({ length: 7 }, (_, i) => [...smallFrame(i)]).flat());
    const target = rawOutput(model, 3);
    const reference = await createAttributor(model, eagerCompile, { batchSizes: [1] }).gradients(frames, target);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
        async (batchSizes) => {
          const { scores, gradients } = await createAttributor(model, eagerCompile, { batchSizes }).gradients(
            frames,
            target,
          );
          expect(scores).toBeAllClose(reference.scores, { absolute: 1e-6 });
          expect(gradients).toBeAllClose(reference.gradients, { absolute: 1e-6 });
        },
      ),
      { numRuns: 8 },
    );
  });
});
