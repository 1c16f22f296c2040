/** What a map is of, in a person's words: names of targets are for links and the command line. */
import type { PolicyInfo } from '@saccade/protocol';
import { actionTitle } from '../format.ts';

/** `Jump`, `value`, `TD residual`: within a sentence. A target that the policy does not list keeps its name. */
export function targetWords(target: string, policy: PolicyInfo | null): string {
  if (policy?.actions.includes(target)) return actionTitle(target);
  return policy?.targets.find(({ name }) => name === target)?.title ?? target;
}
