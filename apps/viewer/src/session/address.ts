/**
 * The page's state in its address, so that a link shows another person the same thing. Reading never throws: what
 * cannot be understood is named in `problems` and left out, and the page opens the nearest thing.
 */

import type { CompanionRequest, FactorTurn, WireEdit } from '@saccade/protocol';
import { editForms, editFrom, editText, turnForm, turnFrom, turnText } from './linkedEdits.ts';

export interface Address {
  readonly session?: string;
  /** A recording that the server lists: shown in an agent's place. */
  readonly recording?: string;
  readonly policy?: string;
  readonly level?: number;
  /** Seed of the stream that actions are sampled from. */
  readonly seed?: number;
  /** Global step of the session to hold at; left out: live. */
  readonly step?: number;
  /** Step of the episode: finds the same instant again (level and seed decide it) when the session is gone. */
  readonly at?: number;
  readonly method?: string;
  readonly layer?: string;
  readonly target?: string;
  readonly factor?: number;
  /** Of the method. */
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** Further lenses, beside the first. */
  readonly compare?: readonly { readonly method: string; readonly layer: string; readonly target: string }[];
  /** Agents beside the session's own: `pane=policy|seed`, and `|level` for a level of its own. */
  readonly panes?: readonly CompanionRequest[];
  /** Changes of the level at the instant that `at` or `step` names, in order. */
  readonly edits?: readonly WireEdit[];
  /** Factors that the agent plays on with turned down from there. */
  readonly turns?: readonly FactorTurn[];
  /** 1: a decomposition is drawn as the sum of its factors, not each in its colour. */
  readonly sum?: number;
  /** Per cent, 0-100. */
  readonly opacity?: number;
  /** 0: each position of the layer stays a square; 1: they blend. */
  readonly blend?: number;
  /** How far the world is greyed out, per cent. */
  readonly grey?: number;
  readonly sign?: string;
  /** Per cent of the positions that the colours span. */
  readonly clip?: number;
  readonly palette?: string;
}

export interface ReadAddress {
  readonly address: Address;
  /** One line for each part that could not be understood. */
  readonly problems: readonly string[];
}

type KeysOf<T> = { [K in keyof Address]-?: Address[K] extends T | undefined ? K : never }[keyof Address];

const texts = [
  'session',
  'recording',
  'policy',
  'method',
  'layer',
  'target',
  'sign',
  'palette',
] as const satisfies KeysOf<string>[];
/** Smallest and largest. */
const numbers: Readonly<Record<KeysOf<number>, readonly [number, number]>> = {
  level: [0, 2 ** 32 - 1],
  seed: [0, 2 ** 32 - 1],
  step: [0, Number.MAX_SAFE_INTEGER],
  at: [0, 1000],
  factor: [0, 255],
  opacity: [0, 100],
  blend: [0, 1],
  sum: [0, 1],
  grey: [0, 100],
  clip: [50, 100],
};
const LONGEST = 100;
const OPTION = 'option.';
const MOST_COMPARED = 3;
/** As the protocol bounds them. */
const MOST_EDITS = 256;
const MOST_TURNS = 16;

function isOneOf<T extends string>(known: readonly T[], key: string): key is T {
  return (known as readonly string[]).includes(key);
}

/** `true`, `3`, `gauss-legendre` as what they are. */
function valueOf(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `compact|3` or `compact|3|77`; undefined for anything else. */
function paneFrom(text: string): CompanionRequest | undefined {
  const [policy, ...seeds] = text.split('|');
  const isSeed = (seed: string): boolean => /^\d{1,10}$/.test(seed) && Number(seed) < 2 ** 32;
  if (!policy || seeds.length < 1 || seeds.length > 2 || !seeds.every(isSeed)) return undefined;
  const [seed, levelSeed] = seeds.map(Number);
  return { policy, seed, ...(levelSeed === undefined ? {} : { levelSeed }) };
}

/** @param query such as `?level=7&method=gradCam` */
export function readAddress(query: string): ReadAddress {
  const address: { -readonly [K in keyof Address]: unknown } = {};
  const options: Record<string, number | boolean | string> = {};
  const compare: { method: string; layer: string; target: string }[] = [];
  const panes: CompanionRequest[] = [];
  const edits: WireEdit[] = [];
  const turns: FactorTurn[] = [];
  const problems: string[] = [];
  for (const [key, text] of new URLSearchParams(query)) {
    if (text.length === 0 || text.length > LONGEST) {
      problems.push(`Link: expected ${key.slice(0, 40)} of 1 to ${LONGEST} characters, got ${text.length}`);
    } else if (isOneOf(texts, key)) {
      address[key] = text;
    } else if (Object.hasOwn(numbers, key)) {
      const [least, most] = numbers[key as keyof typeof numbers];
      const value = Number(text);
      if (/^\d{1,16}$/.test(text) && value >= least && value <= most) address[key as keyof typeof numbers] = value;
      else
        problems.push(
          `Link: expected ${key} to be a whole number from ${least} to ${most}, got "${text.slice(0, 40)}"`,
        );
    } else if (key.startsWith(OPTION) && key.length > OPTION.length && key.length <= LONGEST) {
      options[key.slice(OPTION.length)] = valueOf(text);
    } else if (key === 'compare') {
      const [method, layer, target, ...rest] = text.split('|');
      if (method && layer && target && rest.length === 0 && compare.length < MOST_COMPARED) {
        compare.push({ method, layer, target });
      } else {
        problems.push(
          `Link: expected at most ${MOST_COMPARED} times compare=method|layer|target, got "${text.slice(0, 40)}"`,
        );
      }
    } else if (key === 'pane') {
      const pane = paneFrom(text);
      if (pane && panes.length + compare.length < MOST_COMPARED) panes.push(pane);
      else {
        problems.push(
          `Link: expected at most ${MOST_COMPARED} times pane=policy|seed or pane=policy|seed|level, got "${text.slice(0, 40)}"`,
        );
      }
    } else if (key === 'edit') {
      const edit = editFrom(text);
      if (edit && edits.length < MOST_EDITS) edits.push(edit);
      else problems.push(`Link: expected at most ${MOST_EDITS} times edit=${editForms}, got "${text.slice(0, 40)}"`);
    } else if (key === 'ignore') {
      const turn = turnFrom(text);
      if (turn && turns.length < MOST_TURNS) turns.push(turn);
      else problems.push(`Link: expected at most ${MOST_TURNS} times ignore=${turnForm}, got "${text.slice(0, 40)}"`);
    } else {
      problems.push(`Link: "${key.slice(0, 40)}" is not known`);
    }
  }
  if (Object.keys(options).length > 0) address.options = options;
  if (compare.length > 0) address.compare = compare;
  if (panes.length > 0) address.panes = panes;
  const placed = address.at !== undefined || address.step !== undefined;
  if (edits.length + turns.length > 0 && !placed) {
    problems.push('Link: expected at or step beside edit and ignore: the instant that they change');
  } else {
    if (edits.length > 0) address.edits = edits;
    if (turns.length > 0) address.turns = turns;
  }
  return { address: address as Address, problems };
}

/** The query of an address, `?` included; empty for an empty one. Reading it gives the address back. */
export function writeAddress({ options, compare, panes, edits, turns, ...rest }: Address): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) parameters.set(key, String(value));
  for (const [name, value] of Object.entries(options ?? {})) parameters.set(OPTION + name, String(value));
  for (const { method, layer, target } of compare ?? [])
    parameters.append('compare', [method, layer, target].join('|'));
  for (const { policy, seed, levelSeed } of panes ?? []) {
    parameters.append('pane', [policy, seed, ...(levelSeed === undefined ? [] : [levelSeed])].join('|'));
  }
  for (const edit of edits ?? []) {
    const text = editText(edit);
    if (text !== undefined) parameters.append('edit', text);
  }
  for (const turn of turns ?? []) parameters.append('ignore', turnText(turn));
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}
