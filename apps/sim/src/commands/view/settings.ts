/** `view`'s flags, checked. Free of engines, so that a wrong flag or policy name is answered at once. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { findPolicies, locatePolicy, modelsFolder } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { commonFlags, integerFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  port: integerFlag(0, 65535),
  host: z.string().min(1).max(255),
  policy: z.string().optional(),
  recording: z.string().min(1).optional(),
  recordings: z.string().min(1).optional(),
  level: seedFlag(),
});

export type Settings = Omit<z.output<typeof flagsSchema>, 'policy'> & {
  /** At least one; the first is shown first. */
  readonly policies: readonly PolicyFile[];
};

/** The bundled policies, and the one asked for, which comes first. */
async function offeredPolicies(asked: string | undefined): Promise<PolicyFile[]> {
  const files = await findPolicies();
  if (asked !== undefined) {
    const wanted = await locatePolicy(asked);
    return [wanted, ...files.filter(({ path, name }) => path !== wanted.path && name !== wanted.name)];
  }
  if (files.length > 0) return files;
  throw new InputError(
    `policy: expected one in ${modelsFolder}, got none; --policy names a file, and saccade train makes one`,
  );
}

export async function viewSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { policy, ...rest } = parseFlags(flagsSchema, flags);
  return { ...rest, policies: await offeredPolicies(policy) };
}
