/** `export`'s flags, checked. Free of engines, so that a wrong flag or policy name is answered at once. */
import { z } from 'zod';
import { InputError } from '@saccade/core';
import { locatePolicy } from '../../storage/policyFiles.ts';
import type { PolicyFile } from '../../storage/policyFiles.ts';
import { methodOptions } from '../attribute/settings.ts';
import { choiceFlag, commonFlags, integerFlag, numberFlag, parseFlags, seedFlag } from '../shell/flags.ts';

const onnxSchema = z.object({
  ...commonFlags,
  policy: z.string({ error: 'expected a policy' }),
  onnx: z.string().min(1),
  declaration: z.string().optional(),
  frames: integerFlag(1, 4096),
});
export type OnnxSettings = Omit<z.output<typeof onnxSchema>, 'policy'> & { readonly policy: PolicyFile };

export const filmFormats = ['png', 'gif', 'mp4', 'webm', 'html'] as const;

const filmSchema = z.object({
  ...commonFlags,
  format: choiceFlag(filmFormats),
  out: z.string({ error: 'expected the file to write' }).min(1),
  policy: z.string().optional(),
  level: seedFlag(),
  recording: z.string().min(1).optional(),
  step: integerFlag(0, 1_000_000).optional(),
  from: integerFlag(0, 1_000_000),
  to: integerFlag(0, 1_000_000).optional(),
  method: z.string(),
  layer: z.string(),
  target: z.string(),
  option: z.array(z.string()).default([]),
  opacity: numberFlag(0, 1),
  scale: integerFlag(2, 16).optional(),
  speed: numberFlag(0.5, 60),
  browser: z.string().min(1).optional(),
});
type FilmFlags = z.output<typeof filmSchema>;

export type FilmSettings = Omit<FilmFlags, 'policy' | 'option' | 'step' | 'scale' | 'to'> & {
  /** Undefined: the recording's own. */
  readonly policy: PolicyFile | undefined;
  /** Of the method. */
  readonly options: ReturnType<typeof methodOptions>;
  /** Both included. */
  readonly to: number;
  /** `out` is one picture, not a folder of them. */
  readonly single: boolean;
  /** Pixels of the picture a pixel of the observation. */
  readonly scale: number;
};

export type Settings =
  | { readonly kind: 'onnx'; readonly settings: OnnxSettings }
  | { readonly kind: 'film'; readonly settings: FilmSettings };

/** GIFs grow with their pixels, and are looked at small. */
const usualScale = { png: 8, gif: 6, mp4: 10, webm: 10, html: 1 } as const;

async function filmSettings(flags: Readonly<Record<string, unknown>>): Promise<FilmSettings> {
  const { policy, option, step, to, scale, ...rest } = parseFlags(filmSchema, flags);
  if (policy === undefined && rest.recording === undefined) {
    throw new InputError('--policy: expected one beside --format, or --recording, got neither');
  }
  if (step !== undefined && rest.format !== 'png') {
    throw new InputError(`--step: expected --format png beside it, got ${rest.format}: --from and --to choose a range`);
  }
  const last = step ?? to ?? Number.MAX_SAFE_INTEGER;
  const from = step ?? rest.from;
  if (from > last) throw new InputError(`--to: expected at least --from (${from}), got ${last}`);
  if (rest.browser !== undefined && rest.format !== 'mp4' && rest.format !== 'webm') {
    throw new InputError(`--browser: expected --format mp4 or webm beside it, got ${rest.format}`);
  }
  return {
    ...rest,
    policy: policy === undefined ? undefined : await locatePolicy(policy),
    options: methodOptions(option),
    from,
    to: last,
    single: step !== undefined,
    scale: scale ?? usualScale[rest.format],
  };
}

export async function exportSettings(flags: Readonly<Record<string, unknown>>): Promise<Settings> {
  const { onnx, format } = flags;
  if (onnx !== undefined && format !== undefined) {
    throw new InputError('--format: expected it or --onnx, got both');
  }
  if (onnx === undefined && format === undefined) {
    throw new InputError(`export: expected --onnx, or --format with one of ${filmFormats.join(', ')}, got neither`);
  }
  if (onnx === undefined) return { kind: 'film', settings: await filmSettings(flags) };
  const { policy, ...rest } = parseFlags(onnxSchema, flags);
  return { kind: 'onnx', settings: { ...rest, policy: await locatePolicy(policy) } };
}
