/** Every option of PPO training, its default, and the presets. The seed is config. */
import { InputError } from '@saccade/core';

export interface PpoConfig {
  /** Environments stepped together; the batch of the acting network. */
  readonly environments: number;
  /** Steps of every environment in one rollout. */
  readonly rolloutSteps: number;
  /** Passes over one rollout. */
  readonly epochs: number;
  /** Optimiser steps in one pass. */
  readonly minibatches: number;
  /** Rows of one gradient graph; a minibatch is summed from as many as it needs. */
  readonly microBatch: number;
  /** Environment steps of the whole run. */
  readonly totalSteps: number;
  /** Adam's step size at the start. */
  readonly learningRate: number;
  /** `linear` decreases to zero at `totalSteps`. */
  readonly learningRateSchedule: 'constant' | 'linear';
  readonly adamEpsilon: number;
  /** Discount of one step, (0, 1]. */
  readonly gamma: number;
  /** GAE's lambda, [0, 1]. */
  readonly lambda: number;
  /** PPO's clip range, for the ratio and (with `clipValue`) for the value. */
  readonly clip: number;
  readonly clipValue: boolean;
  readonly valueCoefficient: number;
  readonly entropyCoefficient: number;
  /** `linear` decreases the entropy coefficient to zero at `totalSteps`: exploration early, a decided policy late. */
  readonly entropySchedule: 'constant' | 'linear';
  /** Global norm above which gradients are scaled down. */
  readonly maxGradientNorm: number;
  /** Centre and scale advantages in each minibatch. */
  readonly normaliseAdvantages: boolean;
  /** Divide rewards by the running standard deviation of the discounted return (procgen's training). */
  readonly normaliseRewards: boolean;
  /** Multiplies rewards for the learner; a policy that is saved has its value head divided by it. */
  readonly rewardScale: number;
  /** Ends a rollout's passes when the approximate KL divergence exceeds it; 0 never does. */
  readonly targetKl: number;
  /**
   * How often an episode plays a level again that was failed lately, [0, 1): Prioritized Level Replay (Jiang et al.
   * 2021) with failure as the score.
   */
  readonly levelReplay: number;
  /** Names every random stream of the run. */
  readonly seed: number;
}

/** The settings of Understanding RL Vision (Hilton et al. 2020), on one worker. */
const distill: PpoConfig = {
  environments: 64,
  rolloutSteps: 256,
  epochs: 3,
  minibatches: 8,
  microBatch: 64,
  totalSteps: 25_000_000,
  learningRate: 5e-4,
  learningRateSchedule: 'constant',
  adamEpsilon: 1e-5,
  gamma: 0.999,
  lambda: 0.95,
  clip: 0.2,
  clipValue: true,
  valueCoefficient: 0.5,
  entropyCoefficient: 0.01,
  entropySchedule: 'constant',
  maxGradientNorm: 0.5,
  normaliseAdvantages: true,
  normaliseRewards: false,
  rewardScale: 1,
  targetKl: 0,
  levelReplay: 0,
  seed: 0,
};

export const ppoPresets = {
  distill,
  /** Cobbe et al. 2020: as above with rewards normalised by a running return. */
  procgen: { ...distill, normaliseRewards: true },
  /**
   * For two cores: shorter rollouts, a nearer horizon, larger steps in smaller minibatches, annealed. Rewards are
   * scaled by a constant rather than normalised by a running return, so that the value keeps the environment's unit.
   */
  fast: {
    ...distill,
    rolloutSteps: 128,
    minibatches: 16,
    totalSteps: 6_000_000,
    learningRate: 1e-3,
    learningRateSchedule: 'linear',
    gamma: 0.995,
    rewardScale: 0.2,
  },
} satisfies Record<string, PpoConfig>;

export type PpoPreset = keyof typeof ppoPresets;
export const defaultPpoConfig: PpoConfig = ppoPresets.fast;

/** Throws an InputError that names the first option out of its range. */
export function expectPpoConfig(config: PpoConfig): void {
  const check = (holds: boolean, name: keyof PpoConfig, expected: string): void => {
    if (!holds) throw new InputError(`ppo: expected ${name} ${expected}, got ${String(config[name])}`);
  };
  for (const name of ['environments', 'rolloutSteps', 'epochs', 'minibatches', 'microBatch', 'totalSteps'] as const) {
    check(Number.isSafeInteger(config[name]) && config[name] > 0, name, 'a positive whole number');
  }
  check(config.learningRate > 0, 'learningRate', 'above 0');
  check(config.adamEpsilon > 0, 'adamEpsilon', 'above 0');
  check(config.gamma > 0 && config.gamma <= 1, 'gamma', 'in (0, 1]');
  check(config.lambda >= 0 && config.lambda <= 1, 'lambda', 'in [0, 1]');
  check(config.clip > 0, 'clip', 'above 0');
  check(config.entropyCoefficient >= 0, 'entropyCoefficient', 'at least 0');
  check(config.maxGradientNorm > 0, 'maxGradientNorm', 'above 0');
  check(config.targetKl >= 0, 'targetKl', 'at least 0');
  check(config.levelReplay >= 0 && config.levelReplay < 1, 'levelReplay', 'in [0, 1)');
  check(Number.isSafeInteger(config.seed) && config.seed >= 0, 'seed', 'a whole number from 0');
  const rows = config.environments * config.rolloutSteps;
  check(rows % config.minibatches === 0, 'minibatches', `that divides environments x rolloutSteps = ${rows}`);
}
