/**
 * The functions of an engine as those beside its thread or worker call them: one argument each, of what structured
 * cloning carries. Server and page differ in how calls travel, not in what is called.
 */
import type { Cancellation } from '@saccade/core';
import type { EnvironmentState } from '@saccade/envs';
import type { Dictionary } from '@saccade/insight';
import { decodePolicy } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import type { DraftListener, OverlayMap, Sight } from './explaining.ts';
import type { PolicyEngine } from './policyEngine.ts';
import type { EditedPolicy, FactorPlace } from './supposeEngine.ts';

export interface LoadCall {
  /** Of the bytes. */
  readonly hash: string;
  /** What errors call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Factors that came with the policy. */
  readonly dictionaries: readonly Dictionary[];
}

export interface ExplainCall {
  readonly hash: string;
  readonly sight: Sight;
  readonly request: OverlayRequest;
}

export function engineCalls(engine: PolicyEngine) {
  return {
    /** Makes a policy known under the hash of its bytes. */
    load: ({ hash, name, bytes, dictionaries }: LoadCall): Promise<void> =>
      engine.load(hash, () => decodePolicy(bytes, name), dictionaries),
    edit: (edited: EditedPolicy): Promise<void> => engine.edit(edited),
    readFactors: ({ hash, observation, place }: { hash: string; observation: Uint8Array; place: FactorPlace }) =>
      engine.readFactors(hash, observation, place),
    field: ({ hash, state }: { hash: string; state: EnvironmentState }) => engine.field(hash, state),
    play: ({ hash, levelSeeds }: { hash: string; levelSeeds: readonly number[] }) => engine.play(hash, levelSeeds),
    dictionary: ({ hash, layer }: { hash: string; layer: string }) => engine.dictionary(hash, layer),
    act: ({ hash, observation }: { hash: string; observation: Uint8Array }) => engine.act(hash, observation),
    warm: ({ hash }: { hash: string }): Promise<void> => engine.warm(hash),
    explain: (
      { hash, sight, request }: ExplainCall,
      cancellation?: Cancellation,
      draft?: DraftListener,
    ): Promise<OverlayMap> => engine.explain(hash, sight, request, cancellation, draft),
  };
}

export type EngineCalls = ReturnType<typeof engineCalls>;
