/** A thread that steps some of a vector's environments into memory that it shares with whoever trains on them. */
import { workerData } from 'node:worker_threads';
import { createFromSpec } from '@saccade/agent';
import type { EnvironmentSpec } from '@saccade/agent';
import { createLanes } from '@saccade/envs';
import type { VectorBuffers } from '@saccade/envs';
import { answerCalls } from './calls.ts';

/** What the thread is started with. */
export interface LanesSettings {
  readonly environment: EnvironmentSpec;
  /** Rows of the buffers that are this thread's. */
  readonly rows: readonly number[];
  /** Over shared memory, as the two below. */
  readonly buffers: VectorBuffers;
  /** [envs] */
  readonly actions: Int32Array;
}

export interface Beginning {
  readonly row: number;
  readonly level: number;
}

const { environment, rows, buffers, actions } = workerData as LanesSettings;
const lanes = createLanes(() => createFromSpec(environment), rows);

const functions = {
  async begin(beginnings: readonly Beginning[]): Promise<void> {
    for (const { row, level } of beginnings) lanes.beginInto(buffers, row, level);
  },
  async step({ from, to }: { from: number; to: number }): Promise<void> {
    lanes.stepInto(buffers, actions, from, to);
  },
  states: async () => lanes.states(),
  async restore(states: readonly unknown[]): Promise<void> {
    lanes.restore(states);
    lanes.observeInto(buffers);
  },
};

export type LanesFunctions = typeof functions;

answerCalls(functions);
