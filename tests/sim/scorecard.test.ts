import { describe, expect, it } from 'vitest';
import { refusal } from './commandLine.ts';

describe('saccade scorecard', () => {
  it('says what is wrong with a flag before it computes anything', async () => {
    const given = (...flags: string[]): Promise<string> => refusal('scorecard', '--policy', 'compact-easy', ...flags);
    expect(await given('--frames', '1')).toContain('--frames: expected a whole number from 2 to 10000, got 1');
    expect(await given('--methods', 'saliency,magic')).toContain('method: expected one of saliency, ');
    expect(await refusal('scorecard', '--policy', 'no-such-policy')).toContain('no-such-policy');
  });
});
