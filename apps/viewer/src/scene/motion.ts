/** In-between pictures: the world on its way from one step to the next. The steps themselves are never changed. */
import type { Scene } from '@saccade/envs';

/** Farther than this in one step is a jump to elsewhere (a new level, an edit), not motion. Cells. */
const LEAP = 3;

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

/** @param share 0 is `from`, 1 is `to` */
export function between(from: Scene, to: Scene, share: number): Scene {
  if (from.cells !== to.cells || Math.hypot(to.agent.x - from.agent.x, to.agent.y - from.agent.y) > LEAP) return to;
  const before = new Map(from.objects.map((object) => [object.id, object]));
  return {
    ...to,
    agent: { ...to.agent, x: mix(from.agent.x, to.agent.x, share), y: mix(from.agent.y, to.agent.y, share) },
    objects: to.objects.map((object) => {
      const was = before.get(object.id);
      if (!was || (was.x === object.x && was.y === object.y)) return object;
      return { ...object, x: mix(was.x, object.x, share), y: mix(was.y, object.y, share) };
    }),
  };
}
