/** Targets as the page speaks of them. */
import { describe, expect, it } from 'vitest';
import { offer } from '@saccade/session';
import { capital } from '../../apps/viewer/src/format.ts';
import { targetWords } from '../../apps/viewer/src/session/targetWords.ts';
import { randomPolicy } from '../sim/randomPolicy.ts';

const { info } = offer({ name: 'random', hash: 'abc', description: '', policy: randomPolicy() });

describe('the words for a target', () => {
  it('are a title, never a name of the wire, for each target that a policy offers', () => {
    const words = info.targets.map(({ name }) => targetWords(name, info));
    expect(words.slice(0, 2)).toEqual(['value', 'TD residual']);
    expect(words.at(-1)).toBe('entropy');
    expect(targetWords('right+jump', info)).toBe('Right + jump');
    for (const word of words) expect(word).toMatch(/^[A-Za-z +]+$/);
    expect(capital(targetWords('td-residual', info))).toBe('TD residual');
  });

  it('are the name where the policy says none, or is not there yet', () => {
    expect(targetWords('td-residual:0.5', info)).toBe('td-residual:0.5');
    expect(targetWords('value', null)).toBe('value');
  });
});
