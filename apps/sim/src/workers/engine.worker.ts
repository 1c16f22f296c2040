/** The thread in which policies compute: acting and explaining, one thread each, so that an agent waits for no map. */
import { workerData } from 'node:worker_threads';
import { InputError, throwIfAborted } from '@saccade/core';
import { createActor } from '@saccade/agent';
import { decodePolicy } from '@saccade/nn';
import type { Compile } from '@saccade/nn';
import type { Cancellation } from '@saccade/core';
import type { OverlayRequest } from '@saccade/protocol';
import { answerCalls } from './calls.ts';
import { createPolicyExplainer } from './explaining.ts';
import type { OverlayMap, PolicyExplainer, Sight } from './explaining.ts';
import type { ActingPolicy } from './frames.ts';
import { createCompile } from './runtime.ts';

/** What the thread is started with. */
export interface EngineSettings {
  readonly threads: number;
}

interface Loaded {
  readonly acting: ActingPolicy;
  readonly explainer: PolicyExplainer;
}

const { threads } = workerData as EngineSettings;
let compile: Promise<Compile> | undefined;
const policies = new Map<string, Loaded>();

async function load(bytes: Uint8Array, name: string): Promise<Loaded> {
  compile ??= createCompile(threads);
  const policy = decodePolicy(bytes, name);
  const actor = await createActor(policy.network, policy.parameters, 1, await compile);
  const acting: ActingPolicy = {
    async act(observation) {
      const { logits, values } = await actor.act(observation);
      return { logits, value: values[0] };
    },
  };
  return { acting, explainer: createPolicyExplainer(policy, await compile, acting) };
}

function loaded(hash: string): Loaded {
  const policy = policies.get(hash);
  if (!policy) throw new InputError(`engine: expected a loaded policy, got ${hash}`);
  return policy;
}

let queue: Promise<unknown> = Promise.resolve();

const functions = {
  /** Makes a policy known under the hash of its bytes. */
  async load({ hash, name, bytes }: { hash: string; name: string; bytes: Uint8Array }): Promise<void> {
    if (!policies.has(hash)) policies.set(hash, await load(bytes, name));
  },
  act({ hash, observation }: { hash: string; observation: Uint8Array }) {
    return loaded(hash).acting.act(observation);
  },
  warm({ hash }: { hash: string }): Promise<void> {
    return loaded(hash).explainer.warm();
  },
  explain(
    { hash, sight, request }: { hash: string; sight: Sight; request: OverlayRequest },
    cancellation: Cancellation,
  ): Promise<OverlayMap> {
    // In turn: two at once would only finish later, both of them.
    const explained = queue.then(() => {
      throwIfAborted(cancellation, request.method);
      return loaded(hash).explainer.explain(sight, request, cancellation);
    });
    queue = explained.catch(() => undefined);
    return explained;
  },
};

export type EngineFunctions = typeof functions;

answerCalls(functions);
