/** The steps of a recording as a Parquet file, a row a step, plain columns: pandas, DuckDB and R read it as it is. */
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '@saccade/core';
import { actorSchema } from '../edit.ts';
import type { WireActor } from '../edit.ts';
import type { End } from '../end.ts';

export interface RecordedStep {
  /** Index into the manifest's actions. */
  readonly action: number;
  readonly actor: WireActor;
  readonly reward: number;
  /** What the policy thought before the step, float32; NaN and empty where nobody was asked. */
  readonly value: number;
  readonly logits: Float32Array;
  /** How the step ended the episode. */
  readonly end: End | null;
  /** Of the environment after the step. */
  readonly stateHash: string;
}

const logitColumn = (action: string): string => `logit_${action}`;

/** @param actions names, in the order of the logits */
export function encodeSteps(steps: readonly RecordedStep[], actions: readonly string[]): Uint8Array {
  const thoughts = steps.some(({ logits }) => logits.length > 0);
  const logits = thoughts
    ? actions.map((name, i) => ({
        name: logitColumn(name),
        data: steps.map((step) => step.logits[i]),
        type: 'FLOAT' as const,
        nullable: false,
      }))
    : [];
  const value = { name: 'value', data: steps.map((step) => step.value), type: 'FLOAT' as const, nullable: false };
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'step', data: steps.map((_, i) => i), type: 'INT32', nullable: false },
      { name: 'action', data: steps.map(({ action }) => action), type: 'INT32', nullable: false },
      { name: 'action_name', data: steps.map(({ action }) => actions[action]), type: 'STRING', nullable: false },
      { name: 'actor', data: steps.map(({ actor }) => actor), type: 'STRING', nullable: false },
      { name: 'reward', data: steps.map(({ reward }) => reward), type: 'DOUBLE', nullable: false },
      ...(thoughts ? [value, ...logits] : []),
      { name: 'end_kind', data: steps.map(({ end }) => end?.kind ?? null), type: 'STRING', nullable: true },
      { name: 'end_cause', data: steps.map(({ end }) => end?.cause ?? null), type: 'STRING', nullable: true },
      { name: 'state_hash', data: steps.map(({ stateHash }) => stateHash), type: 'STRING', nullable: false },
    ],
  });
  return new Uint8Array(bytes);
}

/**
 * @param actions of the manifest
 * @throws InputError when it is no Parquet file, is damaged, or lacks a column; the row is named where one is wrong
 */
export async function decodeSteps(
  bytes: Uint8Array,
  actions: readonly string[],
  file = 'steps.parquet',
): Promise<RecordedStep[]> {
  // hyparquet reads slices of a buffer of its own.
  const buffer = Uint8Array.from(bytes).buffer;
  let rows: Record<string, unknown>[];
  try {
    rows = await parquetReadObjects({ file: buffer });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${file}: expected a Parquet file of steps, got one that cannot be read (${reason})`);
  }
  const thoughts = rows.length > 0 && Object.hasOwn(rows[0], 'value');
  return rows.map((row, i) => {
    const fail = (expected: string, got: unknown): never => {
      throw new InputError(`${file}: row ${i}: expected ${expected}, got ${String(got)}`);
    };
    const number = (column: string): number => {
      const value = row[column];
      return typeof value === 'number' ? value : fail(`a number in ${column}`, value);
    };
    const step = number('step');
    if (step !== i) fail(`step ${i}`, step);
    const action = number('action');
    if (!Number.isInteger(action) || action < 0 || action >= actions.length) {
      fail(`an action in 0..${actions.length - 1}`, action);
    }
    const actor = actorSchema.safeParse(row['actor']);
    if (!actor.success) return fail('an actor among policy, human, script', row['actor']);
    const { end_kind: kind, end_cause: cause, state_hash: stateHash } = row;
    if (typeof stateHash !== 'string') return fail('a state_hash', stateHash);
    const ended = kind === 'terminated' || kind === 'truncated';
    if (!ended && kind !== null && kind !== undefined) fail('end_kind terminated or truncated', kind);
    if (ended && typeof cause !== 'string') fail('an end_cause', cause);
    return {
      action,
      actor: actor.data,
      reward: number('reward'),
      value: thoughts ? number('value') : Number.NaN,
      logits: thoughts ? Float32Array.from(actions, (name) => number(logitColumn(name))) : new Float32Array(0),
      end: ended ? { kind, cause: cause as string } : null,
      stateHash,
    };
  });
}
