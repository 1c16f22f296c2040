/** `record`'s flags, checked. Free of engines, so that a wrong flag or policy name is answered at once. */
import { z } from 'zod';
import { locatePolicy } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { commonFlags, integerFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  level: seedFlag(),
  steps: integerFlag(1, 1_000_000),
  out: z.string().min(1),
});

export type Settings = Omit<z.output<typeof flagsSchema>, 'policy'> & { readonly policy: PolicyFile };

export async function recordSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { policy, ...rest } = parseFlags(flagsSchema, flags);
  return { ...rest, policy: await locatePolicy(policy) };
}
