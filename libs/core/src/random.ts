/**
 * Seeded random streams. Every source of chance in Saccade is one of these, handed in by its user: nothing calls
 * `Math.random`. The generator is seedrandom's alea, whose state is small JSON, so that a checkpoint can hold it.
 */
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- consumers compile this file without our include list
/// <reference path="./alea.d.ts" />
import alea from 'seedrandom/lib/alea.js';
import type { Alea } from 'seedrandom/lib/alea.js';

/** Alea's internal state, plain JSON: three lanes and a carry. */
export interface RandomState {
  readonly c: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
}

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound). `bound` is a positive integer. */
  integer(bound: number): number;
  /** Uniform integer in [low, high], both included. */
  between(low: number, high: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** A fresh copy of the state; `restoreStream` continues from it. */
  state(): RandomState;
}

function streamFrom(generator: Alea): RandomStream {
  const next = (): number => generator();
  const integer = (bound: number): number => Math.floor(generator() * bound);
  return {
    next,
    integer,
    between: (low, high) => low + integer(high - low + 1),
    chance: (p) => generator() < p,
    state: () => ({ ...generator.state() }),
  };
}

/** A stream named by its seed and its purpose, so that two purposes under one seed never share numbers. */
export function createStream(seed: number | string, purpose = ''): RandomStream {
  return streamFrom(alea(`${seed}/${purpose}`, { state: true }));
}

/** Continues a stream from a state that `state()` returned. */
export function restoreStream(state: RandomState): RandomStream {
  return streamFrom(alea('', { state: { ...state } }));
}

/** One standard normal draw (Box and Muller 1958). Uses transcendental functions: never for levels or dynamics. */
export function normal(stream: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - stream.next()));
  return radius * Math.cos(2 * Math.PI * stream.next());
}

/** Shuffles `items` in place (Fisher and Yates). */
export function shuffle(items: Int32Array | number[], stream: RandomStream): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = stream.integer(last + 1);
    const held = items[last];
    items[last] = items[other];
    items[other] = held;
  }
}
