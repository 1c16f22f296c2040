/**
 * Turns a rollout into better parameters: micro-batches of fixed shape through one compiled loss-and-gradient
 * function, summed in a fixed order (so that results do not depend on how many workers computed them), then one
 * compiled Adam step a minibatch.
 */
import * as tf from '@tensorflow/tfjs';
import { shuffle } from '@saccade/core';
import type { RandomStream } from '@saccade/core';
import { forward, plainOps } from '@saccade/nn';
import type {
  CompilableFunction,
  Compile,
  CompiledFunction,
  HostData,
  HostTensor,
  Network,
  Tensors,
} from '@saccade/nn';
import { adamDecay, adamStep } from './adam.ts';
import { normaliseInPlace } from './advantages.ts';
import type { PpoConfig } from './config.ts';
import { ppoLoss } from './loss.ts';
import type { PpoLoss } from './loss.ts';
import type { Rollout } from './rollout.ts';

/** What the optimiser owns: everything an exact resume needs of it. */
export interface LearnerState {
  readonly parameters: Record<string, HostTensor>;
  readonly first: Record<string, HostTensor>;
  readonly second: Record<string, HostTensor>;
  /** Adam steps taken. */
  readonly optimiserSteps: number;
}

/** Means over the minibatches of one update. */
export type UpdateStatistics = Record<keyof PpoLoss | 'gradientNorm', number> & {
  /** Passes over the rollout that were finished; fewer than `epochs` when `targetKl` stopped them. */
  readonly epochs: number;
};

const statisticNames = ['loss', 'policyLoss', 'valueLoss', 'entropy', 'approximateKl', 'clipFraction'] as const;

function prefixed<T>(prefix: string, tensors: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
}

function under<T>(prefix: string, tensors: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, tensors[`${prefix}/${name}`]]));
}

function dataOf(tensors: Readonly<Record<string, HostTensor>>): Record<string, HostData> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data]));
}

/** The differentiable part: parameters and one micro-batch in; gradients and weighted statistics out. */
export function gradientFunction(network: Network, config: PpoConfig): CompilableFunction {
  const names = Object.keys(network.parameters);
  return (inputs) => {
    let statistics: PpoLoss | undefined;
    const { grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const parameters: Tensors = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const outputs = forward(network, parameters, inputs['observations'], plainOps);
      const row = (name: string): tf.Tensor1D => inputs[name] as tf.Tensor1D;
      statistics = ppoLoss(
        outputs,
        {
          actions: row('actions'),
          oldLogProbabilities: row('oldLogProbabilities'),
          oldValues: row('oldValues'),
          advantages: row('advantages'),
          returns: row('returns'),
          weights: row('weights'),
        },
        { ...config, entropyCoefficient: inputs['entropyCoefficient'] as tf.Scalar },
      );
      for (const scalar of Object.values(statistics)) tf.keep(scalar as tf.Tensor);
      return statistics.loss;
    })(names.map((name) => inputs[`parameters/${name}`]));
    const gradients = Object.fromEntries(names.map((name, i) => [`gradients/${name}`, grads[i]]));
    return { ...gradients, ...prefixed('statistics', { ...(statistics as PpoLoss) }) };
  };
}

function adamFunction(names: readonly string[], maxGradientNorm: number): CompilableFunction {
  return (inputs) => {
    const state = {
      parameters: under('parameters', inputs, names),
      first: under('first', inputs, names),
      second: under('second', inputs, names),
    };
    const next = adamStep(
      state,
      under('gradients', inputs, names),
      inputs['stepSize'],
      inputs['epsilon'],
      maxGradientNorm,
    );
    return {
      ...prefixed('next/parameters', next.parameters),
      ...prefixed('next/first', next.first),
      ...prefixed('next/second', next.second),
      gradientNorm: next.gradientNorm,
    };
  };
}

/** What the config's schedules make of its rates at one update. */
export interface ScheduledRates {
  readonly learningRate: number;
  readonly entropyCoefficient: number;
}

export interface Learner {
  state(): LearnerState;
  /**
   * One update: `epochs` passes over the rollout in shuffled minibatches.
   * @param rates of this update
   * @param stream orders the rows
   */
  update(rollout: Rollout, rates: ScheduledRates, stream: RandomStream): Promise<UpdateStatistics>;
  dispose(): void;
}

export async function createLearner(
  network: Network,
  config: PpoConfig,
  start: LearnerState,
  compile: Compile,
): Promise<Learner> {
  const names = Object.keys(network.parameters);
  const shapes = Object.fromEntries(
    names.map((name) => [name, { shape: network.parameters[name].shape, dtype: 'float32' as const }]),
  );
  const rows = config.microBatch;
  const vector = { shape: [rows], dtype: 'float32' as const };
  const scalar = { shape: [], dtype: 'float32' as const };
  const gradient: CompiledFunction = await compile(gradientFunction(network, config), {
    inputs: {
      ...prefixed('parameters', shapes),
      observations: { shape: [rows, ...network.observationShape], dtype: 'uint8' },
      actions: { shape: [rows], dtype: 'int32' },
      oldLogProbabilities: vector,
      oldValues: vector,
      advantages: vector,
      returns: vector,
      weights: vector,
      entropyCoefficient: scalar,
    },
  });
  const adam: CompiledFunction = await compile(adamFunction(names, config.maxGradientNorm), {
    inputs: {
      ...prefixed('parameters', shapes),
      ...prefixed('first', shapes),
      ...prefixed('second', shapes),
      ...prefixed('gradients', shapes),
      stepSize: scalar,
      epsilon: scalar,
    },
  });
  let { parameters, first, second, optimiserSteps } = start;

  function microBatchInputs(
    rollout: Rollout,
    advantages: Float32Array,
    indices: Int32Array,
    from: number,
  ): Record<string, HostData> {
    const pixels = rollout.observationSize;
    const observations = new Uint8Array(rows * pixels);
    const inputs = {
      actions: new Int32Array(rows),
      oldLogProbabilities: new Float32Array(rows),
      oldValues: new Float32Array(rows),
      advantages: new Float32Array(rows),
      returns: new Float32Array(rows),
      weights: new Float32Array(rows),
    };
    const count = Math.min(rows, indices.length - from);
    for (let r = 0; r < count; r++) {
      const i = indices[from + r];
      observations.set(rollout.observations.subarray(i * pixels, (i + 1) * pixels), r * pixels);
      inputs.actions[r] = rollout.actions[i];
      inputs.oldLogProbabilities[r] = rollout.logProbabilities[i];
      inputs.oldValues[r] = rollout.values[i];
      inputs.advantages[r] = advantages[from + r];
      inputs.returns[r] = rollout.returns[i];
      inputs.weights[r] = 1 / indices.length;
    }
    return { observations, ...inputs };
  }

  async function minibatch(
    rollout: Rollout,
    indices: Int32Array,
    { learningRate, entropyCoefficient }: ScheduledRates,
  ): Promise<Record<string, number>> {
    const advantages = Float32Array.from(indices, (i) => rollout.advantages[i]);
    if (config.normaliseAdvantages) normaliseInPlace(advantages);
    const current = prefixed('parameters', dataOf(parameters));
    const shared = { ...current, entropyCoefficient: Float32Array.of(entropyCoefficient) };
    const starts = Array.from({ length: Math.ceil(indices.length / rows) }, (_, k) => k * rows);
    const parts = await Promise.all(
      starts.map((from) => gradient({ ...shared, ...microBatchInputs(rollout, advantages, indices, from) })),
    );
    const gradients: Record<string, Float32Array> = {};
    for (const name of names) {
      const sum = (gradients[name] = (parts[0][`gradients/${name}`].data as Float32Array).slice());
      for (const part of parts.slice(1)) {
        const other = part[`gradients/${name}`].data;
        for (let i = 0; i < sum.length; i++) sum[i] += other[i];
      }
    }
    optimiserSteps++;
    const correction = Math.sqrt(1 - adamDecay.second ** optimiserSteps);
    const stepped = await adam({
      ...current,
      ...prefixed('first', dataOf(first)),
      ...prefixed('second', dataOf(second)),
      ...prefixed('gradients', gradients),
      stepSize: Float32Array.of((learningRate * correction) / (1 - adamDecay.first ** optimiserSteps)),
      epsilon: Float32Array.of(config.adamEpsilon * correction),
    });
    parameters = under('next/parameters', stepped, names);
    first = under('next/first', stepped, names);
    second = under('next/second', stepped, names);
    const statistics: Record<string, number> = { gradientNorm: stepped['gradientNorm'].data[0] };
    for (const name of statisticNames) {
      statistics[name] = parts.reduce((sum, part) => sum + part[`statistics/${name}`].data[0], 0);
    }
    return statistics;
  }

  return {
    state: () => ({ parameters, first, second, optimiserSteps }),
    async update(rollout, rates, stream) {
      const total = rollout.actions.length;
      const size = total / config.minibatches;
      const order = Int32Array.from({ length: total }, (_, i) => i);
      const sums: Record<string, number> = {};
      let steps = 0;
      let epochs = 0;
      while (epochs < config.epochs) {
        shuffle(order, stream);
        let divergence = 0;
        for (let from = 0; from < total; from += size) {
          const statistics = await minibatch(rollout, order.slice(from, from + size), rates);
          for (const [name, value] of Object.entries(statistics)) sums[name] = (sums[name] ?? 0) + value;
          divergence += statistics['approximateKl'] / config.minibatches;
          steps++;
        }
        epochs++;
        if (config.targetKl > 0 && divergence > config.targetKl) break;
      }
      const mean = (name: string): number => sums[name] / steps;
      return {
        loss: mean('loss'),
        policyLoss: mean('policyLoss'),
        valueLoss: mean('valueLoss'),
        entropy: mean('entropy'),
        approximateKl: mean('approximateKl'),
        clipFraction: mean('clipFraction'),
        gradientNorm: mean('gradientNorm'),
        epochs,
      };
    },
    dispose() {
      gradient.dispose();
      adam.dispose();
    },
  };
}
