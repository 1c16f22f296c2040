/**
 * What computes for sessions in one thread or worker: policies by the hash of their bytes, acting and explained. The
 * thread is whoever starts it; several of these serve one host, so that an agent waits for no map.
 */
import { InputError, throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { createActor, createFromSpec, environmentOf, playLevels, policyPlayer } from '@saccade/agent';
import type { Actor, EpisodeResult } from '@saccade/agent';
import type { EnvironmentState } from '@saccade/envs';
import { removeDirection, vectorField } from '@saccade/insight';
import type { Dictionary, VectorField } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { OverlayRequest } from '@saccade/protocol';
import { createPolicyExplainer } from './explaining.ts';
import type { Ancestor, DraftListener, OverlayMap, PolicyExplainer, Sight } from './explaining.ts';
import type { FactorReadings } from './factorReadings.ts';
import type { ActingPolicy } from './frames.ts';
import { environmentFor } from './player.ts';
import type { EditedPolicy, FactorPlace } from './supposeEngine.ts';

interface Loaded {
  readonly policy: Policy;
  /** For a number of frames at once. */
  actor(batch: number): Promise<Actor>;
  dispose(): void;
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
  /** Makes an edited policy known, and keeps it known for a while. @throws InputError when it cannot be edited so */
  edit(edited: EditedPolicy): Promise<void>;
  readFactors(hash: string, observation: Uint8Array, place: FactorPlace): Promise<FactorReadings>;
  /** Where the policy would go from everywhere in the level as it stands. */
  field(hash: string, state: EnvironmentState): Promise<VectorField>;
  /** Plays levels, actions sampled, each with a stream of its own: two policies meet the same noise. */
  play(hash: string, levelSeeds: readonly number[]): Promise<EpisodeResult[]>;
  /** Prepares what every explanation needs, so that the first one comes sooner. */
  warm(hash: string): Promise<void>;
  /** One at a time, in turn: two at once would only finish later, both of them. */
  explain(
    hash: string,
    sight: Sight,
    request: OverlayRequest,
    cancellation?: Cancellation,
    draft?: DraftListener,
  ): Promise<OverlayMap>;
}

/** Edited policies kept: each holds compiled functions, and a slider that moves leaves many behind. */
const editedKept = 6;
const fieldBatch = 16;
const playBatch = 8;

export function createPolicyEngine(compile: () => Promise<Compile>): PolicyEngine {
  const policies = new Map<string, Loaded>();
  const edited = new Map<string, Promise<Loaded>>();
  let queue: Promise<unknown> = Promise.resolve();

  function loaded(hash: string): Loaded {
    const policy = policies.get(hash);
    if (!policy) throw new InputError(`engine: expected a loaded policy, got ${hash}`);
    return policy;
  }

  async function prepare(policy: Policy, dictionaries?: readonly Dictionary[], ancestor?: Ancestor): Promise<Loaded> {
    const compiler = await compile();
    const actors = new Map<number, Promise<Actor>>();
    const actorFor = (batch: number): Promise<Actor> => {
      const known = actors.get(batch) ?? createActor(policy.network, policy.parameters, batch, compiler);
      actors.set(batch, known);
      return known;
    };
    const actor = await actorFor(1);
    const acting: ActingPolicy = {
      async act(observation) {
        const { logits, values } = await actor.act(observation);
        return { logits, value: values[0] };
      },
    };
    const explainer = createPolicyExplainer(policy, compiler, acting, dictionaries, ancestor);
    return {
      policy,
      acting,
      explainer,
      actor: actorFor,
      dispose() {
        explainer.dispose();
        for (const made of actors.values()) void made.then((one) => one.dispose()).catch(() => undefined);
      },
    };
  }

  async function edit({ hash, base, removals }: EditedPolicy): Promise<void> {
    const { policy, explainer } = loaded(base);
    const apply = (): Policy =>
      removals.reduce(
        (before, { layer, direction, strength }) => removeDirection(before, layer, direction, strength),
        policy,
      );
    const made = edited.get(hash) ?? Promise.resolve().then(() => prepare(apply(), undefined, explainer));
    // Last in the order: the longest unused go first.
    edited.delete(hash);
    edited.set(hash, made);
    try {
      policies.set(hash, await made);
    } catch (error) {
      edited.delete(hash);
      throw error;
    }
    for (const [oldest, gone] of edited) {
      if (edited.size <= editedKept) return;
      edited.delete(oldest);
      policies.delete(oldest);
      // Whatever still computes with it finishes first.
      void Promise.all([gone, queue]).then(([one]) => one.dispose());
    }
  }

  return {
    async load(hash, read, dictionaries) {
      if (!policies.has(hash)) policies.set(hash, await prepare(read(), dictionaries));
    },
    edit,
    readFactors: async (hash, observation, place) => loaded(hash).explainer.readFactors(observation, place),
    async field(hash, state) {
      const { policy, actor } = loaded(hash);
      const world = environmentFor(policy);
      world.setState(state);
      return vectorField(world, await actor(fieldBatch));
    },
    async play(hash, levelSeeds) {
      const { policy, actor } = loaded(hash);
      const rows = Math.min(playBatch, levelSeeds.length);
      const environments = Array.from({ length: rows }, () => createFromSpec(environmentOf(policy)));
      const player = policyPlayer(await actor(rows), policy.actions.length, false);
      return playLevels({ environments, player, levelSeeds, seed: 0 });
    },
    dictionary: async (hash, layer) => loaded(hash).explainer.dictionary(layer),
    act: async (hash, observation) => loaded(hash).acting.act(observation),
    warm: async (hash) => loaded(hash).explainer.warm(),
    explain(hash, sight, request, cancellation, draft) {
      const explained = queue.then(() => {
        throwIfAborted(cancellation, request.method);
        return loaded(hash).explainer.explain(sight, request, cancellation, draft);
      });
      queue = explained.catch(() => undefined);
      return explained;
    },
  };
}
