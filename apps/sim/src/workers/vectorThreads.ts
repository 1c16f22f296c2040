/**
 * A vector environment whose environments step in worker threads, into shared memory. Levels are chosen here, in the
 * order of the calls, so that trajectories are the same bytes for any number of threads, none included.
 */
import type { Worker } from 'node:worker_threads';
import { createFromSpec } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import {
  clearOutcomes,
  createLevelReplay,
  createLevelSampler,
  createVectorBuffers,
  endedRows,
  expectActions,
  expectVectorState,
} from '@saccade/envs';
import type { EnvironmentState, SteppedVector, VectorConfig } from '@saccade/envs';
import { callThread } from './calls.ts';
import type { Beginning, LanesFunctions, LanesSettings } from './environments.worker.ts';
import { spawnWorker } from './spawn.ts';

export interface ThreadedVector extends SteppedVector {
  /** Ends the threads. */
  dispose(): Promise<void>;
}

/** @param spawn starts a thread of this folder by its name */
export async function createThreadedVector(
  environment: EnvironmentSpec,
  { count, levels, seed, replay = 0, threads }: VectorConfig & { readonly threads: number },
  spawn: (name: string, settings: LanesSettings) => Promise<Worker> = spawnWorker,
): Promise<ThreadedVector> {
  const { observationSpace, actionSpace, endCauses } = createFromSpec(environment);
  const sampler = createLevelReplay(createLevelSampler(levels, seed), replay, seed);
  const buffers = createVectorBuffers({ count, observationSpace }, true);
  const shared = new Int32Array(new SharedArrayBuffer(4 * count));
  const used = Math.min(threads, count);
  // Dealt out in turn: every group of rows is shared by all of the threads.
  const rowsOf = (thread: number): number[] =>
    Array.from({ length: Math.ceil((count - thread) / used) }, (_, i) => thread + i * used);
  const callers = await Promise.all(
    Array.from({ length: used }, async (_, thread) => {
      const worker = await spawn('environments', { environment, rows: rowsOf(thread), buffers, actions: shared });
      return callThread<LanesFunctions>(worker, 'an environment thread');
    }),
  );
  /** Settles when every level that was due so far has been drawn. */
  let drawn: Promise<unknown> = Promise.resolve();

  async function begin(rows: readonly number[], before?: (row: number) => void): Promise<void> {
    const beginnings: Beginning[][] = callers.map(() => []);
    for (const row of rows) {
      before?.(row);
      beginnings[row % used].push({ row, level: sampler.next() });
    }
    await Promise.all(
      callers.map((caller, thread) =>
        beginnings[thread].length > 0 ? caller.call('begin', beginnings[thread]) : null,
      ),
    );
  }

  /** As in one thread: how an episode ended is told before its environment's next level is drawn. */
  function beginAfter(rows: readonly number[]): Promise<void> {
    return begin(rows, (row) => sampler.ended(buffers.endedLevelSeeds[row], buffers.episodeReturns[row] > 0));
  }

  return {
    count,
    observationSpace,
    actionSpace,
    endCauses,
    buffers,
    async reset(newSeed) {
      sampler.reseed(newSeed);
      await begin(Array.from({ length: count }, (_, row) => row));
      clearOutcomes(buffers);
    },
    async step(actions, from, to) {
      expectActions(actions, count, actionSpace.names.length, from, to);
      shared.set(actions.subarray(from, to), from);
      const stepped = Promise.all(callers.map((caller) => caller.call('step', { from, to })));
      const before = drawn;
      // `begin` draws its levels before it waits for anything, so the next group may draw once this one has begun to.
      const mine = (async () => {
        await Promise.all([before, stepped]);
        return { begun: beginAfter(endedRows(buffers, from, to)) };
      })();
      drawn = mine.catch(() => undefined);
      await (
        await mine
      ).begun;
    },
    async state() {
      const parts = await Promise.all(callers.map((caller) => caller.call('states', undefined as never)));
      const environments = Array.from({ length: count }, (_, row): EnvironmentState => {
        return parts[row % used][Math.floor(row / used)];
      });
      return { version: 1, levels: sampler.cursor(), environments };
    },
    async restore(state) {
      const { levels: cursor, environments } = expectVectorState(state, count);
      sampler.moveTo(cursor);
      await Promise.all(
        callers.map((caller, thread) =>
          caller.call(
            'restore',
            rowsOf(thread).map((row) => environments[row]),
          ),
        ),
      );
    },
    async dispose() {
      await Promise.all(callers.map((caller) => caller.end()));
    },
  };
}
