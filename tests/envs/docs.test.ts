import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createCoinRun, levelFromText, stateOfLevel } from '@saccade/envs';
import type { Edit } from '@saccade/envs';
import { describeEnvironment } from '../contracts/environment.ts';
import { createLights } from './lights.ts';

const guide = readFileSync(new URL('../../docs/environments.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text }));

describe('docs/environments.md', () => {
  it('shows the example environment as it is tested', () => {
    const example = readFileSync(new URL('lights.ts', import.meta.url), 'utf8').trim();
    expect(blocks.map(({ text }) => text.trim())).toContain(example);
  });

  it('shows a level that can be played and a state and edits that are accepted', () => {
    const environment = createCoinRun({ difficulty: 'hard' });
    const level = blocks.find(({ language }) => language === '')?.text ?? '';
    environment.reset({ options: { state: stateOfLevel(levelFromText(level), environment.config) } });
    const edits = blocks.filter(({ language, text }) => language === 'json' && text.startsWith('{ "kind"'));
    const lines = edits[0].text.trim().split('\n');
    expect(lines.length).toBe(8);
    for (const line of lines) environment.edit(JSON.parse(line) as Edit);
  });

  it('shows a state with every field that a state has, and no other', () => {
    const shown = JSON.parse(blocks.find(({ text }) => text.includes('"episodeReturn"'))?.text ?? '') as object;
    const environment = createCoinRun();
    environment.reset();
    const state = environment.getState();
    expect(Object.keys(shown).sort()).toEqual(Object.keys(state).sort());
    const gameOf = (value: object): string[] => Object.keys((value as { game: object }).game).sort();
    expect(gameOf(shown)).toEqual(gameOf(state));
    environment.setState(shown);
    expect(environment.info().levelSeed).toBe(12);
  });
});

describeEnvironment('the example of the guide', () => createLights());
