/** `play`'s flags, checked. Free of engines, so that a wrong flag is answered at once. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { levelFromText } from '@saccade/envs';
import type { Level } from '@saccade/envs';
import { locatePolicy } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { choiceFlag, commonFlags, numberFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  level: seedFlag().optional(),
  difficulty: choiceFlag(['easy', 'hard']).optional(),
  text: z.string().optional(),
  watch: z.string().optional(),
  speed: numberFlag(0, 1000),
});

export type Settings = Omit<z.output<typeof flagsSchema>, 'text' | 'watch'> & {
  /** A level of one's own. */
  readonly drawn: Level | null;
  readonly watched: 'planner' | PolicyFile | null;
};

export async function playSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { text, watch, ...rest } = parseFlags(flagsSchema, flags);
  if (text !== undefined && rest.level !== undefined) {
    throw new InputError(`--text: expected no --level beside it, got ${rest.level}`);
  }
  return {
    ...rest,
    drawn: text === undefined ? null : levelFromText(await readFile(text, 'utf8')),
    watched: watch === undefined || watch === 'planner' ? (watch ?? null) : await locatePolicy(watch),
  };
}
