/**
 * From the strings of a command line to checked values, by zod schemas whose keys are the flags' names. A wrong one is
 * an InputError of one line: `--level: expected ..., got ...`. Imported by a command's `run` only: zod takes 40 ms.
 */
import { z } from 'zod';
import { InputError } from '@saccade/core';

/** `initLevels` -> `--init-levels` */
function flagName(key: PropertyKey): string {
  return `--${String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @throws InputError that names the flag, what was expected and what came */
export function parseFlags<T extends z.ZodType>(schema: T, flags: Readonly<Record<string, unknown>>): z.output<T> {
  const result = schema.safeParse(flags);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const got = issue.path.length > 0 ? flags[String(issue.path[0])] : undefined;
  const message = issue.message.replace(/^Invalid input: /, '');
  const text = message.startsWith('expected') ? message : `expected ${message}`;
  throw new InputError(`${flagName(issue.path[0] ?? '')}: ${text}, got ${got === undefined ? 'nothing' : String(got)}`);
}

/** A number written in decimal; `1e6` and `20_000` too. */
function decimal(text: string): number {
  const plain = text.replaceAll('_', '');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

function range(min: number, max: number): string {
  if (max < Number.MAX_SAFE_INTEGER) return `from ${min} to ${max}`;
  return min > Number.MIN_SAFE_INTEGER ? `of at least ${min}` : '';
}

/** A flag with a whole number. */
export function integerFlag(min = 0, max = Number.MAX_SAFE_INTEGER) {
  return z.string().transform((text, context) => {
    const value = decimal(text);
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `expected a whole number ${range(min, max)}`.trimEnd() });
    return z.NEVER;
  });
}

/** A flag with a number. */
export function numberFlag(min = -Number.MAX_VALUE, max = Number.MAX_VALUE) {
  return z.string().transform((text, context) => {
    const value = decimal(text);
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `expected a number ${range(min, max)}`.trimEnd() });
    return z.NEVER;
  });
}

/** A flag with one of some names. */
export function choiceFlag<const T extends string>(choices: readonly [T, ...T[]]) {
  return z.enum(choices, { error: `expected one of ${choices.join(', ')}` });
}

/** Seeds of levels and of streams: unsigned 32-bit integers. */
export function seedFlag() {
  return integerFlag(0, 2 ** 32 - 1);
}

/** What every command has. */
export const commonFlags = { seed: seedFlag().default(0), json: z.boolean().default(false) };
