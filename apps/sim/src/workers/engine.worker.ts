/** The thread in which policies compute: acting and explaining, one thread each, so that an agent waits for no map. */
import { workerData } from 'node:worker_threads';
import type { Compile } from '@saccade/nn';
import { createPolicyEngine, engineCalls } from '@saccade/session';
import { answerCalls } from './calls.ts';
import { createCompile } from './runtime.ts';

/** What the thread is started with. */
export interface EngineSettings {
  readonly threads: number;
}

const { threads } = workerData as EngineSettings;
let compile: Promise<Compile> | undefined;

answerCalls(engineCalls(createPolicyEngine(() => (compile ??= createCompile(threads)))));
