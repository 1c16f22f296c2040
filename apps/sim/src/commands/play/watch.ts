/** A policy that plays in the terminal. Imports engines, so it is loaded for a watched policy only. */
import { createStream } from '@saccade/core';
import { createActor, probabilitiesOf, sampleIndex } from '@saccade/agent';
import type { Chooser, CoinRunEnvironment } from '@saccade/envs';
import { environmentFor } from '@saccade/session';
import { loadPolicy } from '../../storage/policies.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { createCompile } from '../../workers/runtime.ts';
import type { Pace } from './choosers.ts';

export interface WatchedPolicy {
  readonly environment: CoinRunEnvironment;
  chooser(pace: Pace): Chooser;
  dispose(): void;
}

/** A policy's own environment and choices: the episodes that the viewer shows for the same level and seed. */
export async function watchPolicy(file: PolicyFile, seed: number): Promise<WatchedPolicy> {
  const { policy } = await loadPolicy(file);
  const environment = environmentFor(policy);
  const actor = await createActor(policy.network, policy.parameters, 1, await createCompile(1));
  return {
    environment,
    chooser(pace) {
      let stream = createStream(seed, 'actions');
      return {
        actor: 'policy',
        async choose(observation, { levelSeed, step }) {
          if (step === 0) stream = createStream(seed, `actions in level ${levelSeed}`);
          if (!(await pace())) return null;
          const { logits } = await actor.act(observation);
          return sampleIndex(probabilitiesOf(logits), stream);
        },
      };
    },
    dispose: () => actor.dispose(),
  };
}
