/** Deaths by enemies told apart by the way in which the enemy walked, as Understanding RL Vision tells them. */
import type { CoinRunEnvironment } from '@saccade/envs';

export const enemyCauses = { left: 'enemy moving left', right: 'enemy moving right' } as const;

/** The enemy nearest to the agent when an enemy ended the episode is the one that did. */
function causeWithDirection({ scene }: CoinRunEnvironment): string {
  const { agent, objects } = scene;
  const distance = ({ x, y }: { readonly x: number; readonly y: number }): number =>
    Math.hypot(x - agent.x, y - agent.y);
  const enemies = objects.filter(({ kind }) => kind === 'enemy').sort((a, b) => distance(a) - distance(b));
  return enemies.length === 0 ? 'enemy' : enemies[0].vx < 0 ? enemyCauses.left : enemyCauses.right;
}

/** The same environment, whose `info` names the direction too. */
export function withEnemyDirections(environment: CoinRunEnvironment): CoinRunEnvironment {
  const info: CoinRunEnvironment['info'] = () => {
    const own = environment.info();
    return own.cause === 'enemy' ? { ...own, cause: causeWithDirection(environment) } : own;
  };
  return Object.create(environment, { info: { value: info } }) as CoinRunEnvironment;
}

/** Both directions as one cause. */
export function mergeEnemyDirections<T extends { readonly cause: string }>(results: readonly T[]): T[] {
  return results.map((result) => (result.cause.startsWith('enemy') ? { ...result, cause: 'enemy' } : result));
}
