import { describe, expect, it } from 'vitest';
import { summarise, wilsonInterval } from '@saccade/agent';
import '../support/allClose.ts';

describe('evaluation', () => {
  it('gives the Wilson interval of published tables', () => {
    // 81 of 263: Newcombe 1998, table I, method 3.
    expect(wilsonInterval(81, 263)).toBeAllClose([0.2553, 0.3662], { absolute: 5e-5 });
    // 0 of 20 and 1 of 29 from the same table.
    expect(wilsonInterval(0, 20)).toBeAllClose([0, 0.1611], { absolute: 5e-5 });
    expect(wilsonInterval(1, 29)).toBeAllClose([0.0061, 0.1718], { absolute: 5e-5 });
  });

  it('counts failures by their cause', () => {
    const result = (solved: boolean, cause: string) => ({
      levelSeed: 1,
      solved,
      return: solved ? 10 : 0,
      length: 4,
      cause,
    });
    const summary = summarise([
      result(true, 'coin'),
      result(false, 'saw'),
      result(false, 'saw'),
      result(false, 'timeout'),
    ]);
    expect(summary).toMatchObject({ episodes: 4, solveRate: 0.25, meanReturn: 2.5, failures: { saw: 2, timeout: 1 } });
  });
});
