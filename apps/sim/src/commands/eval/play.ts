/** Plays levels with a policy's parameters, or with a blind player, and sums up. */
import { createActor, createFromSpec, playLevels, policyPlayer, summarise } from '@saccade/agent';
import type { EnvironmentSpec, EvaluationSummary, Player } from '@saccade/agent';
import type { Cancellation } from '@saccade/core';
import type { Compile, HostTensors, Network } from '@saccade/nn';

/** Episodes that run beside each other: the batch of the acting network. */
const lanes = 64;

export interface PlayRequest {
  readonly environment: EnvironmentSpec;
  readonly levelSeeds: readonly number[];
  /** False for players that do not look. */
  readonly observe?: boolean;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly cancellation?: Cancellation;
}

export async function evaluatePlayer(player: Player, request: PlayRequest): Promise<EvaluationSummary> {
  const environments = Array.from({ length: lanes }, () => createFromSpec(request.environment));
  return summarise(await playLevels({ ...request, environments, player }));
}

export async function evaluateParameters(
  request: PlayRequest & {
    readonly network: Network;
    readonly parameters: HostTensors;
    readonly compile: Compile;
    /** The likeliest action instead of a sampled one. */
    readonly greedy: boolean;
  },
): Promise<EvaluationSummary> {
  const actor = await createActor(request.network, request.parameters, lanes, request.compile);
  try {
    return await evaluatePlayer(policyPlayer(actor, request.network.actions, request.greedy), request);
  } finally {
    actor.dispose();
  }
}
