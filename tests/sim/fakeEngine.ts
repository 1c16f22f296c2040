/** An engine without a network: counts what it is asked, and answers at once or when told to. */
import { InputError } from '@saccade/core';
import type { Engine } from '../../apps/sim/src/workers/engine.ts';

export interface FakeEngine extends Engine {
  acts: number;
  /** Requests explained so far, as `method layer`. */
  readonly explained: string[];
  /** Explanations wait for this. */
  gate: Promise<void>;
  /** Policies that cannot act, by hash. */
  readonly broken: Set<string>;
}

export function fakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    description: 'a fake',
    acts: 0,
    explained: [],
    gate: Promise.resolve(),
    broken: new Set(),
    load: () => Promise.resolve(),
    act(hash, observation) {
      if (engine.broken.has(hash)) return Promise.reject(new Error('this engine is broken'));
      engine.acts++;
      // Prefers to run right (action 1), and depends on what is seen.
      const logits = Float32Array.of(0, 3, 0, 0, 1, 0, observation[5000] / 255);
      return Promise.resolve({ logits, value: observation[6000] / 255 });
    },
    async explain(_hash, { observation }, { method, layer, target }) {
      if (layer === '9z') throw new InputError('layer: expected one of 2b, got 9z');
      engine.explained.push(`${method} ${layer}`);
      await engine.gate;
      const map = Float32Array.of(observation[5000], observation[7000], method.length, layer.length);
      return { method, layer, target, shape: [2, 2], map, signed: false, scale: 255, score: 0 };
    },
    turned: (hash, turns) => Promise.resolve(turns.length === 0 ? hash : `${hash}/${JSON.stringify(turns)}`),
    readFactors: () => Promise.reject(new InputError('a fake has no factors')),
    field: () => Promise.reject(new InputError('a fake has no field')),
    play: (_hash, levelSeeds) =>
      Promise.resolve(
        levelSeeds.map((levelSeed) => ({ levelSeed, solved: levelSeed % 2 === 0, return: 0, length: 1, cause: 'saw' })),
      ),
    dispose: () => Promise.resolve(),
  };
  return engine;
}
