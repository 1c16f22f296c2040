import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createActor,
  createTrainingRun,
  defaultPpoConfig,
  playLevels,
  policyPlayer,
  constantPlayer,
  summarise,
} from '@saccade/agent';
import type { PpoConfig, TrainingRun } from '@saccade/agent';
import { createCorridor, createVectorEnvironment } from '@saccade/envs';
import { buildNetwork, eagerCompile } from '@saccade/nn';
import type { HostTensors } from '@saccade/nn';
import '../support/allClose.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const config: PpoConfig = {
  ...defaultPpoConfig,
  environments: 16,
  rolloutSteps: 32,
  minibatches: 4,
  microBatch: 64,
  epochs: 4,
  learningRate: 3e-3,
  learningRateSchedule: 'constant',
  normaliseRewards: false,
  totalSteps: 16 * 32 * 30,
  seed: 1,
};

const probe = createCorridor();
const network = buildNetwork('perceptron', probe.observationSpace.shape, probe.actionSpace.names.length);

function start(
  overrides: Partial<PpoConfig> = {},
  from: { checkpoint?: Uint8Array; start?: HostTensors } = {},
): Promise<TrainingRun> {
  const merged = { ...config, ...overrides };
  const vector = createVectorEnvironment(() => createCorridor(), {
    count: merged.environments,
    levels: { kind: 'all' },
    seed: merged.seed,
    replay: merged.levelReplay,
  });
  return createTrainingRun({ config: merged, network, vector, compile: eagerCompile, ...from });
}

describe('training', () => {
  it('masters the corridor', async () => {
    const run = await start();
    while (!run.done()) await run.iterate();
    const actor = await createActor(network, run.parameters(), 16, eagerCompile);
    const environments = Array.from({ length: 16 }, () => createCorridor());
    const levelSeeds = Array.from({ length: 100 }, (_, i) => 2 ** 31 + i);
    const play = (player: Parameters<typeof playLevels>[0]['player']) =>
      playLevels({ environments, player, levelSeeds, seed: 7 }).then(summarise);
    const trained = await play(policyPlayer(actor, 3, false));
    const blind = await play(constantPlayer(0));
    expect(blind.solveRate).toBeLessThan(0.7);
    expect(trained.solveRate).toBeGreaterThanOrEqual(0.97);
    actor.dispose();
    run.dispose();
  });

  it('goes on from a checkpoint bit for bit, rewards normalised and failed levels replayed or not', async () => {
    for (const [normaliseRewards, levelReplay] of [
      [false, 0],
      [true, 0.5],
    ] as const) {
      const options = { normaliseRewards, levelReplay, learningRateSchedule: 'linear' } as const;
      const whole = await start(options);
      const interrupted = await start(options);
      const curve: unknown[] = [];
      for (let i = 0; i < 4; i++) curve.push(await whole.iterate());
      const resumedCurve: unknown[] = [await interrupted.iterate(), await interrupted.iterate()];
      const saved = await interrupted.checkpoint();
      interrupted.dispose();
      const resumed = await start(options, { checkpoint: saved });
      expect(resumed.steps()).toBe(2 * 16 * 32);
      for (let i = 0; i < 2; i++) resumedCurve.push(await resumed.iterate());
      expect(resumedCurve).toEqual(curve);
      expect(await resumed.checkpoint()).toEqual(await whole.checkpoint());
      whole.dispose();
      resumed.dispose();
    }
  });

  it('anneals the entropy bonus to nothing where the schedule says so', async () => {
    const run = await start({ entropyCoefficient: 0.5, entropySchedule: 'linear', totalSteps: 16 * 32 * 4 });
    const coefficients: number[] = [];
    while (!run.done()) {
      const { loss, policyLoss, valueLoss, entropy } = (await run.iterate()).statistics;
      coefficients.push((policyLoss + config.valueCoefficient * valueLoss - loss) / entropy);
    }
    expect(coefficients).toBeAllClose([0.5, 0.375, 0.25, 0.125], { absolute: 1e-4 });
    run.dispose();
  });

  it('starts from a policy that was saved, with a new optimiser and streams', async () => {
    const first = await start({ rewardScale: 0.25 });
    await first.iterate();
    const saved = first.policyParameters();
    const second = await start({ rewardScale: 0.5, seed: 2 }, { start: saved });
    expect(second.steps()).toBe(0);
    const own = second.policyParameters();
    for (const [name, tensor] of Object.entries(saved)) expect(own[name].data).toBeAllClose(tensor.data);
    await expect(start({}, { start: {} })).rejects.toThrow('start: expected');
    first.dispose();
    second.dispose();
  });

  it('leaks no tensor over many updates', async () => {
    const run = await start();
    await run.iterate();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await run.iterate();
    expect(tf.memory().numTensors).toBe(before);
    run.dispose();
  });

  it('names an option that is out of its range', async () => {
    await expect(start({ gamma: 1.5 })).rejects.toThrow('ppo: expected gamma in (0, 1], got 1.5');
    await expect(start({ minibatches: 3 })).rejects.toThrow('ppo: expected minibatches that divides');
  });

  it('refuses a truncated checkpoint and one of another network by name', async () => {
    const run = await start();
    const saved = await run.checkpoint();
    await expect(start({}, { checkpoint: saved.slice(0, saved.length - 100) })).rejects.toThrow('truncated');
    const other = buildNetwork('compact', [64, 64, 3], 7);
    const vector = createVectorEnvironment(() => createCorridor(), { count: 16, levels: { kind: 'all' }, seed: 0 });
    await expect(
      createTrainingRun({ config, network: other, vector, compile: eagerCompile, checkpoint: saved }),
    ).rejects.toThrow('checkpoint: expected the network compact, got perceptron');
    run.dispose();
  });
});

describe('a policy that is saved', () => {
  it('values states in the environment’s own rewards, whatever the learner’s scale', async () => {
    const run = await start({ rewardScale: 0.25 });
    await run.iterate();
    const observations = new Uint8Array(16 * 64).map((_, i) => (i * 37) % 256);
    const outputs = async (parameters: ReturnType<TrainingRun['parameters']>) => {
      const actor = await createActor(network, parameters, 16, eagerCompile);
      const result = await actor.act(observations);
      actor.dispose();
      return result;
    };
    const learner = await outputs(run.parameters());
    const policy = await outputs(run.policyParameters());
    expect(policy.logits).toEqual(learner.logits);
    expect(policy.values).toBeAllClose(Float32Array.from(learner.values, (value) => value * 4));
    run.dispose();
  });
});
