/** `attribute`'s flags, checked. Free of engines, so that a wrong flag or policy name is answered at once. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import type { OverlayRequest } from '@saccade/protocol';
import { locatePolicy } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { choiceFlag, commonFlags, integerFlag, numberFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const flagsSchema = z.object({
  ...commonFlags,
  policy: z.string(),
  level: seedFlag(),
  step: integerFlag(0, 1_000_000),
  method: z.string(),
  layer: z.string(),
  target: z.string(),
  factor: integerFlag(0, 255).optional(),
  option: z.array(z.string()).default([]),
  opacity: numberFlag(0, 1),
  scale: integerFlag(1, 64),
  observation: z.string().optional(),
  declaration: z.string().optional(),
  format: choiceFlag(['files', 'npy']).optional(),
  out: z.string().optional(),
});

/** `steps=50` -> { steps: '50' }: the method itself reads and checks the values. */
export function methodOptions(texts: readonly string[]): OverlayRequest['options'] {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new InputError(`--option: expected name=value, got ${text}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export type Settings = Omit<z.output<typeof flagsSchema>, 'policy' | 'option' | 'format' | 'out'> & {
  readonly policy: PolicyFile;
  /** Of the method. */
  readonly options: OverlayRequest['options'];
  /** With an observation the npy file, else a folder. */
  readonly out: string;
};

export async function attributeSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { policy, option, format, out, ...rest } = parseFlags(flagsSchema, flags);
  const { observation, declaration } = rest;
  if (observation === undefined) {
    if (declaration !== undefined) throw new InputError('--declaration: expected --observation beside it, got none');
    if (format === 'npy') throw new InputError('--format: expected --observation beside npy, got none');
  } else {
    if (format === 'files') throw new InputError('--format: expected npy with --observation, got files');
    if (out === undefined) throw new InputError('--out: expected the npy file to write, got nothing');
  }
  return {
    ...rest,
    out: out ?? 'attribution',
    options: methodOptions(option),
    policy: await locatePolicy(policy),
  };
}
