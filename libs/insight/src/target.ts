/** Targets as people write them: an action's name, an output's index, `value`, `log-probability:<action>` and so on. */
import { InputError } from '@saccade/core';
import {
  centredLogit,
  entropy,
  groupLogit,
  logitDifference,
  logProbability,
  probability,
  rawOutput,
} from '@saccade/attribution';
import type { Target } from '@saccade/attribution';

/** What a target is named against; a `Policy` satisfies it. */
export interface TargetNames {
  /** In the order of the logits. */
  readonly actions: readonly string[];
}

export interface NamedTarget {
  /** As it is written. */
  readonly text: string;
  /** For people: `logit of jump, less the mean`. */
  readonly label: string;
  /** What its attributions are measured in. */
  readonly units: 'logit' | 'value' | 'nats' | 'probability';
  readonly target: Target;
}

/** The forms that `parseTarget` reads, for help texts and errors. */
export const targetForms = [
  '<action>',
  '<output index>',
  'value',
  'difference:<action>,<action>',
  'group:<action>,<action>...',
  'log-probability:<action>[,<action>...]',
  'probability:<action>[,<action>...]',
  'entropy',
] as const;

/**
 * @throws InputError that lists the actions and the forms when `text` is none of them
 */
export function parseTarget(text: string, { actions }: TargetNames): NamedTarget {
  const layout = { outputs: actions.length + 1, logits: actions.length };
  const expected = `expected an action (${actions.join(', ')}), an output's index 0-${actions.length}, value, or one of ${targetForms.slice(3).join(', ')}`;
  const fail = (): never => {
    throw new InputError(`target: ${expected}, got ${text === '' ? 'nothing' : text}`);
  };
  const indexOf = (name: string): number => {
    const index = actions.indexOf(name.trim());
    return index === -1 ? fail() : index;
  };
  const named = (label: string, units: NamedTarget['units'], target: Target): NamedTarget => ({
    text,
    label,
    units,
    target,
  });

  if (actions.includes(text))
    return named(`logit of ${text}, less the mean`, 'logit', centredLogit(layout, indexOf(text)));
  if (text === 'value') return named('value', 'value', rawOutput(layout, actions.length));
  if (text === 'entropy') return named('entropy', 'nats', entropy(layout));
  if (/^\d+$/.test(text)) {
    const index = Number(text);
    if (index > actions.length) fail();
    if (index === actions.length) return named('value', 'value', rawOutput(layout, index));
    return named(`raw logit of ${actions[index]}`, 'logit', rawOutput(layout, index));
  }
  const colon = text.indexOf(':');
  const form = colon === -1 ? '' : text.slice(0, colon);
  const names = text.slice(colon + 1).split(',');
  switch (form) {
    case 'difference': {
      if (names.length !== 2) fail();
      const [first, second] = names.map(indexOf);
      const label = `logit of ${actions[first]}, less that of ${actions[second]}`;
      return named(label, 'logit', logitDifference(layout, first, second));
    }
    case 'group':
      return named(`logit of ${names.join(' or ')}, less the mean`, 'logit', groupLogit(layout, ...names.map(indexOf)));
    case 'log-probability':
      return named(`log-probability of ${names.join(' or ')}`, 'nats', logProbability(layout, ...names.map(indexOf)));
    case 'probability':
      return named(`probability of ${names.join(' or ')}`, 'probability', probability(layout, ...names.map(indexOf)));
    default:
      return fail();
  }
}
