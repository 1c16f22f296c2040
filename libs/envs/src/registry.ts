/** The environments there are. The keys are the union type, the flag's choices and the menu. */
import { createCoinRun } from './coinrun/environment.ts';
import { defaultCoinRunConfig } from './coinrun/config.ts';
import { createCorridor, defaultCorridorConfig } from './corridor.ts';

export const environments = {
  corridor: { create: createCorridor, defaultConfig: defaultCorridorConfig },
  coinrun: { create: createCoinRun, defaultConfig: defaultCoinRunConfig },
} as const;

export type EnvironmentName = keyof typeof environments;
