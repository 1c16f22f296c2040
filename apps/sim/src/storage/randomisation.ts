/**
 * `randomisation.json` beside a policy: which attribution methods failed the randomisation check on it, measured by
 * `saccade sanity`. Whoever shows a map of such a method warns of it.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { randomisationWarning } from '@saccade/insight';

const fileName = 'randomisation.json';

/** JSON has no NaN: a correlation that is not defined is null. */
const correlation = z.number().nullable();

const schema = z.object({
  /** Of the policy's file: of another, what was measured says nothing. */
  policyHash: z.string(),
  saccade: z.string(),
  /** Held-out levels, one frame each. */
  frames: z.int().min(1),
  seed: z.int(),
  /** Where the methods of layers were asked; the others at the input. */
  layer: z.string(),
  methods: z.record(z.string(), z.object({ after: correlation, chance: correlation, fails: z.boolean() })),
});
export type RandomisationFile = z.output<typeof schema>;

export function randomisationPath(policyPath: string): string {
  return join(dirname(policyPath), fileName);
}

/**
 * A warning for each method that failed on this policy; none where nothing was measured, or it was of another policy.
 * @throws InputError when the file is something else
 */
export async function methodWarnings(policyPath: string, hash: string): Promise<Readonly<Record<string, string>>> {
  const path = randomisationPath(policyPath);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new InputError(`${path}: expected JSON, got something else`);
  }
  const parsed = schema.safeParse(document);
  if (!parsed.success) throw new InputError(`${path}: expected what \`saccade sanity\` writes, got something else`);
  if (parsed.data.policyHash !== hash) return {};
  return Object.fromEntries(
    Object.entries(parsed.data.methods).flatMap(([method, { after, chance, fails }]) => {
      const warning = randomisationWarning({ after: after ?? Number.NaN, chance: chance ?? Number.NaN, fails });
      return warning === undefined ? [] : [[method, warning]];
    }),
  );
}
