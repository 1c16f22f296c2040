/** What a vector environment writes: rows that the caller owns and may share between threads. */
import type { ObservationSpace } from './contract.ts';

/** Rows of environments; those marked "ended" hold a value only where `terminated` or `truncated` is 1. */
export interface VectorBuffers {
  /** Bytes 0-255, [envs, height, width, channel]; after an end, the first one of the next episode. */
  readonly observations: Uint8Array;
  /** [envs]. */
  readonly rewards: Float32Array;
  /** 0 or 1, [envs]. */
  readonly terminated: Uint8Array;
  /** 0 or 1, [envs]; never both. */
  readonly truncated: Uint8Array;
  /** Bytes 0-255, [envs, height, width, channel]; ended: the episode's last observation. */
  readonly terminalObservations: Uint8Array;
  /** [envs]; ended: index into `endCauses`, else 255. */
  readonly causes: Uint8Array;
  /** [envs]; ended: sum of the episode's rewards. */
  readonly episodeReturns: Float32Array;
  /** [envs]; ended: steps of the episode. */
  readonly episodeLengths: Int32Array;
  /** [envs]; ended: the level that was played. */
  readonly endedLevelSeeds: Uint32Array;
  /** [envs]; the level that is being played now. */
  readonly levelSeeds: Uint32Array;
}

/** Buffers for `vector`; `shared` backs them with SharedArrayBuffer, so that threads can hand them on by reference. */
export function createVectorBuffers(
  vector: { readonly count: number; readonly observationSpace: ObservationSpace },
  shared = false,
): VectorBuffers {
  const { count } = vector;
  const [height, width, channels] = vector.observationSpace.shape;
  const size = count * height * width * channels;
  const memory = (bytes: number): ArrayBufferLike => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return {
    observations: new Uint8Array(memory(size)),
    rewards: new Float32Array(memory(count * 4)),
    terminated: new Uint8Array(memory(count)),
    truncated: new Uint8Array(memory(count)),
    terminalObservations: new Uint8Array(memory(size)),
    causes: new Uint8Array(memory(count)),
    episodeReturns: new Float32Array(memory(count * 4)),
    episodeLengths: new Int32Array(memory(count * 4)),
    endedLevelSeeds: new Uint32Array(memory(count * 4)),
    levelSeeds: new Uint32Array(memory(count * 4)),
  };
}

/** Rows in [from, to) whose episode ended with the last step, ascending: the order in which they draw their levels. */
export function endedRows({ causes }: VectorBuffers, from: number, to: number): number[] {
  const rows: number[] = [];
  for (let row = from; row < to; row++) if (causes[row] !== 255) rows.push(row);
  return rows;
}

/** As before any step. */
export function clearOutcomes(buffers: VectorBuffers): void {
  buffers.rewards.fill(0);
  buffers.terminated.fill(0);
  buffers.truncated.fill(0);
  buffers.causes.fill(255);
}
