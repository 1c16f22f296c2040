/** Lights out, five by five: press lamps until all are dark. A press turns a lamp and its neighbours over. */
import { createHasher, createStream, InputError } from '@saccade/core';
import { createEnvironment } from '@saccade/envs';
import type { Environment, EpisodeConfig, Game, Outcome, StepInfo } from '@saccade/envs';

const SIDE = 5;
const LAMPS = SIDE * SIDE;
const TIME_LIMIT = 50;
const CAUSES = ['dark', 'timeout'];

class LightsOut implements Game<{ lit: number }> {
  readonly observationSpace = { shape: [SIDE, SIDE, 1], dtype: 'uint8', low: 0, high: 255 } as const;
  readonly actionSpace = { names: Array.from({ length: LAMPS }, (_, lamp) => `press ${lamp}`) };
  readonly endCauses = CAUSES;
  private lamps = new Uint8Array(LAMPS);

  begin(levelSeed: number): void {
    const stream = createStream(levelSeed, 'layout');
    this.lamps.fill(0);
    while (this.extraInfo().lit === 0) {
      for (let press = 0; press < 3; press++) this.press(stream.integer(LAMPS));
    }
  }

  advance(outcome: Outcome, action: number, step: number): void {
    this.press(action);
    if (this.extraInfo().lit === 0) {
      outcome.reward = 1;
      outcome.terminated = true;
      outcome.cause = CAUSES.indexOf('dark');
    } else if (step >= TIME_LIMIT) {
      outcome.truncated = true;
      outcome.cause = CAUSES.indexOf('timeout');
    }
  }

  observeInto(out: Uint8Array, offset: number): void {
    for (let lamp = 0; lamp < LAMPS; lamp++) out[offset + lamp] = this.lamps[lamp] * 255;
  }

  extraInfo(): { lit: number } {
    return { lit: this.lamps.reduce((sum, lamp) => sum + lamp, 0) };
  }

  getState(): unknown {
    return { lamps: Array.from(this.lamps) };
  }

  setState(state: unknown): void {
    const lamps: unknown = (state as { lamps?: unknown } | null)?.lamps;
    if (!Array.isArray(lamps) || lamps.length !== LAMPS || !lamps.every((lamp) => lamp === 0 || lamp === 1)) {
      throw new InputError(`lights.setState: expected ${LAMPS} lamps of 0 and 1, got ${String(lamps)}`);
    }
    this.lamps.set(lamps);
  }

  stateHash(): string {
    return createHasher().bytes(this.lamps).digest();
  }

  private press(lamp: number): void {
    const [row, column] = [Math.floor(lamp / SIDE), lamp % SIDE];
    for (const [r, c] of [
      [row, column],
      [row - 1, column],
      [row + 1, column],
      [row, column - 1],
      [row, column + 1],
    ]) {
      if (r >= 0 && r < SIDE && c >= 0 && c < SIDE) this.lamps[r * SIDE + c] ^= 1;
    }
  }
}

export function createLights(config: Partial<EpisodeConfig> = {}): Environment<StepInfo & { lit: number }> {
  return createEnvironment('lights', new LightsOut(), { levels: { kind: 'all' }, seed: 0, ...config });
}
