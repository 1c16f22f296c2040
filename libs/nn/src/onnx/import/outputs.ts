/** Which values of a graph are the logits and the critic's value. */
import { InputError } from '@saccade/core';
import type { OnnxGraph } from '../model.ts';
import type { OnnxDeclaration } from './declaration.ts';

/** Names of values; where `value` is absent, the last element of `logits` is the value, or there is none. */
export interface OutputNames {
  readonly logits: string;
  readonly value?: string;
}

const valueLike = /value|critic|baseline|^v$|^vf/i;
const logitsLike = /logit|policy|actor|action|^pi$|^p$/i;

/** The output, value or node that a user means by `name`. */
function valueNamed(graph: OnnxGraph, name: string, what: string, file: string): string {
  const known =
    graph.outputs.some((output) => output.name === name) || graph.nodes.some((n) => n.outputs.includes(name));
  const node = graph.nodes.find((candidate) => candidate.name === name);
  if (known) return name;
  if (node) return node.outputs[0];
  throw new InputError(
    `${file}: expected ${what} as one of ${graph.outputs.map((output) => output.name).join(', ')} or a node's name, got ${name}`,
  );
}

/**
 * @returns one or two candidates: with two, which of them is the value is decided by `declared`, by name, or later by
 *   shape (`ordered` is then false)
 */
export function outputNames(
  graph: OnnxGraph,
  declared: OnnxDeclaration,
  file: string,
): OutputNames & { readonly ordered: boolean } {
  const names = graph.outputs.map(({ name }) => name);
  const logits = declared.logits === undefined ? undefined : valueNamed(graph, declared.logits, 'logits', file);
  if (declared.value === null) {
    const [only] = names.filter((name) => names.length === 1 || logitsLike.test(name));
    const chosen = logits ?? only;
    if (chosen === undefined)
      throw new InputError(`${file}: expected to be told which output holds the logits, got ${names.join(', ')}`);
    return { logits: chosen, ordered: true };
  }
  const value = declared.value === undefined ? undefined : valueNamed(graph, declared.value, 'value', file);
  if (logits !== undefined && value !== undefined) return { logits, value, ordered: true };

  const others = names.filter((name) => name !== logits && name !== value);
  if (logits !== undefined) {
    const named = others.length === 1 ? others : others.filter((name) => valueLike.test(name));
    if (named.length === 1) return { logits, value: named[0], ordered: true };
  } else if (value !== undefined) {
    const named = others.length === 1 ? others : others.filter((name) => logitsLike.test(name));
    if (named.length === 1) return { logits: named[0], value, ordered: true };
  } else {
    if (names.length === 1) return { logits: names[0], ordered: true };
    if (names.length === 2) return { logits: names[0], value: names[1], ordered: false };
    const critics = names.filter((name) => valueLike.test(name));
    const actors = names.filter((name) => logitsLike.test(name) && !critics.includes(name));
    if (critics.length === 1 && actors.length === 1) return { logits: actors[0], value: critics[0], ordered: true };
  }
  throw new InputError(
    `${file}: expected logits and a value as two outputs or as one, got ${names.join(', ') || 'none'}: say which hold them`,
  );
}

/** With two outputs of which neither was declared, whether their names say that the value comes first. */
export function valueComesFirst(first: string, second: string): boolean {
  return valueLike.test(first) && !valueLike.test(second);
}
