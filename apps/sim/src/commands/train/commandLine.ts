/** The command line that starts a training like a given one: what a card states. */
import { ppoPresets } from '@saccade/agent';
import type { PpoConfig } from '@saccade/agent';
import type { TrainingConfig } from './config.ts';

/** Flags for what differs from the preset `fast`; environment options that have no flag need the config file. */
export function trainCommandOf(document: unknown, run: string): string {
  const { environment, network, levels, ppo, from } = document as TrainingConfig;
  const { difficulty, ...others } = environment.config;
  const settings = (Object.keys(ppo) as (keyof PpoConfig)[]).filter(
    (key) => key !== 'seed' && ppo[key] !== ppoPresets.fast[key],
  );
  const words = [
    'saccade train',
    ...(from ? [`--from ${from.policy}`] : []),
    `--environment ${environment.name}`,
    ...(difficulty === undefined ? [] : [`--difficulty ${String(difficulty)}`]),
    ...(Object.keys(others).length === 0 ? [] : [`--config ${run}/config.json`]),
    `--network ${network}`,
    `--levels ${levels}`,
    `--seed ${ppo.seed}`,
    ...(settings.length === 0 ? [] : [`--set ${settings.map((key) => `${key}=${String(ppo[key])}`).join(' ')}`]),
    `--run ${run}`,
  ];
  return words.join(' ');
}
