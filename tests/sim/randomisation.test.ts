/** What `saccade sanity` measured of a policy goes with it: into what a server offers, and beside maps. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { offer } from '@saccade/session';
import { findPolicies, loadPolicy } from '../../apps/sim/src/storage/policies.ts';
import { openProgress } from '../../apps/sim/src/commands/scorecard/resume.ts';
import { policyFolder } from './randomPolicy.ts';

const measured = (policyHash: string): string =>
  JSON.stringify({
    policyHash,
    saccade: '0.1.0',
    frames: 16,
    seed: 0,
    layer: '2b',
    methods: {
      guidedBackprop: { after: 0.9, chance: 0.3, fails: true },
      saliency: { after: 0.1, chance: 0.3, fails: false },
      ablation: { after: null, chance: null, fails: false },
    },
  });

describe('randomisation.json', () => {
  it('beside the policy that it is of, warns of the methods that failed there', async () => {
    const folder = await policyFolder('one');
    const [file] = await findPolicies(folder);
    const { hash } = await loadPolicy(file);
    expect(offer(await loadPolicy(file)).info.warnings).toBeUndefined();
    await writeFile(join(folder, 'one', 'randomisation.json'), measured(hash));
    const { warnings } = offer(await loadPolicy(file)).info;
    expect(Object.keys(warnings ?? {})).toEqual(['guidedBackprop']);
    expect(warnings?.['guidedBackprop']).toContain('0.90, by chance up to 0.30');
  });

  it('of another policy says nothing; something else is refused', async () => {
    const folder = await policyFolder('one');
    const [file] = await findPolicies(folder);
    const path = join(folder, 'one', 'randomisation.json');
    await writeFile(path, measured('0123456789abcdef'));
    expect((await loadPolicy(file)).warnings).toEqual({});
    for (const text of ['no JSON', '{"methods": 3}']) {
      await writeFile(path, text);
      await expect(loadPolicy(file)).rejects.toThrow('randomisation.json: expected');
    }
  });
});

describe('a scorecard that was stopped', () => {
  const score = { used: true, maps: { saliency: { deletion: 1 } } };
  const scores = { value: score, action: score };

  it('finds the frames of the same command, and begins anew for another', async () => {
    const folder = await policyFolder();
    const first = openProgress(folder, { frames: 2 });
    expect(first.found).toBe(0);
    first.add({ policy: 'a', frame: 1, scores });
    first.add({ policy: 'a', checks: {} });
    const second = openProgress(folder, { frames: 2 });
    expect([...second.known('a')]).toEqual([[1, scores]]);
    expect(second.known('b').size).toBe(0);
    expect(second.checks('a')).toEqual({});
    expect(second.checks('b')).toBeUndefined();
    // Killed while it wrote a line.
    await writeFile(join(folder, 'scorecard.partial.jsonl'), '{"policy":"a","fra', { flag: 'a' });
    expect(openProgress(folder, { frames: 2 }).found).toBe(1);
    expect(openProgress(folder, { frames: 3 }).found).toBe(0);
    second.finish();
  });
});
