/**
 * A thousand short episodes, hashed: what Node, Chromium and every other machine must agree on. Runs anywhere; the
 * expected hashes are in tests/golden/coinrun.json, written by tests/golden/coinrun_write.ts.
 */
import { createHasher, createStream } from '@saccade/core';
import { createCoinRun, createOutcome } from '@saccade/envs';
import type { Difficulty } from '@saccade/envs';

export const GOLDEN_PAIRS = 1000;
const STEPS = 60;

export interface GoldenHashes {
  /** Over the state hash of every step. */
  readonly states: string;
  /** Over the observations of every tenth step and the last. */
  readonly pixels: string;
}

/** Plays `pairs` / 2 seeds of each difficulty, each with an action list of its own. */
export function playGolden(pairs = GOLDEN_PAIRS): Record<Difficulty, GoldenHashes> {
  return { easy: playMode('easy', pairs / 2), hard: playMode('hard', pairs / 2) };
}

function playMode(difficulty: Difficulty, episodes: number): GoldenHashes {
  const environment = createCoinRun({ difficulty });
  const observation = new Uint8Array(64 * 64 * 3);
  const states = createHasher();
  const pixels = createHasher();
  const outcome = createOutcome();
  const encode = (hex: string): void => {
    states.integer(parseInt(hex.slice(0, 8), 16)).integer(parseInt(hex.slice(8), 16));
  };
  for (let seed = 0; seed < episodes; seed++) {
    const actions = createStream(seed, 'golden actions');
    environment.begin(seed);
    let action = 0;
    for (let step = 0; step < STEPS; step++) {
      if (step % 4 === 0) action = actions.chance(0.6) ? 1 + 3 * actions.integer(2) : actions.integer(7);
      environment.stepInto(outcome, action);
      encode(environment.stateHash());
      const ended = outcome.cause >= 0;
      if (step % 10 === 0 || ended) {
        environment.observeInto(observation, 0);
        pixels.bytes(observation);
      }
      if (ended) break;
    }
  }
  return { states: states.digest(), pixels: pixels.digest() };
}
