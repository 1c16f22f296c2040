import { describe, expect, it } from 'vitest';
import { createStream } from '@saccade/core';
import { Cell, createCoinRun, createOutcome } from '@saccade/envs';
import type { Difficulty } from '@saccade/envs';

/** Plays `steps` random actions, held for a while each so that they lead somewhere, and looks at every state. */
function wander(difficulty: Difficulty, steps: number): Record<string, number> {
  const environment = createCoinRun({ difficulty, timeLimit: 200 });
  const stream = createStream(difficulty, 'wander');
  const outcome = createOutcome();
  const ends: Record<string, number> = {};
  const broken: string[] = [];
  let level = 0;
  environment.begin(level);
  let action = 0;
  let hold = 0;
  for (let step = 0; step < steps && broken.length < 5; step++) {
    if (hold-- === 0) {
      action = stream.chance(0.5) ? 1 + 3 * stream.integer(2) : stream.integer(7);
      hold = stream.integer(8);
    }
    const { agent, cells, width, height, objects } = environment.scene;
    const [x, y] = [agent.x, agent.y];
    environment.stepInto(outcome, action);
    const solidAt = (px: number, py: number): boolean =>
      !(px >= 0 && py >= 0 && px < width && py < height) ||
      cells[Math.floor(py) * width + Math.floor(px)] === Cell.ground;
    const inGround = (dx: number): boolean =>
      solidAt(agent.x + dx, agent.y - 0.567) ||
      solidAt(agent.x + dx, agent.y) ||
      solidAt(agent.x + dx, agent.y + 0.567);
    const promises = {
      'the agent is outside of ground': !inGround(-0.49) && !inGround(0.49),
      'speeds are within their limits': Math.abs(agent.vx) <= 0.5 + 1e-12 && Math.abs(agent.vy) <= 1.5,
      'no step is longer than its speed allows':
        Math.abs(agent.x - x) <= 0.5 + 1e-9 && Math.abs(agent.y - y) <= 1.5 + 1e-9,
      'support means rest': !agent.supported || agent.vy === 0,
      'numbers are finite and no zero is negative':
        Number.isFinite(agent.x + agent.y + agent.vx + agent.vy) &&
        !Object.is(agent.vx, -0) &&
        !Object.is(agent.vy, -0),
      'enemies keep their pace, outside of ground': objects.every(
        (object) =>
          object.kind !== 'enemy' ||
          (Math.abs(object.vx) === 0.15 && !solidAt(object.x - 0.49, object.y) && !solidAt(object.x + 0.49, object.y)),
      ),
      'nobody who lives is in lava':
        outcome.cause >= 0 || cells[Math.floor(agent.y) * width + Math.floor(agent.x)] !== Cell.lava,
    };
    for (const promise in promises) {
      if (!promises[promise as keyof typeof promises])
        broken.push(`${promise}: level ${level}, ${JSON.stringify(agent)}`);
    }
    if (outcome.cause >= 0) {
      const cause = environment.endCauses[outcome.cause];
      ends[cause] = (ends[cause] ?? 0) + 1;
      environment.begin(++level);
    }
  }
  expect(broken).toEqual([]);
  return ends;
}

describe('under random actions', () => {
  it('no reachable state of easy breaks an invariant in half a million steps', { timeout: 300_000 }, () => {
    const ends = wander('easy', 500_000);
    for (const cause of ['coin', 'saw', 'lava', 'timeout']) expect(ends[cause]).toBeGreaterThan(0);
    expect(ends['out-of-bounds']).toBe(undefined);
  });

  it('no reachable state of hard breaks an invariant in half a million steps', { timeout: 300_000 }, () => {
    const ends = wander('hard', 500_000);
    for (const cause of ['coin', 'saw', 'enemy', 'lava', 'timeout']) expect(ends[cause]).toBeGreaterThan(0);
  });
});
