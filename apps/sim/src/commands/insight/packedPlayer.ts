/**
 * A policy that plays many episodes at once in small batches. Only episodes that still run are packed into batches, so
 * that the last long ones do not pay for rows that have ended; the batches of one step go to the engine together and
 * keep all of its threads busy.
 */
import { sampleIndex, softmaxInto } from '@saccade/agent';
import type { Actor, Player } from '@saccade/agent';
import { sizeOf } from '@saccade/core';
import type { Network } from '@saccade/nn';

/** Rows of a batch: a frame costs as much as in one of 64, and few rows of the last batch stay empty. */
export const actingBatch = 16;

/** Actions are sampled. @param actor of any batch; the evaluation may have any number of environments */
export function packedPlayer(actor: Actor, { actions: choices, observationShape }: Network): Player {
  const size = sizeOf(observationShape);
  return async (actions, observations, turns) => {
    const { batch } = actor;
    const starts = Array.from({ length: Math.ceil(turns.length / batch) }, (_, i) => i * batch);
    await Promise.all(
      starts.map(async (start) => {
        const part = turns.slice(start, start + batch);
        const packed = new Uint8Array(batch * size);
        part.forEach(({ row }, i) => packed.set(observations.subarray(row * size, (row + 1) * size), i * size));
        const { logits } = await actor.act(packed);
        const probabilities = new Float64Array(choices);
        part.forEach(({ row, stream }, i) => {
          softmaxInto(probabilities, logits, i * choices, choices);
          actions[row] = sampleIndex(probabilities, stream);
        });
      }),
    );
  };
}

/** Hands a player only the rows that still play, side by side. @param size of one observation */
export function packRows(player: Player, size: number): Player {
  return async (actions, observations, turns) => {
    const packed = new Uint8Array(turns.length * size);
    turns.forEach(({ row }, i) => packed.set(observations.subarray(row * size, (row + 1) * size), i * size));
    const chosen = new Int32Array(turns.length);
    await player(
      chosen,
      packed,
      turns.map(({ stream }, row) => ({ row, stream })),
    );
    turns.forEach(({ row }, i) => (actions[row] = chosen[i]));
  };
}
