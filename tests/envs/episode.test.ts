import { describe, expect, it } from 'vitest';
import { createCoinRun, createCorridor, playEpisode } from '@saccade/envs';
import type { Chooser } from '@saccade/envs';

describe('playEpisode', () => {
  const always = (action: number, actor: Chooser['actor'] = 'script'): Chooser => ({ actor, choose: () => action });

  it('plays to the end and records who chose what, so that the record can be played again', async () => {
    const environment = createCoinRun();
    environment.reset({ options: { levelSeed: 3 } });
    const plan = environment.plan() ?? [];
    const seen: number[] = [];
    const record = await playEpisode(
      environment,
      { actor: 'human', choose: (_observation, { step }) => plan[step] },
      { onStep: ({ step }) => seen.push(step) },
    );
    expect(record).toMatchObject({ levelSeed: 3, return: 10, cause: 'coin', terminated: true, truncated: false });
    expect(record.steps.map(({ action }) => action)).toEqual(plan);
    expect(new Set(record.steps.map(({ actor }) => actor))).toEqual(new Set(['human']));
    expect(seen).toEqual(plan.map((_, index) => index + 1));

    const again = createCoinRun();
    again.reset({ options: { levelSeed: record.levelSeed } });
    expect(again.stateHash()).toBe(record.startHash);
    for (const { action, stateHash, reward } of record.steps) {
      expect(again.step(action).reward).toBe(reward);
      expect(again.stateHash()).toBe(stateHash);
    }
  });

  it('takes the same steps whoever chooses: only the mark differs', async () => {
    const records = await Promise.all(
      (['policy', 'human', 'script'] as const).map((actor) => {
        const environment = createCoinRun({ timeLimit: 30 });
        environment.reset({ options: { levelSeed: 8 } });
        return playEpisode(environment, always(1, actor));
      }),
    );
    const unmarked = records.map((record) => ({
      ...record,
      steps: record.steps.map((step) => ({ ...step, actor: 0 })),
    }));
    expect(unmarked[1]).toEqual(unmarked[0]);
    expect(unmarked[2]).toEqual(unmarked[0]);
    expect(records.map(({ steps }) => steps[0].actor)).toEqual(['policy', 'human', 'script']);
  });

  it('shows the chooser what it acts on: the observation of that very step', async () => {
    const environment = createCoinRun({ timeLimit: 6 });
    environment.reset({ options: { levelSeed: 2 } });
    const shown: Uint8Array[] = [];
    const now = new Uint8Array(64 * 64 * 3);
    await playEpisode(environment, {
      actor: 'policy',
      choose(observation) {
        environment.observeInto(now, 0);
        expect(observation).toEqual(now);
        shown.push(observation);
        return 1;
      },
    });
    expect(new Set(shown).size).toBe(6);
  });

  it('marks a takeover where it happens, and stays where the chooser leaves', async () => {
    const environment = createCorridor();
    environment.reset({ seed: 1 });
    const chooser = {
      actor: 'policy' as Chooser['actor'],
      choose(_observation: Uint8Array, { step }: { step: number }): number | null {
        if (step === 2) chooser.actor = 'human';
        return step < 4 ? 2 : null;
      },
    };
    const record = await playEpisode(environment, chooser);
    expect(record.steps.map(({ actor }) => actor)).toEqual(['policy', 'policy', 'human', 'human']);
    expect(record).toMatchObject({ cause: null, terminated: false, truncated: false, return: 0 });
    expect(environment.info().step).toBe(4);
  });

  it('says what is wrong, and stops when cancelled', async () => {
    const environment = createCorridor();
    environment.reset();
    await expect(playEpisode(environment, always(9))).rejects.toThrow(/expected an action in 0..2, got 9/);
    const nobody = { ...always(2), actor: 'nobody' } as unknown as Chooser;
    await expect(playEpisode(environment, nobody)).rejects.toThrow(/an actor among policy, human, script, got nobody/);
    const stopped = playEpisode(environment, always(2), { cancellation: { aborted: true } });
    await expect(stopped).rejects.toThrow(/cancelled/);
    expect(environment.info().step).toBe(0);
  });
});
