/** `saccade record`: one episode of a policy, to be replayed. */
import type { CommandDefinition } from './shell/command.ts';

export const record: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Play an episode and record it: a folder with manifest.json, steps.parquet and events.jsonl, from which every frame can be made again.',
      )
      .requiredOption('--policy <name>', 'of models/, or a path to a policy file')
      .option('--level <seed>', 'level', '1')
      .option('--steps <n>', 'stop after so many, should the episode last longer', '1000')
      .requiredOption('--out <folder>', 'new folder of the recording')
      .addHelpText(
        'after',
        `
The episode is the one that the viewer plays for the same policy, level and seed. docs/recordings.md describes the files.

Examples:
  saccade record --policy compact --level 7 --out runs/level-7
  saccade validate --recording runs/level-7`,
      );
  },
  async run(flags, context) {
    const { recordSettings } = await import('./record/settings.ts');
    const settings = await recordSettings(flags);
    const { runRecord } = await import('./record/run.ts');
    await runRecord(settings, context);
  },
};
