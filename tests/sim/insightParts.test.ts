import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { createActor, playLevels, policyPlayer } from '@saccade/agent';
import { createCoinRun } from '@saccade/envs';
import { buildNetwork, eagerCompile, initialiseParameters } from '@saccade/nn';
import { mergeEnemyDirections, withEnemyDirections } from '../../apps/sim/src/commands/insight/enemyDirections.ts';
import { packedPlayer, packRows } from '../../apps/sim/src/commands/insight/packedPlayer.ts';

describe('a policy in packed batches', () => {
  it('plays the same episodes as one that fills every row', async () => {
    const make = () => createCoinRun({ difficulty: 'easy', timeLimit: 5 });
    const network = buildNetwork('compact', [64, 64, 3], make().actionSpace.names.length);
    const parameters = initialiseParameters(network, createStream(1, 'test'));
    const levelSeeds = [3, 4, 5, 6, 7];
    const play = async (batch: number, packed: boolean) => {
      const actor = await createActor(network, parameters, batch, eagerCompile);
      const environments = Array.from({ length: 3 }, make);
      const whole = policyPlayer(actor, network.actions, false);
      const player = packed ? packedPlayer(actor, network) : whole;
      const results = await playLevels({ environments, player, levelSeeds, seed: 0 });
      actor.dispose();
      return results;
    };
    const whole = await play(3, false);
    expect(await play(2, true)).toEqual(whole);
    expect(await play(8, true)).toEqual(whole);
  });

  it('hands on only the rows that play', async () => {
    const seen: number[][] = [];
    const player = packRows((actions, observations, turns) => {
      seen.push([...observations]);
      turns.forEach(({ row }) => (actions[row] = 10 + row));
      return Promise.resolve();
    }, 2);
    const actions = new Int32Array(4);
    const stream = createStream(0, 'test');
    await player(actions, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7), [
      { row: 1, stream },
      { row: 3, stream },
    ]);
    expect(seen).toEqual([[2, 3, 6, 7]]);
    expect([...actions]).toEqual([0, 10, 0, 11]);
  });
});

describe('deaths by enemies', () => {
  it('are told apart by the way in which the enemy walked', () => {
    const environment = createCoinRun({ difficulty: 'easy' });
    const directed = withEnemyDirections(environment);
    const walls = [-1, 1].map((heading) => {
      directed.begin(5);
      const { x, y } = environment.scene.agent;
      environment.edit({ kind: 'add', object: { kind: 'enemy', x: x + 0.5, y, vx: 0.15 * heading } });
      const outcome = { reward: 0, terminated: false, truncated: false, cause: -1 };
      directed.stepInto(outcome, 0);
      expect(outcome.terminated).toBe(true);
      return directed.info().cause;
    });
    expect(walls).toEqual(['enemy moving left', 'enemy moving right']);
    expect(mergeEnemyDirections([{ cause: walls[0] ?? '' }, { cause: 'saw' }])).toEqual([
      { cause: 'enemy' },
      { cause: 'saw' },
    ]);
  });
});
