/**
 * What computes for sessions in one thread or worker: policies by the hash of their bytes, acting and explained. The
 * thread is whoever starts it; several of these serve one host, so that an agent waits for no map.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { createActor } from '@saccade/agent';
import type { Dictionary } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import { createPolicyExplainer } from './explaining.ts';
import type { OverlayMap, PolicyExplainer, Sight } from './explaining.ts';
import type { ActingPolicy } from './frames.ts';

interface Loaded {
  readonly acting: ActingPolicy;
  readonly explainer: PolicyExplainer;
}

export interface PolicyEngine {
  /** Makes a policy known. @param dictionaries factors of its layers, where they are known */
  load(hash: string, read: () => Policy, dictionaries?: readonly Dictionary[]): Promise<void>;
  /** The factors by which maps of a layer are split, and the frames that they were fitted on. */
  dictionary(hash: string, layer: string): ReturnType<PolicyExplainer['dictionary']>;
  /** @param observation bytes 0-255, [height, width, channel] */
  act(hash: string, observation: Uint8Array): ReturnType<ActingPolicy['act']>;
  /** Prepares what every explanation needs, so that the first one comes sooner. */
  warm(hash: string): Promise<void>;
  /** One at a time, in turn: two at once would only finish later, both of them. */
  explain(hash: string, sight: Sight, request: OverlayRequest, cancellation?: Cancellation): Promise<OverlayMap>;
}

export function createPolicyEngine(compile: () => Promise<Compile>): PolicyEngine {
  const policies = new Map<string, Loaded>();
  let queue: Promise<unknown> = Promise.resolve();

  function loaded(hash: string): Loaded {
    const policy = policies.get(hash);
    if (!policy) throw new InputError(`engine: expected a loaded policy, got ${hash}`);
    return policy;
  }

  return {
    async load(hash, read, dictionaries) {
      if (policies.has(hash)) return;
      const policy = read();
      const compiler = await compile();
      const actor = await createActor(policy.network, policy.parameters, 1, compiler);
      const acting: ActingPolicy = {
        async act(observation) {
          const { logits, values } = await actor.act(observation);
          return { logits, value: values[0] };
        },
      };
      policies.set(hash, { acting, explainer: createPolicyExplainer(policy, compiler, acting, dictionaries) });
    },
    dictionary: async (hash, layer) => loaded(hash).explainer.dictionary(layer),
    act: async (hash, observation) => loaded(hash).acting.act(observation),
    warm: async (hash) => loaded(hash).explainer.warm(),
    explain(hash, sight, request, cancellation) {
      const explained = queue.then(() => {
        throwIfAborted(cancellation, request.method);
        return loaded(hash).explainer.explain(sight, request, cancellation);
      });
      queue = explained.catch(() => undefined);
      return explained;
    },
  };
}
