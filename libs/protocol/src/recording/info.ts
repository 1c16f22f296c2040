/** What the page knows of a recording without its steps: a line of the list, and the head of one that is open. */
import { z } from 'zod';
import type { Manifest } from './manifest.ts';

/** What a server calls a recording: never a path, and safe as a part of an address. */
export const recordingIdSchema = z.string().regex(/^[\w-][\w.-]{0,99}$/, 'expected letters, digits, dots and dashes');

export const recordingInfoSchema = z.strictObject({
  id: recordingIdSchema,
  levelSeed: z.int().min(0),
  steps: z.int().min(0),
  return: z.number(),
  /** Why the episode ended; null where the recording stops before. */
  cause: z.string().nullable(),
  /** Whose thoughts the steps hold. */
  policy: z.string().nullable(),
  /** There where its policy's weights were edited while it was recorded. */
  edited: z.literal(true).optional(),
  /** What it is a branch of, and the step that it left it at. */
  branch: z.strictObject({ recording: z.string(), step: z.int().min(0) }).nullable(),
  /** When it was written, ISO 8601; null for one that the page brought, which the server keeps only while it runs. */
  saved: z.string().nullable(),
});
export type RecordingInfo = z.output<typeof recordingInfoSchema>;

export function infoOf(id: string, manifest: Manifest, saved: string | null): RecordingInfo {
  const { levelSeed, steps, end, policy, branch } = manifest;
  return {
    id,
    levelSeed,
    steps,
    return: manifest.return,
    cause: end?.cause ?? null,
    policy: policy?.name ?? null,
    ...(policy && policy.weightEdits.length > 0 ? { edited: true as const } : {}),
    branch,
    saved,
  };
}

/** Body of `POST /api/recordings`: the three files as a page reads them. */
export const recordingUploadSchema = z.strictObject({
  /** manifest.json */
  manifest: z.string().max(1_000_000),
  /** steps.parquet, base64 */
  steps: z.base64().max(12_000_000),
  /** events.jsonl */
  events: z.string().max(4_000_000),
});
export type RecordingUpload = z.output<typeof recordingUploadSchema>;

/** Body of `POST /api/policies`. */
export const policyUploadSchema = z.strictObject({
  /** Name of the file, without folders. */
  name: z.string().regex(/^[\w-][\w. -]{0,99}$/, 'expected the name of a file: letters, digits, dots and dashes'),
  /** A policy of ours (safetensors) or an ONNX graph, base64. */
  file: z.base64().max(48_000_000),
  /** What an ONNX file cannot say, JSON as docs/bring-your-own-policy.md describes it. */
  declaration: z.string().max(10_000).optional(),
});
export type PolicyUpload = z.output<typeof policyUploadSchema>;
