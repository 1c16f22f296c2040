/**
 * The server's engine: two threads that all sessions share, one that acts and one that explains. A thread that dies
 * is started again by the next call, with the policies that it knew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError, internalError } from '@saccade/core';
import type { Dictionary } from '@saccade/insight';
import type { OverlayRequest } from '@saccade/protocol';
import { dictionaryOf, EditedPolicies } from '@saccade/session';
import type {
  CancelSignal,
  DraftListener,
  EditedPolicy,
  EngineCalls,
  OverlayMap,
  Sight,
  SupposeEngine,
} from '@saccade/session';
import { root } from '../installation.ts';
import { shippedFeatures } from '../storage/features.ts';
import { callThread } from './calls.ts';
import type { Caller } from './calls.ts';
import { endThread } from './ending.ts';
import type { EngineSettings } from './engine.worker.ts';
import type { FeaturesJob, FeaturesNews, FeaturesResult } from './features.worker.ts';
import { spawnWorker } from './spawn.ts';

export interface PolicyBytes {
  /** Hash of the bytes: what the other calls name the policy by. */
  readonly hash: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of its file, where it has one: what lies beside it says which factors its layers have. */
  readonly path?: string;
}

/** As the threads know it. */
interface KnownPolicy extends PolicyBytes {
  readonly dictionaries: readonly Dictionary[];
}

export interface Engine extends SupposeEngine {
  /** For people: `ONNX Runtime 1.30.0 (CPU)`. */
  readonly description: string;
  load(policy: PolicyBytes): Promise<void>;
  /** @param observation bytes 0-255, [height, width, channel] */
  act(hash: string, observation: Uint8Array): Promise<{ readonly logits: Float32Array; readonly value: number }>;
  explain(
    hash: string,
    sight: Sight,
    request: OverlayRequest,
    signal?: CancelSignal,
    draft?: DraftListener,
  ): Promise<OverlayMap>;
  /** The factors by which overlays of a layer are split, and the frames that they were fitted on. */
  dictionary?(hash: string, layer: string): Promise<{ readonly dictionary: Dictionary; readonly frames: number }>;
  /** Computes features in a thread of its own. */
  features?(
    hash: string,
    job: Pick<FeaturesJob, 'bank' | 'task'>,
    progress: (what: string, done: number) => void,
  ): Promise<FeaturesResult>;
  dispose(): Promise<void>;
}

class Thread {
  private caller: Promise<Caller<EngineCalls>> | undefined;
  private readonly known = new Map<string, KnownPolicy>();

  constructor(private readonly settings: EngineSettings) {}

  private async start(): Promise<Caller<EngineCalls>> {
    const worker = await spawnWorker('engine', this.settings);
    worker.once('exit', () => (this.caller = undefined));
    const caller = callThread<EngineCalls>(worker);
    for (const policy of this.known.values()) await caller.call('load', policy);
    return caller;
  }

  async ready(): Promise<Caller<EngineCalls>> {
    this.caller ??= this.start();
    try {
      return await this.caller;
    } catch (error) {
      this.caller = undefined;
      throw error;
    }
  }

  async load(policy: KnownPolicy): Promise<void> {
    const caller = await this.ready();
    await caller.call('load', policy);
    this.known.set(policy.hash, policy);
  }

  /** Ready for a policy, edited ones too: they are made when they are needed, and forgotten when they are not. */
  async readyFor(edited: EditedPolicy | undefined): Promise<Caller<EngineCalls>> {
    const caller = await this.ready();
    if (edited) await caller.call('edit', edited);
    return caller;
  }

  async end(): Promise<void> {
    const caller = await this.caller?.catch(() => undefined);
    await caller?.end();
  }
}

/** `ONNX Runtime 1.30.0 (CPU)`; without it the threads compute on TensorFlow.js (devices/lastResort.ts). */
function describeEngine(): string {
  const file = join(root, 'node_modules', 'onnxruntime-node', 'package.json');
  if (!existsSync(file)) return 'TensorFlow.js (CPU)';
  return `ONNX Runtime ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version} (CPU)`;
}

/** A policy plays without its features; whoever asks for them is told what is wrong with the file. */
function withoutFeatures(error: unknown): undefined {
  if (!(error instanceof InputError)) throw error;
}

export function createEngine(): Engine {
  const acting = new Thread({ threads: 1 });
  const explaining = new Thread({ threads: Math.max(1, Math.min(4, availableParallelism() - 1)) });
  const known = new Map<string, { readonly name: string; readonly bytes: Uint8Array }>();
  const playing = new Thread({ threads: 1 });
  const policies = new Map<string, KnownPolicy>();
  const edited = new EditedPolicies();
  const computing = new Set<Awaited<ReturnType<typeof spawnWorker>>>();
  return {
    description: describeEngine(),
    async load({ hash, name, bytes, path }) {
      const shipped =
        path !== undefined && isAbsolute(path) ? await shippedFeatures(path, hash).catch(withoutFeatures) : undefined;
      const policy = { hash, name, bytes, dictionaries: (shipped?.layers ?? []).map(dictionaryOf) };
      known.set(hash, { name, bytes });
      policies.set(hash, policy);
      await Promise.all([acting.load(policy), explaining.load(policy)]);
      // Not waited for: the first explanation finds it done, or on its way.
      const warmed = explaining.ready().then((caller) => caller.call('warm', { hash: policy.hash }));
      warmed.catch(() => undefined);
    },
    async act(hash, observation) {
      return (await acting.readyFor(edited.get(hash))).call('act', { hash, observation });
    },
    async explain(hash, sight, request, signal, draft) {
      const caller = await explaining.readyFor(edited.get(hash));
      return caller.call(
        'explain',
        { hash, sight, request },
        { signal, draft: draft && ((part) => draft(part as OverlayMap)) },
      );
    },
    turned(hash, turns) {
      const dictionary = async (layer: string): Promise<Dictionary> =>
        (await (await explaining.ready()).call('dictionary', { hash, layer })).dictionary;
      return edited.name(hash, turns, dictionary, (recipe) =>
        Promise.all([acting.readyFor(recipe), explaining.readyFor(recipe)]),
      );
    },
    async readFactors(hash, observation, place) {
      return (await explaining.readyFor(edited.get(hash))).call('readFactors', { hash, observation, place });
    },
    async field(hash, state) {
      return (await explaining.readyFor(edited.get(hash))).call('field', { hash, state });
    },
    async play(hash, levelSeeds) {
      const recipe = edited.get(hash);
      const base = policies.get(recipe?.base ?? hash);
      if (base) await playing.load(base);
      return (await playing.readyFor(recipe)).call('play', { hash, levelSeeds });
    },
    async dictionary(hash, layer) {
      return (await explaining.ready()).call('dictionary', { hash, layer });
    },
    async features(hash, job, progress) {
      const policy = known.get(hash);
      if (!policy) throw new InputError(`engine: expected a loaded policy, got ${hash}`);
      const worker = await spawnWorker('features', { ...policy, ...job } satisfies FeaturesJob);
      computing.add(worker);
      try {
        return await new Promise<FeaturesResult>((resolve, reject) => {
          worker.on('message', (news: FeaturesNews) => {
            if ('result' in news) resolve(news.result);
            else if ('error' in news) reject(news.input ? new InputError(news.error) : internalError(news.error));
            else progress(news.what, news.done);
          });
          worker.once('error', (error) => reject(internalError(`features: ${(error as Error).message}`)));
          worker.once('exit', () => reject(internalError('features: the thread ended before its work')));
        });
      } finally {
        computing.delete(worker);
        void endThread(worker);
      }
    },
    async dispose() {
      await Promise.all([...computing].map(endThread));
      await Promise.all([acting.end(), explaining.end(), playing.end()]);
    },
  };
}
