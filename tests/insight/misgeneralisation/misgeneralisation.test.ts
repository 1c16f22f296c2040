import { describe, expect, it } from 'vitest';
import { blindRunner } from '@saccade/agent';
import { Cell } from '@saccade/envs';
import { conditionEnvironment, conditionLevel, conditions, endFrames, playRoutes } from '@saccade/insight';
import type { Condition } from '@saccade/insight';

const environment = () => conditionEnvironment({ difficulty: 'easy' }, 200);
const levelSeeds = [1, 2, 3, 4, 5, 6];
const routesOf = (condition: Condition, condition_seed = 0) => {
  const environments = [environment(), environment()];
  const player = blindRunner(environments[0].actionSpace.names, 0.1);
  return playRoutes({ environments, player, levelSeeds, condition, seed: condition_seed });
};

describe('the six conditions', () => {
  it('change the coin and the wall and nothing else', () => {
    const game = environment();
    for (const seed of levelSeeds) {
      const scenes = conditions.map((condition) => {
        const { state, end } = conditionLevel(seed, game.config, condition);
        game.reset({ options: { state } });
        return {
          condition,
          end,
          coins: game.scene.objects.filter(({ kind }) => kind === 'coin'),
          scene: structuredClone(game.scene),
        };
      });
      for (const { condition, end, coins, scene } of scenes) {
        expect(end).toEqual(scenes[0].end);
        if (condition.coin === 'absent') expect(coins).toHaveLength(0);
        if (condition.coin === 'end') expect([coins[0].x, coins[0].y]).toEqual([end.x, end.y]);
        if (condition.coin === 'middle') expect(coins[0].x).toBeLessThan(end.x);
        const behind = scene.cells[(Math.floor(end.y) + 1) * scene.width + Math.floor(end.x) + 1];
        expect(behind).toBe(condition.wall === 'present' ? Cell.ground : Cell.empty);
        const others = scene.objects.filter(({ kind }) => kind !== 'coin');
        expect(others).toEqual(scenes[0].scene.objects.filter(({ kind }) => kind !== 'coin'));
        // Left of the end, the ground is the same.
        for (let row = 0; row < scene.height; row++) {
          const left = row * scene.width;
          expect(scene.cells.slice(left, left + Math.floor(end.x))).toEqual(
            scenes[0].scene.cells.slice(left, left + Math.floor(end.x)),
          );
        }
      }
    }
  });
});

describe('routes', () => {
  it('of a player that does not look do not depend on a coin at the end', async () => {
    const [there, gone] = [await routesOf(conditions[0]), await routesOf({ coin: 'absent', wall: 'present' })];
    expect(gone.map(({ progress }) => progress)).toEqual(there.map(({ progress }) => progress));
    expect(gone.every(({ tookCoin }) => !tookCoin)).toBe(true);
    there.forEach(({ tookCoin, reachedEnd }) => expect(tookCoin).toBe(reachedEnd));
  });

  it('give moments near the end that every condition shows', async () => {
    const routes = await routesOf(conditions[0]);
    const { count, observations, levelSeeds: seeds } = endFrames(environment(), routes);
    expect(count).toBeGreaterThan(0);
    expect(seeds).toHaveLength(count);
    expect(observations).toHaveLength(6);
    const [withCoin, , without] = observations;
    expect(without).not.toEqual(withCoin);
    expect(observations[3]).not.toEqual(withCoin);
  });
});
