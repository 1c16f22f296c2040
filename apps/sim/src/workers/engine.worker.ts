/** The thread in which policies compute: acting and explaining, one thread each, so that an agent waits for no map. */
import { workerData } from 'node:worker_threads';
import type { Cancellation } from '@saccade/core';
import type { EnvironmentState } from '@saccade/envs';
import type { Dictionary } from '@saccade/insight';
import { decodePolicy } from '@saccade/nn';
import type { Compile } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import { createPolicyEngine } from '@saccade/session';
import type { DraftListener, EditedPolicy, FactorPlace, OverlayMap, Sight } from '@saccade/session';
import { answerCalls } from './calls.ts';
import { createCompile } from './runtime.ts';

/** What the thread is started with. */
export interface EngineSettings {
  readonly threads: number;
}

interface LoadRequest {
  readonly hash: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Factors that came with the policy. */
  readonly dictionaries: readonly Dictionary[];
}

const { threads } = workerData as EngineSettings;
let compile: Promise<Compile> | undefined;
const engine = createPolicyEngine(() => (compile ??= createCompile(threads)));

const functions = {
  /** Makes a policy known under the hash of its bytes. */
  load({ hash, name, bytes, dictionaries }: LoadRequest): Promise<void> {
    return engine.load(hash, () => decodePolicy(bytes, name), dictionaries);
  },
  edit(edited: EditedPolicy): Promise<void> {
    return engine.edit(edited);
  },
  readFactors({ hash, observation, place }: { hash: string; observation: Uint8Array; place: FactorPlace }) {
    return engine.readFactors(hash, observation, place);
  },
  field({ hash, state }: { hash: string; state: EnvironmentState }) {
    return engine.field(hash, state);
  },
  play({ hash, levelSeeds }: { hash: string; levelSeeds: readonly number[] }) {
    return engine.play(hash, levelSeeds);
  },
  dictionary({ hash, layer }: { hash: string; layer: string }) {
    return engine.dictionary(hash, layer);
  },
  act({ hash, observation }: { hash: string; observation: Uint8Array }) {
    return engine.act(hash, observation);
  },
  warm({ hash }: { hash: string }): Promise<void> {
    return engine.warm(hash);
  },
  explain(
    { hash, sight, request }: { hash: string; sight: Sight; request: OverlayRequest },
    cancellation: Cancellation,
    draft: DraftListener,
  ): Promise<OverlayMap> {
    return engine.explain(hash, sight, request, cancellation, draft);
  },
};

export type EngineFunctions = typeof functions;

answerCalls(functions);
