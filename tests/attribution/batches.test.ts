import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttributor, logProbability, rawOutput } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
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
      [52, [26, 26]],
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

describe('along a line', () => {
  const { model } = smallConvolution();
  const [from, to] = [smallFrame(1), smallFrame(2)];
  const nodes = [0.1, 0.35, 0.5, 0.8, 0.95, 0, 1];
  const shares = [
    [0.2, 0.3, 0.1, 0.3, 0.1, 0, 0],
    [0.5, 0, -0.5, 0, 1, 0, 0],
  ];

  it.each<[string, Target]>([
    ['a raw output', rawOutput(model, 3)],
    ['a log-probability', logProbability(model, 1)],
  ])('scores and sums of gradients are those of the points one by one, of %s', async (_, target) => {
    const attributor = createAttributor(model, eagerCompile, { batchSizes: [1, 4] });
    const points = Float32Array.from(nodes.flatMap((node) => [...from].map((x, i) => (1 - node) * x + node * to[i])));
    const { scores, gradients } = await attributor.gradients(points, target);
    const line = await attributor.alongLine({ from, to, nodes, shares }, target);
    expect(line.scores).toBeAllClose(scores, { absolute: 1e-6 });
    for (const [row, sum] of line.sums.entries()) {
      const expected = from.map((_, i) =>
        nodes.reduce((total, _, k) => total + shares[row][k] * gradients[k * from.length + i], 0),
      );
      expect(sum).toBeAllClose(expected, { absolute: 1e-6 });
    }
  });

  it('a share a point is expected', async () => {
    const line = { from, to, nodes, shares: [[1, 2]] };
    await expect(smallConvolution().alongLine(line, rawOutput(model, 3))).rejects.toThrow('shares');
  });
});
