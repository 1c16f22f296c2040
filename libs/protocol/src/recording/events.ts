/** What happened to a recorded episode beside its actions: `events.jsonl`, a line an event, in order. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { editSchema } from '../edit.ts';

/** Each takes effect before the action of its step (a row of steps.parquet; one past the last is after all of them). */
export const recordingEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('edit'), step: z.int().min(0), edit: editSchema }),
  /** The state of the environment replaced as a whole: how branches begin. */
  z.strictObject({ kind: z.literal('setState'), step: z.int().min(0), state: z.record(z.string(), z.unknown()) }),
]);
export type RecordingEvent = z.output<typeof recordingEventSchema>;

export function encodeEvents(events: readonly RecordingEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** @throws InputError that names the line */
export function decodeEvents(text: string, file = 'events.jsonl'): RecordingEvent[] {
  let before = 0;
  return text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ line, where: `${file}: line ${i + 1}` }]))
    .map(({ line, where }) => {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        throw new InputError(`${where}: expected JSON, got something else`);
      }
      const result = recordingEventSchema.safeParse(value);
      if (!result.success) {
        const [issue] = result.error.issues;
        throw new InputError(`${where}: ${[...issue.path.map(String), issue.message].join(': ')}`);
      }
      if (result.data.step < before) {
        throw new InputError(
          `${where}: expected events in order of their steps, got ${result.data.step} after ${before}`,
        );
      }
      before = result.data.step;
      return result.data;
    });
}
