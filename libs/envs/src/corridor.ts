/**
 * A tiny environment that PPO masters within seconds: a corridor of eight cells with a goal at one of its ends and a
 * pit at the other. The agent sees itself and both ends; walking to the goal is worth 1. For learning tests, and the
 * shortest example of an environment.
 */
import { createHasher, createStream, InputError } from '@saccade/core';
import type { Environment, Game, Outcome, StepInfo } from './contract.ts';
import { createEnvironment } from './environment.ts';
import type { EpisodeConfig } from './environment.ts';

export interface CorridorConfig extends EpisodeConfig {
  /** The episode is truncated after this many steps. */
  readonly timeLimit: number;
}

export const defaultCorridorConfig: CorridorConfig = { levels: { kind: 'all' }, seed: 0, timeLimit: 32 };

/** JSON of a game: the cells 0..7 of agent and goal; the pit is the other end. */
export interface CorridorState {
  readonly agent: number;
  readonly goal: number;
}

const SIZE = 8;
const ACTIONS = ['left', 'right', 'stay'] as const;
const CAUSES = ['goal', 'pit', 'timeout'] as const;
/** Grey levels of what is seen. */
const SHADE = { floor: 64, agent: 255, goal: 192, pit: 0, wall: 32 } as const;

class Corridor implements Game<CorridorState> {
  readonly observationSpace = { shape: [SIZE, SIZE, 1], dtype: 'uint8', low: 0, high: 255 } as const;
  readonly actionSpace = { names: ACTIONS };
  readonly endCauses = CAUSES;
  private readonly timeLimit: number;
  private agent = 3;
  private goal = 0;

  constructor(timeLimit: number) {
    this.timeLimit = timeLimit;
  }

  begin(levelSeed: number): void {
    const stream = createStream(levelSeed, 'layout');
    this.goal = stream.integer(2) * (SIZE - 1);
    this.agent = stream.between(2, SIZE - 3);
  }

  advance(outcome: Outcome, action: number, step: number): void {
    if (action === 0) this.agent -= 1;
    if (action === 1) this.agent += 1;
    if (this.agent === this.goal) {
      outcome.reward = 1;
      outcome.terminated = true;
      outcome.cause = CAUSES.indexOf('goal');
    } else if (this.agent === SIZE - 1 - this.goal) {
      outcome.terminated = true;
      outcome.cause = CAUSES.indexOf('pit');
    } else if (step >= this.timeLimit) {
      outcome.truncated = true;
      outcome.cause = CAUSES.indexOf('timeout');
    }
  }

  /** Rows 3 and 4 are the corridor, the rest is wall. */
  observeInto(out: Uint8Array, offset: number): void {
    out.fill(SHADE.wall, offset, offset + SIZE * SIZE);
    for (const row of [3, 4]) {
      const start = offset + row * SIZE;
      out.fill(SHADE.floor, start, start + SIZE);
      out[start + this.goal] = SHADE.goal;
      out[start + SIZE - 1 - this.goal] = SHADE.pit;
      out[start + this.agent] = SHADE.agent;
    }
  }

  extraInfo(): CorridorState {
    return { agent: this.agent, goal: this.goal };
  }

  getState(): CorridorState {
    return this.extraInfo();
  }

  setState(state: unknown): void {
    const from = state as Partial<CorridorState> | null | undefined;
    const { agent, goal } = from ?? {};
    if (!Number.isInteger(agent) || (agent as number) < 0 || (agent as number) >= SIZE) {
      throw new InputError(`corridor.setState: expected agent in 0..${SIZE - 1}, got ${String(agent)}`);
    }
    if (goal !== 0 && goal !== SIZE - 1) {
      throw new InputError(`corridor.setState: expected goal 0 or ${SIZE - 1}, got ${String(goal)}`);
    }
    this.agent = agent as number;
    this.goal = goal;
  }

  stateHash(): string {
    return createHasher().integer(this.agent).integer(this.goal).digest();
  }
}

export function createCorridor(config: Partial<CorridorConfig> = {}): Environment<StepInfo & CorridorState> {
  const { timeLimit, levels, seed } = { ...defaultCorridorConfig, ...config };
  if (!Number.isInteger(timeLimit) || timeLimit < 1) {
    throw new InputError(`createCorridor: expected timeLimit of 1 or more, got ${String(timeLimit)}`);
  }
  return createEnvironment('corridor', new Corridor(timeLimit), { levels, seed });
}
