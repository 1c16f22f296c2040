/** `saccade levels`: its report, for people and machines, and a level as text. */
import { describe, expect, it } from 'vitest';
import {
  generateLevel,
  layoutHash,
  layoutOverlap,
  levelFromText,
  levelStatistics,
  resolveCoinRunConfig,
  HELD_OUT_START,
} from '@saccade/envs';
import { saccade } from '../support/saccade.ts';

const seeds = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('saccade levels', () => {
  it('reports statistics, solvability and overlap, as JSON for machines', async () => {
    const { code, stdout, stderr } = await saccade('levels', '--train', '60', '--test', '80', '--json');
    expect(code).toBe(0);
    const config = resolveCoinRunConfig();
    const report = JSON.parse(stdout) as Record<'training' | 'test' | 'overlap', object>;
    expect(report.training).toMatchObject({ seeds: [0, 59], ...levelStatistics(seeds(60), config) });
    expect(report.training).toMatchObject({ solvability: { levels: 60, solved: 60, unsolved: [] } });
    expect(report.test).toMatchObject({ seeds: [HELD_OUT_START, HELD_OUT_START + 79], levels: 80 });
    expect(report.test).toMatchObject({ solvability: { levels: 80, solved: 80, unsolved: [] } });
    expect(report.overlap).toEqual(layoutOverlap(seeds(60), seeds(80, HELD_OUT_START), config));
    expect(stderr).toContain('solving training 60/60 levels (100%)');
  });

  it('prints a table for people', async () => {
    const { stdout } = await saccade('levels', '--train', '20', '--test', '0', '--difficulty', 'hard', '--no-solve');
    expect(stdout).toMatch(/^levels +20 \(0 \.\. 19\)$/m);
    expect(stdout).toMatch(/^with saws +\d+\.\d%$/m);
    expect(stdout).toMatch(/^solved by the planner +not tried$/m);
  });

  it('takes the options of a layout', async () => {
    const { code, stdout } = await saccade(
      'levels',
      '--train',
      '3',
      '--test',
      '0',
      '--set',
      'coinAnywhere=1',
      'endWall=false',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^solved by the planner +3 of 3/m);
  });

  it('draws one level as text that reads back as the same layout', async () => {
    const { code, stdout } = await saccade('levels', '--level', '7', '--difficulty', 'hard');
    expect(code).toBe(0);
    const level = generateLevel(7, resolveCoinRunConfig({ difficulty: 'hard' }));
    expect(layoutHash(levelFromText(stdout))).toBe(layoutHash(level));
    const document = await saccade('levels', '--level', '7', '--difficulty', 'hard', '--json');
    expect(JSON.parse(document.stdout)).toMatchObject({ seed: 7, layout: layoutHash(level), text: stdout });
  });

  it('answers wrong flags in one line', async () => {
    const wrong: [string[], RegExp][] = [
      [['--train', '0', '--test', '0'], /--train: expected levels in one of the sets, got none in both/],
      [['--test', '10001'], /--test: expected a whole number from 0 to 10000, got 10001/],
      [['--set', 'colour=1'], /--set: expected hazards, coinAnywhere, endWall, got colour=1/],
      [['--set', 'coinAnywhere=much'], /--set: expected a JSON value after coinAnywhere=, got much/],
      [['--set', 'coinAnywhere=2'], /expected coinAnywhere in 0..1, got 2/],
      [['--level', '-1'], /--level: expected a whole number from 0 to 4294967295, got -1/],
    ];
    for (const [flags, message] of wrong) {
      const { code, stdout, stderr } = await saccade('levels', ...flags);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});
