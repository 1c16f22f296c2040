/** What a recording is of: `manifest.json`. docs/recordings.md describes the format for readers without our code. */
import { z } from 'zod';
import { InputError } from '@saccade/core';

/** Raised when an older reader would misread a recording. */
export const recordingVersion = 1;

const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const name = z.string().min(1).max(200);

export const manifestSchema = z.strictObject({
  format: z.literal('saccade-recording'),
  version: z.literal(recordingVersion),
  /** Of the package that wrote it. */
  saccade: z.string(),
  environment: z.strictObject({ name, config: z.record(z.string(), z.unknown()) }),
  levelSeed: seed,
  /** Of the stream that the policy's actions were sampled from. */
  seed,
  /** Names, in the order of the logits; `action` of the steps is an index into them. */
  actions: z.array(name).min(1).max(64),
  /** Whose thoughts the steps hold; null where nobody was asked. */
  policy: z
    .strictObject({
      name,
      /** Of the bytes of its file. */
      hash: z.string(),
      /** Changes of its weights, in order, as the tool that made them describes them. */
      weightEdits: z.array(z.unknown()),
    })
    .nullable(),
  /** What this recording is a branch of: the recording (or session) and the step that it left it at. */
  branch: z.strictObject({ recording: name, step: z.int().min(0) }).nullable(),
  /** State hash before the first step and before any event. */
  startHash: z.string(),
  /** Rows of steps.parquet. */
  steps: z.int().min(0),
  return: z.number(),
  /** How the episode ended; null where the recording stops before. */
  end: z.strictObject({ kind: z.enum(['terminated', 'truncated']), cause: name }).nullable(),
});
export type Manifest = z.output<typeof manifestSchema>;

/** @throws InputError that says what is wrong, a later version as such */
export function parseManifest(text: string, file = 'manifest.json'): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${file}: expected JSON, got something else`);
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format !== 'saccade-recording') throw new InputError(`${file}: expected the manifest of a Saccade recording`);
  if (version !== recordingVersion) {
    throw new InputError(`${file}: expected recording version ${recordingVersion}, got ${String(version)}`);
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`${file}: ${issue.path.map(String).join('.')}: ${issue.message}`);
}
