/**
 * Options of methods as data, so that a command line, a form in a page and a cache key read the same table. Values
 * come in as text or JSON and are parsed once, here.
 */
import { InputError } from '@saccade/core';

export type OptionSpec = { readonly description: string } & (
  | {
      readonly kind: 'integer' | 'number';
      readonly default: number;
      /** Both inclusive. */
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly kind: 'boolean'; readonly default: boolean }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default: string }
  /** Free text, whose meaning the caller knows (a layer, a baseline). */
  | { readonly kind: 'text'; readonly default: string }
);

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValue = string | number | boolean;

type ValueOf<Spec extends OptionSpec> = Spec extends { kind: 'integer' | 'number' }
  ? number
  : Spec extends { kind: 'boolean' }
    ? boolean
    : Spec extends { kind: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : string;

export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

function parseOne(where: string, name: string, spec: OptionSpec, given: OptionValue): OptionValue {
  const fail = (expected: string): never => {
    throw new InputError(`${where}: expected ${name} ${expected}, got ${given === '' ? 'nothing' : given}`);
  };
  switch (spec.kind) {
    case 'integer':
    case 'number': {
      const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
      const whole = spec.kind === 'integer';
      if (
        typeof value !== 'number' ||
        !(value >= spec.minimum && value <= spec.maximum) ||
        (whole && value % 1 !== 0)
      ) {
        fail(`as ${whole ? 'an integer' : 'a number'} from ${spec.minimum} to ${spec.maximum}`);
      }
      return value;
    }
    case 'boolean':
      if (given === true || given === 'true') return true;
      return given === false || given === 'false' ? false : fail('as true or false');
    case 'choice':
      return spec.choices.includes(String(given)) ? given : fail(`as one of ${spec.choices.join(', ')}`);
    case 'text':
      return String(given);
    default:
      return spec satisfies never;
  }
}

/**
 * Fills in defaults and checks ranges.
 * @param where the name that errors start with
 * @throws InputError for an unknown option, listing those that exist, and for a value out of range
 */
export function parseOptions<Specs extends OptionSpecs>(
  where: string,
  specs: Specs,
  given: Readonly<Record<string, OptionValue>> = {},
): OptionValues<Specs> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      const names = Object.keys(specs);
      const expected = names.length > 0 ? `one of the options ${names.join(', ')}` : 'no options';
      throw new InputError(`${where}: expected ${expected}, got ${name}`);
    }
  }
  const values = Object.entries(specs).map(([name, spec]) => [
    name,
    Object.hasOwn(given, name) ? parseOne(where, name, spec, given[name]) : spec.default,
  ]);
  return Object.fromEntries(values) as OptionValues<Specs>;
}
