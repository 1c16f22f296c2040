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
  baseline: z.string().optional(),
  observation: z.string().optional(),
  next: z.string().optional(),
  reward: numberFlag().optional(),
  gamma: numberFlag(0, 1).optional(),
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

/** The name of a baseline that comes from a file. */
export const customBaseline = 'custom';
/** In the place of a file: nothing follows, the episode terminated. */
export const noFrame = 'end';

type TwoFrames = Pick<z.output<typeof flagsSchema>, 'target' | 'observation' | 'next' | 'reward' | 'gamma'>;

/** A TD residual needs two frames, a reward and a discount; of an episode's step all but the discount are known. */
function expectTwoFrames({ target, observation, next, reward, gamma }: TwoFrames): void {
  const given = Object.entries({ next, reward, gamma }).find(([, value]) => value !== undefined)?.[0];
  if (target.split(':')[0] !== 'td-residual') {
    if (given) throw new InputError(`--${given}: expected --target td-residual beside it, got ${target}`);
    return;
  }
  if (gamma !== undefined && target.includes(':')) {
    throw new InputError(`--gamma: expected none beside ${target}, got ${gamma}`);
  }
  if (observation === undefined) {
    const ofFiles = next !== undefined ? 'next' : reward !== undefined ? 'reward' : undefined;
    if (ofFiles) throw new InputError(`--${ofFiles}: expected --observation beside it, got none`);
    return;
  }
  if (next === undefined) {
    throw new InputError(
      `--next: expected the observation after the step (.npy), or ${noFrame} where the episode terminated, got nothing`,
    );
  }
  if (reward === undefined) throw new InputError('--reward: expected the reward of the step, got nothing');
}

export async function attributeSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { policy, option, format, out, ...rest } = parseFlags(flagsSchema, flags);
  const { observation, declaration } = rest;
  expectTwoFrames(rest);
  const options = methodOptions(option);
  if (rest.baseline !== undefined && options['baseline'] !== undefined) {
    throw new InputError(`--baseline: expected no --option baseline beside the file, got ${options['baseline']}`);
  }
  if (observation === undefined) {
    if (declaration !== undefined) throw new InputError('--declaration: expected --observation beside it, got none');
    if (format === 'npy') throw new InputError('--format: expected --observation beside npy, got none');
  } else {
    if (format === 'files') throw new InputError('--format: expected npy with --observation, got files');
    if (out === undefined) throw new InputError('--out: expected the npy file to write, got nothing');
  }
  return {
    ...rest,
    target: rest.gamma === undefined ? rest.target : `${rest.target}:${rest.gamma}`,
    out: out ?? 'attribution',
    options: rest.baseline === undefined ? options : { ...options, baseline: customBaseline },
    policy: await locatePolicy(policy),
  };
}
