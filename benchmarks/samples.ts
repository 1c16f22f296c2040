/** Networks with fresh weights and rollouts of noise: time does not depend on what they hold. */
import { createRollout } from '@saccade/agent';
import type { LearnerState, PpoConfig, Rollout } from '@saccade/agent';
import { createStream } from '@saccade/core';
import { buildNetwork, initialiseParameters } from '@saccade/nn';
import type { HostTensor, HostTensors, Network } from '@saccade/nn';

export const networkNames = ['clear_cnn', 'compact'] as const;
export const side = 64;
/** As coinrun has them. */
const actions = 7;

export function sampleNetwork(name: (typeof networkNames)[number]): { network: Network; parameters: HostTensors } {
  const network = buildNetwork(name, [side, side, 3], actions);
  return { network, parameters: initialiseParameters(network, createStream(0, 'benchmark')) };
}

export function sampleObservations(count: number): Uint8Array {
  const stream = createStream(0, 'observations');
  return Uint8Array.from({ length: count * side * side * 3 }, () => stream.integer(256));
}

export function sampleRollout(config: PpoConfig): Rollout {
  const stream = createStream(0, 'rollout');
  const rollout = createRollout(config, side * side * 3);
  rollout.observations.set(sampleObservations(rollout.actions.length));
  rollout.actions.forEach((_, i) => {
    rollout.actions[i] = stream.integer(actions);
    rollout.logProbabilities[i] = -2 + 0.1 * stream.next();
    rollout.values[i] = stream.next();
    rollout.advantages[i] = stream.next() - 0.5;
    rollout.returns[i] = stream.next();
  });
  return rollout;
}

export function startOf(parameters: HostTensors): LearnerState {
  const zeros = (): Record<string, HostTensor> =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, { shape, data }]) => [
        name,
        { shape, dtype: 'float32', data: new Float32Array(data.length) },
      ]),
    );
  return { parameters: { ...parameters }, first: zeros(), second: zeros(), optimiserSteps: 0 };
}
