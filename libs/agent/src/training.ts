/**
 * A training run: collect a rollout, learn from it, again. Everything that its future depends on is in its
 * checkpoint, so a run that was stopped goes on bit for bit as if it had not been.
 */
import { createStream, InputError, restoreStream } from '@saccade/core';
import type { RandomState } from '@saccade/core';
import { steppedInThread } from '@saccade/envs';
import type { SteppedVector, VectorEnvironment } from '@saccade/envs';
import { expectParameters, initialiseParameters } from '@saccade/nn';
import type { Compile, HostTensor, HostTensors, Network } from '@saccade/nn';
import { createActor, rowsAreIndependent } from './actor.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import type { Progress } from './checkpoint.ts';
import { expectPpoConfig } from './config.ts';
import type { PpoConfig } from './config.ts';
import { createLearner } from './learner.ts';
import type { UpdateStatistics } from './learner.ts';
import { createRewardNormaliser } from './rewards.ts';
import { collectRollout, createRollout } from './rollout.ts';
import type { EndedEpisode, Group } from './rollout.ts';

/** What one rollout and its update did. */
export interface IterationReport {
  /** Environment steps since the run began. */
  readonly steps: number;
  readonly updates: number;
  readonly learningRate: number;
  readonly statistics: UpdateStatistics;
  readonly episodes: readonly EndedEpisode[];
  /** 1 - Var(returns - values) / Var(returns): 1 where the critic predicts perfectly. */
  readonly explainedVariance: number;
}

export interface TrainingSetup {
  readonly config: PpoConfig;
  readonly network: Network;
  /** Built from the same environment config and seed as when the run began. */
  readonly vector: VectorEnvironment | SteppedVector;
  readonly compile: Compile;
  /** Acting's engine, where it differs (it recompiles after every update); default `compile`. */
  readonly compileActor?: Compile;
  /**
   * Act on half of the environments while the other half steps and is acted on: for engines that compute beside the
   * caller's thread. Results stay the same bytes: where the engine's outputs for a row depend on the size of its batch,
   * this is left alone. Default false.
   */
  readonly halves?: boolean;
  /**
   * A policy's parameters to start from instead of random ones (its value is in the environment's own rewards); the
   * optimiser starts afresh. Ignored with a `checkpoint`.
   */
  readonly start?: HostTensors;
  /** Bytes that `checkpoint` returned: go on from there. */
  readonly checkpoint?: Uint8Array;
}

export interface TrainingRun {
  readonly config: PpoConfig;
  readonly network: Network;
  /** Environment steps so far. */
  steps(): number;
  done(): boolean;
  /** The learner's own parameters; its value is in units of `rewardScale`. */
  parameters(): HostTensors;
  /** The parameters to save and use: the value is the expected discounted return in the environment's own rewards. */
  policyParameters(): HostTensors;
  /** One rollout and its update. Throws a DivergenceError on NaN: the last checkpoint taken is then the one to keep. */
  iterate(): Promise<IterationReport>;
  /** Everything needed to go on: safetensors bytes. Taken between iterations. */
  checkpoint(): Promise<Uint8Array>;
  dispose(): void;
}

/** The optimiser produced NaN or infinity: the run cannot go on from here. */
export class DivergenceError extends InputError {
  override readonly name = 'DivergenceError';
}

function explainedVariance(returns: Float32Array, values: Float32Array): number {
  const variance = (pick: (i: number) => number): number => {
    let mean = 0;
    let square = 0;
    for (let i = 0; i < returns.length; i++) {
      mean += pick(i) / returns.length;
      square += pick(i) ** 2 / returns.length;
    }
    return square - mean * mean;
  };
  const total = variance((i) => returns[i]);
  return total === 0 ? 0 : 1 - variance((i) => returns[i] - values[i]) / total;
}

/** The network computes the same logits, and its value multiplied by `scale`. The value node is a dense layer. */
function withValueScaled(network: Network, parameters: HostTensors, scale: number): HostTensors {
  const scaled = (name: string): HostTensor => {
    const tensor = parameters[name];
    return { ...tensor, data: Float32Array.from(tensor.data, (value) => value * scale) };
  };
  const own = [`${network.value}/kernel`, `${network.value}/bias`];
  return { ...parameters, ...Object.fromEntries(own.map((name) => [name, scaled(name)])) };
}

function zerosLike(tensors: HostTensors): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: 'float32', data: new Float32Array(data.length) },
    ]),
  );
}

export async function createTrainingRun(setup: TrainingSetup): Promise<TrainingRun> {
  const { config, network, compile, compileActor = compile } = setup;
  const vector = 'buffers' in setup.vector ? setup.vector : steppedInThread(setup.vector);
  expectPpoConfig(config);
  const resumed = setup.checkpoint ? decodeCheckpoint(setup.checkpoint, network) : null;
  if (setup.start) expectParameters(network, setup.start, 'start');
  const initial =
    resumed?.learner.parameters ??
    (setup.start
      ? withValueScaled(network, setup.start, config.rewardScale)
      : initialiseParameters(network, createStream(config.seed, 'parameters')));
  const learner = await createLearner(
    network,
    config,
    resumed?.learner ?? {
      parameters: initial,
      first: zerosLike(initial),
      second: zerosLike(initial),
      optimiserSteps: 0,
    },
    compile,
  );
  const stream = (state: RandomState | undefined, purpose: string) =>
    state ? restoreStream(state) : createStream(config.seed, purpose);
  const actionStream = stream(resumed?.progress.actionStream, 'actions');
  const orderStream = stream(resumed?.progress.orderStream, 'order');
  const normaliser = config.normaliseRewards
    ? createRewardNormaliser(config.environments, config.gamma, resumed?.progress.normaliser ?? undefined)
    : null;
  await (resumed ? vector.restore(resumed.progress.vector) : vector.reset(config.seed));
  const rollout = createRollout(
    config,
    network.observationShape.reduce((size, axis) => size * axis, 1),
  );
  let steps = resumed?.progress.steps ?? 0;
  let updates = resumed?.progress.updates ?? 0;
  const half = config.environments / 2;
  const groups: readonly Group[] =
    setup.halves &&
    Number.isInteger(half) &&
    (await rowsAreIndependent(network, initial, vector.buffers.observations, half, compileActor))
      ? [
          { from: 0, to: half },
          { from: half, to: config.environments },
        ]
      : [{ from: 0, to: config.environments }];

  async function encode(): Promise<Uint8Array> {
    const state = learner.state();
    const progress: Progress = {
      version: 1,
      config,
      architecture: network.architecture,
      steps,
      updates,
      optimiserSteps: state.optimiserSteps,
      actionStream: actionStream.state(),
      orderStream: orderStream.state(),
      normaliser: normaliser?.state() ?? null,
      vector: await vector.state(),
    };
    return encodeCheckpoint(progress, state);
  }

  return {
    config,
    network,
    steps: () => steps,
    done: () => steps >= config.totalSteps,
    parameters: () => learner.state().parameters,
    policyParameters: () => withValueScaled(network, learner.state().parameters, 1 / config.rewardScale),
    async iterate() {
      const actor = await createActor(network, learner.state().parameters, groups[0].to, compileActor);
      let episodes: EndedEpisode[];
      try {
        episodes = await collectRollout(rollout, { vector, groups, actor, stream: actionStream, normaliser, config });
      } finally {
        actor.dispose();
      }
      const remaining = Math.max(0, 1 - steps / config.totalSteps);
      const scheduled = (rate: number, schedule: 'constant' | 'linear'): number =>
        rate * (schedule === 'linear' ? remaining : 1);
      const learningRate = scheduled(config.learningRate, config.learningRateSchedule);
      const entropyCoefficient = scheduled(config.entropyCoefficient, config.entropySchedule);
      const statistics = await learner.update(rollout, { learningRate, entropyCoefficient }, orderStream);
      if (!Number.isFinite(statistics.loss) || !Number.isFinite(statistics.gradientNorm)) {
        throw new DivergenceError(
          `training: expected a finite loss, got ${statistics.loss} at step ${steps}: a lower learning rate may help`,
        );
      }
      steps += rollout.actions.length;
      updates++;
      const values = rollout.values.subarray(0, rollout.returns.length);
      return {
        steps,
        updates,
        learningRate,
        statistics,
        episodes,
        explainedVariance: explainedVariance(rollout.returns, values),
      };
    },
    checkpoint: encode,
    dispose: () => learner.dispose(),
  };
}
