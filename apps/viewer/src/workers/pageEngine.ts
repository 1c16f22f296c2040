/**
 * The engine of a page that hosts its own session: acts in this worker, explains in a second one, plays whole levels in
 * a third that begins when it is needed, and loads policies late.
 */
import type { Dictionary } from '@saccade/insight';
import { decodePolicy } from '@saccade/nn';
import { createPolicyEngine, dictionaryOf, EditedPolicies } from '@saccade/session';
import type { ActingPolicy, OverlayEngine, SupposeEngine } from '@saccade/session';
import { EngineWorker } from './engineWorker.ts';
import { createPageRuntime } from './onnxRuntime.ts';
import type { PolicyShelf } from './policyShelf.ts';

export interface PageEngine extends OverlayEngine, SupposeEngine {
  /** For people: `ONNX Runtime 1.30.0 (wasm, 1 thread)`. */
  readonly description: string;
  act(hash: string, observation: Uint8Array): ReturnType<ActingPolicy['act']>;
  /** Makes a policy ready to act, and soon after to be explained. */
  load(hash: string): Promise<void>;
}

type Known = Map<string, Promise<unknown>>;

/** Once for each hash; what failed may do better the next time. */
async function once(known: Known, hash: string, work: () => Promise<unknown>): Promise<void> {
  const before = known.get(hash);
  const promise = before ?? work();
  if (!before) {
    known.set(hash, promise);
    promise.catch(() => known.delete(hash));
  }
  await promise;
}

/** @param wasm bytes of ONNX Runtime's wasm file @throws InputError when the browser lacks what it needs */
export async function createPageEngine(wasm: Promise<Uint8Array>, shelf: PolicyShelf): Promise<PageEngine> {
  // Its script is read while the wasm is on its way.
  const explainer = new EngineWorker('the worker that explains');
  const bytes = await wasm;
  explainer.start(bytes);
  let player: EngineWorker | undefined;
  const { compile, description } = await createPageRuntime(bytes);
  const acting = createPolicyEngine(() => Promise.resolve(compile));
  const edited = new EditedPolicies();
  const toAct: Known = new Map();
  const toExplain: Known = new Map();
  const toPlay: Known = new Map();

  /** Ready to act as the policy with this hash, an edited one too. */
  async function readyToAct(hash: string): Promise<void> {
    const recipe = edited.get(hash);
    const base = recipe?.base ?? hash;
    await once(toAct, base, async () => {
      const weights = await shelf.bytes(base);
      await acting.load(base, () => decodePolicy(weights, base));
    });
    // Edited ones are made when they are needed, and forgotten when they are not.
    if (recipe) await acting.edit(recipe);
  }

  async function readyIn(worker: EngineWorker, known: Known, hash: string): Promise<EngineWorker> {
    const recipe = edited.get(hash);
    const base = recipe?.base ?? hash;
    await once(known, base, async () => {
      // Without its features factors are fitted anew: slower, and others than a server shows.
      const [weights, features] = await Promise.all([shelf.bytes(base), shelf.features(base).catch(() => undefined)]);
      const dictionaries = (features?.layers ?? []).map(dictionaryOf);
      await worker.call('load', { hash: base, name: base, bytes: weights, dictionaries });
      // Not waited for: the first explanation finds it done, or on its way.
      if (worker === explainer) worker.call('warm', { hash: base }).catch(() => undefined);
    });
    if (recipe) await worker.call('edit', recipe);
    return worker;
  }
  const explaining = (hash: string): Promise<EngineWorker> => readyIn(explainer, toExplain, hash);

  return {
    description,
    async load(hash) {
      await readyToAct(hash);
      explaining(hash).catch(() => undefined);
    },
    async act(hash, observation) {
      await readyToAct(hash);
      return acting.act(hash, observation);
    },
    async explain(hash, sight, request, signal, draft) {
      return (await explaining(hash)).call('explain', { hash, sight, request }, signal, draft);
    },
    turned(hash, turns) {
      const dictionary = async (layer: string): Promise<Dictionary> =>
        (await (await explaining(hash)).call('dictionary', { hash, layer })).dictionary;
      return edited.name(hash, turns, dictionary, async (recipe) => {
        await readyToAct(hash);
        await acting.edit(recipe);
      });
    },
    async readFactors(hash, observation, place) {
      return (await explaining(hash)).call('readFactors', { hash, observation, place });
    },
    async field(hash, state) {
      return (await explaining(hash)).call('field', { hash, state });
    },
    async play(hash, levelSeeds) {
      if (!player) {
        player = new EngineWorker('the worker that plays levels');
        player.start(bytes);
      }
      return (await readyIn(player, toPlay, hash)).call('play', { hash, levelSeeds });
    },
  };
}
