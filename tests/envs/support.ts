/** Small worlds for hand-solved cases. */
import { createCoinRun, levelFromText, stateOfLevel } from '@saccade/envs';
import type { CoinRunConfig, CoinRunEnvironment } from '@saccade/envs';

/** An environment at the first step of a level drawn as text. */
export function playText(text: string, config: Partial<CoinRunConfig> = {}): CoinRunEnvironment {
  const environment = createCoinRun(config);
  environment.reset({ options: { state: stateOfLevel(levelFromText(text), environment.config) } });
  return environment;
}

/** The named action's number. */
export function act(environment: CoinRunEnvironment, name: string): number {
  const action = environment.actionSpace.names.indexOf(name);
  if (action < 0) throw new Error(`no action ${name}`);
  return action;
}

/** Takes the named action `times` and returns the last result. */
export function repeat(environment: CoinRunEnvironment, name: string, times: number) {
  const action = act(environment, name);
  let result = environment.step(action);
  for (let i = 1; i < times; i++) result = environment.step(action);
  return result;
}

/** A hall `width` cells wide and 12 high, with lines of text (the lowest last) standing on its floor. */
export function hall(width: number, ...lines: string[]): string {
  const wall = '#'.repeat(width);
  const inside = Array.from({ length: 12 - lines.length }, () => `#${'.'.repeat(width - 2)}#`);
  const drawn = lines.map((line) => `#${line.padEnd(width - 2, '.')}#`);
  return [wall, ...inside, ...drawn, wall].join('\n');
}
