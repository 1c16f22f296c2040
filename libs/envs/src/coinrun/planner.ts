/**
 * Finds actions that win a level, by best-first search through the real dynamics: the proof that a level can be
 * solved, and a player to compare agents with. It holds each action for a few steps (first four, then two, then one),
 * so that most levels need a few hundred expansions.
 */
import { throwIfAborted } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import type { Direction } from './actions.ts';
import { MAX_SPEED } from './constants.ts';
import { Contact } from './world.ts';
import type { World } from './world.ts';

export interface PlanOptions {
  /** Search nodes before giving up, at each length of holding. Default 60,000. */
  readonly maxNodes?: number;
  /** Longest plan, steps. Default 999, within CoinRun's time limit. */
  readonly maxSteps?: number;
  readonly cancellation?: Cancellation;
}

interface Node {
  readonly motion: Float64Array;
  readonly parent: Node | null;
  /** The direction that led here, and for how many steps. */
  readonly direction: number;
  readonly held: number;
  readonly steps: number;
  readonly priority: number;
}

const DIRECTIONS: readonly Direction[] = [
  { dx: 1, dy: 0 },
  { dx: 1, dy: 1 },
  { dx: 0, dy: 0 },
  { dx: -1, dy: 0 },
  { dx: 0, dy: 1 },
  { dx: -1, dy: 1 },
  { dx: 0, dy: -1 },
];
const HOLDS = [4, 2, 1] as const;
/** How much nearer the coin counts over fewer steps: above 1, since some winning plan is enough. */
const GREED = 2;

/** Directions, one a step, that lead from the world's present to a coin; null if none were found. Borrows `world`. */
export function planWorld(world: World, options: PlanOptions = {}): Direction[] | null {
  const start = new Float64Array(world.motionSize);
  world.saveMotion(start);
  try {
    for (const hold of HOLDS) {
      const plan = search(world, start, hold, options);
      if (plan !== null) return plan;
    }
    return null;
  } finally {
    world.loadMotion(start);
  }
}

function search(
  world: World,
  start: Float64Array,
  hold: number,
  { maxNodes = 60_000, maxSteps = 999, cancellation }: PlanOptions,
): Direction[] | null {
  const coin = world.scene.objects.find(({ kind }) => kind === 'coin');
  if (coin === undefined) return null;
  const hasEnemies = world.scene.objects.some(({ kind }) => kind === 'enemy');
  const { agent } = world.scene;
  const open = new Heap();
  const seen = new Set<number>();
  const remaining = (): number => GREED * (Math.abs(coin.x - agent.x) / MAX_SPEED);
  world.loadMotion(start);
  open.push({ motion: start, parent: null, direction: 0, held: 0, steps: 0, priority: remaining() });
  for (let expanded = 0; expanded < maxNodes; expanded++) {
    const node = open.pop();
    if (node === undefined) return null;
    if (expanded % 1024 === 0) throwIfAborted(cancellation, 'planWorld');
    for (let direction = 0; direction < DIRECTIONS.length; direction++) {
      const { dx, dy } = DIRECTIONS[direction];
      world.loadMotion(node.motion);
      let contact: Contact = Contact.none;
      let held = 0;
      while (held < hold && contact === Contact.none) {
        contact = world.step(dx, dy);
        held += 1;
      }
      const steps = node.steps + held;
      if (steps > maxSteps || (contact !== Contact.none && contact !== Contact.coin)) continue;
      const key = keyOf(world, hold, hasEnemies);
      if (contact === Contact.none && seen.has(key)) continue;
      seen.add(key);
      const motion = new Float64Array(start.length);
      world.saveMotion(motion);
      const next: Node = { motion, parent: node, direction, held, steps, priority: steps + remaining() };
      if (contact === Contact.coin) return unwind(next);
      open.push(next);
    }
  }
  return null;
}

/** States in one bucket count as one: a sixteenth of a cell (a quarter where actions are held long) and a speed. */
function keyOf(world: World, hold: number, hasEnemies: boolean): number {
  const { agent, step } = world.scene;
  const grain = hold === 1 ? 16 : hold === 2 ? 8 : 4;
  const phase = hasEnemies ? Math.floor(step / hold) % 64 : 0;
  let key = Math.floor(agent.x * grain);
  key = key * 4096 + Math.floor(agent.y * grain);
  key = key * 16 + Math.floor((agent.vx + 0.5) * 10 + 0.5);
  key = key * 64 + Math.floor((agent.vy + 1.5) * 10 + 0.5);
  return key * 64 + phase;
}

function unwind(last: Node): Direction[] {
  const plan: Direction[] = [];
  for (let node: Node | null = last; node?.parent; node = node.parent) {
    for (let i = 0; i < node.held; i++) plan.push(DIRECTIONS[node.direction]);
  }
  return plan.reverse();
}

/** Binary heap, the least priority first. */
class Heap {
  private readonly nodes: Node[] = [];

  push(node: Node): void {
    const { nodes } = this;
    let at = nodes.length;
    nodes.push(node);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (nodes[parent].priority <= node.priority) break;
      nodes[at] = nodes[parent];
      at = parent;
    }
    nodes[at] = node;
  }

  pop(): Node | undefined {
    const { nodes } = this;
    const first = nodes[0];
    const last = nodes.pop();
    if (last === undefined || nodes.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= nodes.length) break;
      if (child + 1 < nodes.length && nodes[child + 1].priority < nodes[child].priority) child += 1;
      if (nodes[child].priority >= last.priority) break;
      nodes[at] = nodes[child];
      at = child;
    }
    nodes[at] = last;
    return first;
  }
}
