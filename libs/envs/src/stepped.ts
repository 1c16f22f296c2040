/**
 * A vector environment as a trainer uses it: groups of environments step on their own time, so that one group can step
 * while a network looks at another. Whoever implements it draws levels in the order of the calls, ended rows ascending:
 * the same actions give the same bytes in one thread and in many.
 */
import type { VectorEnvironment, VectorState } from './vector.ts';
import { createVectorBuffers } from './vectorBuffers.ts';
import type { VectorBuffers } from './vectorBuffers.ts';

export interface SteppedVector extends Pick<
  VectorEnvironment,
  'count' | 'observationSpace' | 'actionSpace' | 'endCauses'
> {
  /** Filled by the calls below; a group's rows are its own until its step is done. */
  readonly buffers: VectorBuffers;
  /** Begins an episode in each. `seed` reseeds the choice of levels. */
  reset(seed: number): Promise<void>;
  /**
   * One step of the environments whose rows lie in [from, to). A group is stepped again only when its last step is
   * done; groups may overlap in time. `actions`: [envs]; its rows of the group are read before the call returns.
   */
  step(actions: Int32Array, from: number, to: number): Promise<void>;
  /** As `VectorEnvironment.state`; asked for between steps. */
  state(): Promise<VectorState>;
  /** Continues exactly from what `state` gave, observations included. Throws InputError on anything else. */
  restore(state: unknown): Promise<void>;
}

/** Steps in the caller's own thread. */
export function steppedInThread(vector: VectorEnvironment, buffers = createVectorBuffers(vector)): SteppedVector {
  const { count, observationSpace, actionSpace, endCauses } = vector;
  // Async: what is wrong rejects, as it does where the work is another thread's.
  return {
    count,
    observationSpace,
    actionSpace,
    endCauses,
    buffers,
    reset: async (seed) => vector.resetInto(buffers, seed),
    step: async (actions, from, to) => vector.stepInto(buffers, actions, from, to),
    state: async () => vector.state(),
    async restore(state) {
      vector.restore(state);
      vector.observeInto(buffers);
    },
  };
}
