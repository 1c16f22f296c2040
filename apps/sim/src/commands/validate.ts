/** `saccade validate`: is a recording what it says? */
import type { CommandDefinition } from './shell/command.ts';

export const validate: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Replay a recording and check every state hash, reward and end. The first mismatch is named by its step, and the exit code is 2.',
      )
      .requiredOption('--recording <folder>', 'folder with manifest.json, steps.parquet and events.jsonl')
      .addHelpText(
        'after',
        `
Examples:
  saccade validate --recording runs/level-7`,
      );
  },
  async run(flags, context) {
    const { runValidate } = await import('./validate/run.ts');
    await runValidate(flags, context);
  },
};
