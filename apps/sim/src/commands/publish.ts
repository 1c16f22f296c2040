/** `saccade publish`: makes a policy of models/ from a training run, with its card. */
import type { CommandDefinition } from './shell/command.ts';

export const publish: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Make a policy of models/ from a training run: the weights, and a card with its curve and its results on\n' +
          'held-out and training levels, with the coin anywhere, and beside the blind players.',
      )
      .requiredOption('--run <folder>', 'the training run')
      .requiredOption('--name <name>', 'folder in models/: letters, digits and dashes')
      .requiredOption('--description <text>', 'one line for people')
      .option('--best', 'the policy that was best on held-out levels, instead of the last')
      .option('--episodes <n>', 'levels of each evaluation', '1000')
      .option('--threads <n>', 'threads', '2')
      .addHelpText(
        'after',
        `
Example:
  saccade publish --run runs/mine --name compact-mine --description "compact, trained on easy levels"`,
      );
  },
  async run(flags, context) {
    const { runPublish } = await import('./publish/run.ts');
    await runPublish(flags, context);
  },
};
