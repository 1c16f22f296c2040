/** Runs `saccade features`. */
import { z } from 'zod';
import { loadPolicy, locatePolicy } from '../../storage/policies.ts';
import type { CommandContext } from '../shell/command.ts';
import { commonFlags, integerFlag, parseFlags } from '../shell/flags.ts';
import { makeFeatures } from './make.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  layers: z.string().optional(),
  factors: integerFlag(1, 64),
  levels: integerFlag(4, 1000),
  every: integerFlag(1, 1000),
  pictures: z.string().optional(),
  out: z.string().optional(),
});

export async function runFeatures(flags: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const { policy, ...plan } = parseFlags(flagsSchema, flags);
  context.output.result(await makeFeatures(await loadPolicy(await locatePolicy(policy)), plan, context));
}
