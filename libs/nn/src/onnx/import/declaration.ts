/** What an ONNX file cannot say, or says in its metadata: actions, layout, scaling. */
import { InputError } from '@saccade/core';
import type { Shape } from '@saccade/core';

/**
 * What is known about a policy beyond its graph. All of it may be left out; a file can carry it itself, as JSON under
 * the metadata key `saccade.policy`. What is handed in wins.
 */
export interface OnnxDeclaration {
  /** Names of the actions, in the order of the logits. */
  readonly actions?: readonly string[];
  /** [height, width, channel], where the graph leaves lengths open or flattens images itself. */
  readonly observationShape?: Shape;
  /** Order of the graph's input; found from the graph where it can be. */
  readonly layout?: 'nchw' | 'nhwc';
  /**
   * The graph is given observation * scale + offset, the observation being 0-255: one number, or one a channel.
   * 1 and 0 by default, which is right for graphs that hold their preprocessing.
   */
  readonly scale?: number | readonly number[];
  readonly offset?: number | readonly number[];
  /** Which value of the graph holds the logits: the name of an output, of any value, or of a node. */
  readonly logits?: string;
  /** Which holds the value; null for a graph that has none (the value is then 0 everywhere). */
  readonly value?: string | null;
}

/** Metadata key of what the file declares about itself. */
export const declarationKey = 'saccade.policy';

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isList = (value: unknown, is: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(is);
const isFactor = (value: unknown): boolean => isNumber(value) || isList(value, isNumber);

const fields: Readonly<Record<keyof OnnxDeclaration, readonly [string, (value: unknown) => boolean]>> = {
  actions: [
    'different names',
    (value) => isList(value, isText) && new Set(value as string[]).size === (value as string[]).length,
  ],
  observationShape: [
    'positive lengths',
    (value) => isList(value, (length) => Number.isSafeInteger(length) && (length as number) > 0),
  ],
  layout: ['nchw or nhwc', (value) => value === 'nchw' || value === 'nhwc'],
  scale: ['a number or one a channel', isFactor],
  offset: ['a number or one a channel', isFactor],
  logits: ['a name', isText],
  value: ['a name or null', (value) => value === null || isText(value)],
};

/**
 * Checks a declaration that came from outside: metadata, a JSON file, flags. Keys that it does not know are left out.
 * @param name what to call it in errors
 */
export function parseOnnxDeclaration(given: unknown, name = 'declaration'): OnnxDeclaration {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InputError(`${name}: expected an object, got ${JSON.stringify(given)}`);
  }
  const found: Record<string, unknown> = {};
  for (const [key, [expected, is]] of Object.entries(fields)) {
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (!is(value)) throw new InputError(`${name}: expected ${key} as ${expected}, got ${JSON.stringify(value)}`);
    found[key] = value;
  }
  return found as OnnxDeclaration;
}

/** The declaration in a model's metadata; empty where there is none. */
export function declarationIn(metadata: Readonly<Record<string, string>>, file: string): OnnxDeclaration {
  const text = Object.hasOwn(metadata, declarationKey) ? metadata[declarationKey] : undefined;
  if (text === undefined) return {};
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new InputError(`${file}: expected JSON in the metadata ${declarationKey}, got something else`);
  }
  return parseOnnxDeclaration(given, `${file}: metadata ${declarationKey}`);
}
