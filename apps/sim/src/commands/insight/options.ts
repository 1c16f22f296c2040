/** Flags that the analysis commands share, described once. Cheap to import: `--help` reads it. */
import type { Command } from 'commander';

interface Shared {
  /** Where the results go: `results/<name>`. */
  readonly name: string;
  readonly frames?: string;
  readonly every?: string;
  readonly layer?: string;
  readonly dictionary?: boolean;
}

export function sharedOptions(command: Command, { name, frames, every = '64', layer, dictionary }: Shared): Command {
  command.requiredOption('--policy <name>', 'a bundled policy, or a path to a policy file or run folder');
  if (layer !== undefined) command.option('--layer <name>', 'of the network', layer);
  if (dictionary) {
    command
      .option('--dictionary <file>', 'dictionary.json of `saccade dictionary`; without it one is fitted now')
      .option('--factors <n>', 'of a dictionary fitted now', '8');
  }
  if (frames !== undefined) {
    command
      .option('--frames <n>', 'to collect', frames)
      .option('--every <n>', 'steps of one environment between two of its frames', every);
  }
  return command
    .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
    .option('--out <folder>', `where ${name}.html and ${name}.json go`, `results/${name}`)
    .option('--threads <n>', 'threads', '2');
}
