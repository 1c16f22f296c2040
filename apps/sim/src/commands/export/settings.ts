/** `export`'s flags, checked. Free of engines, so that a wrong flag or policy name is answered at once. */
import { z } from 'zod';
import { locatePolicy } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  onnx: z.string().min(1),
  declaration: z.string().optional(),
  frames: integerFlag(1, 4096),
});

export type Settings = Omit<z.output<typeof flagsSchema>, 'policy'> & { readonly policy: PolicyFile };

export async function exportSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { policy, ...rest } = parseFlags(flagsSchema, flags);
  return { ...rest, policy: await locatePolicy(policy) };
}
