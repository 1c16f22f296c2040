import * as tf from '@tensorflow/tfjs';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFromSpec, createTrainingRun, defaultPpoConfig } from '@saccade/agent';
import type { EnvironmentSpec, PpoConfig, TrainingRun } from '@saccade/agent';
import { hashBytes, InputError } from '@saccade/core';
import { createVectorEnvironment, steppedInThread } from '@saccade/envs';
import type { SteppedVector, VectorConfig } from '@saccade/envs';
import { buildNetwork, eagerCompile } from '@saccade/nn';
import { openEngine } from '../../apps/sim/src/workers/devices/device.ts';
import { spawnWorker } from '../../apps/sim/src/workers/spawn.ts';
import { createThreadedVector } from '../../apps/sim/src/workers/vectorThreads.ts';

/** Episodes of a few steps: many end at once, in several threads. */
const coinrun: EnvironmentSpec = { name: 'coinrun', config: { difficulty: 'easy', timeLimit: 7 } };
const corridor: EnvironmentSpec = { name: 'corridor', config: {} };
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});
beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function vectorOf(environment: EnvironmentSpec, threads: number, shape: VectorConfig): Promise<SteppedVector> {
  if (threads === 0) return steppedInThread(createVectorEnvironment(() => createFromSpec(environment), shape));
  const vector = await createThreadedVector(environment, { ...shape, threads });
  opened.push(() => vector.dispose());
  return vector;
}

describe('environments in worker threads', () => {
  it.each([1, 2, 3, 9])('step to the same bytes in %i threads as in none, groups overlapping', async (threads) => {
    // Enough episodes fail for their levels to be played again.
    const shape: VectorConfig = { count: 8, levels: { kind: 'count', count: 500 }, seed: 4, replay: 0.5 };
    const alone = await vectorOf(coinrun, 0, shape);
    const threaded = await vectorOf(coinrun, threads, shape);
    const picture = ({ buffers }: SteppedVector) =>
      Object.fromEntries(
        Object.entries(buffers).map(([name, rows]: [string, Uint8Array]) => [
          name,
          hashBytes(Uint8Array.from(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))),
        ]),
      );
    await Promise.all([alone.reset(4), threaded.reset(4)]);
    expect(picture(threaded)).toEqual(picture(alone));
    for (let step = 0; step < 100; step++) {
      const actions = Int32Array.from({ length: 8 }, (_, n) => (step * 5 + n * 3) % alone.actionSpace.names.length);
      for (const vector of [alone, threaded])
        await Promise.all([vector.step(actions, 0, 4), vector.step(actions, 4, 8)]);
      expect(picture(threaded)).toEqual(picture(alone));
    }
    expect(await threaded.state()).toEqual(await alone.state());
    const restored = await vectorOf(coinrun, 2, shape);
    await restored.restore(JSON.parse(JSON.stringify(await threaded.state())));
    expect(hashBytes(Uint8Array.from(restored.buffers.observations))).toBe(picture(alone)['observations']);
    expect(await restored.state()).toEqual(await alone.state());
  });

  it('learn the same curve with any number of threads, and go on with another', async () => {
    const config: PpoConfig = {
      ...defaultPpoConfig,
      ...{ environments: 8, rolloutSteps: 16, minibatches: 2, totalSteps: 8 * 16 * 3, normaliseRewards: true, seed: 2 },
    };
    const probe = createFromSpec(coinrun);
    const network = buildNetwork('compact', probe.observationSpace.shape, probe.actionSpace.names.length);
    const { engine } = await openEngine('cpu', { threads: 2 });
    opened.push(() => engine.dispose());
    const begin = async (threads: number, halves: boolean, checkpoint?: Uint8Array): Promise<TrainingRun> => {
      const shape: VectorConfig = { count: 8, levels: { kind: 'all' }, seed: 2 };
      const vector = await vectorOf(coinrun, threads, shape);
      return createTrainingRun({ config, network, vector, compile: engine.compile, halves, checkpoint });
    };
    const whole = await begin(0, false);
    const expected = [await whole.iterate(), await whole.iterate(), await whole.iterate()];
    const last = await whole.checkpoint();
    expect(expected.flatMap(({ episodes }) => episodes).length).toBeGreaterThan(20);
    for (const [first, second] of [
      [0, 1],
      [1, 2],
      [3, 0],
    ]) {
      const begun = await begin(first, true);
      const curve = [await begun.iterate(), await begun.iterate()];
      const resumed = await begin(second, true, await begun.checkpoint());
      curve.push(await resumed.iterate());
      expect(curve).toEqual(expected);
      expect(hashBytes(await resumed.checkpoint())).toBe(hashBytes(last));
      begun.dispose();
      resumed.dispose();
    }
    whole.dispose();
  });

  it('leave the batch whole where an engine computes a row otherwise in half of it', async () => {
    const config: PpoConfig = {
      ...defaultPpoConfig,
      ...{ environments: 4, rolloutSteps: 8, minibatches: 1, microBatch: 32, totalSteps: 64 },
    };
    const network = buildNetwork('perceptron', createFromSpec(corridor).observationSpace.shape, 3);
    const batches: number[] = [];
    // An engine whose outputs depend on the size of the batch, as a blocked sum may.
    const compileActor: typeof eagerCompile = async (fn, signature) => {
      const { shape } = signature.inputs['observations'];
      const compiled = await eagerCompile(fn, signature);
      const call = async (inputs: Parameters<typeof compiled>[0]) => {
        batches.push(shape[0]);
        const outputs = await compiled(inputs);
        if (shape[0] < 4) outputs['logits'].data[0] += 1e-7;
        return outputs;
      };
      return Object.assign(call, { dispose: () => compiled.dispose() });
    };
    const vector = await vectorOf(corridor, 0, { count: 4, levels: { kind: 'all' }, seed: 0 });
    const run = await createTrainingRun({ config, network, vector, compile: eagerCompile, compileActor, halves: true });
    batches.length = 0;
    await run.iterate();
    expect(new Set(batches)).toEqual(new Set([4]));
    run.dispose();
  });

  it('say in one error that a thread ended, at once and ever after', async () => {
    const workers: Worker[] = [];
    const vector = await createThreadedVector(
      corridor,
      { count: 4, levels: { kind: 'all' }, seed: 0, threads: 2 },
      async (name, settings) => {
        const worker = await spawnWorker(name, settings);
        workers.push(worker);
        return worker;
      },
    );
    opened.push(() => vector.dispose());
    await vector.reset(0);
    const ending = workers[1].terminate();
    const stepped = vector.step(new Int32Array(4), 0, 4);
    await expect(stepped).rejects.toThrow('an environment thread ended with code 1');
    await ending;
    await expect(vector.step(new Int32Array(4), 0, 4)).rejects.toThrow('an environment thread ended with code 1');
    await expect(vector.state()).rejects.toThrow('an environment thread ended with code 1');
  });

  it('refuse a state of another shape and actions outside the space before anything steps', async () => {
    const vector = await vectorOf(corridor, 2, { count: 4, levels: { kind: 'all' }, seed: 0 });
    await vector.reset(0);
    const before = await vector.state();
    await expect(vector.step(Int32Array.of(0, 0, 0, 9), 2, 4)).rejects.toThrow(InputError);
    await expect(vector.restore({ version: 1, environments: [] })).rejects.toThrow('expected version 1 with 4');
    expect(await vector.state()).toEqual(before);
  });
});
