/** `saccade field`: where the policy would go from every free place of a level. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const field: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'The policy’s action probabilities with the agent put at every free place of a level, as a field of arrows:\n' +
          'the level as it is, with an object removed or moved, and the difference.',
      ),
      { name: 'field' },
    )
      .option('--level <seed>', 'of the level', '0')
      .option('--remove <kind>', 'coin, saw, enemy or crate: all of that kind, for the difference', 'coin')
      .option('--vx <speed>', 'of the agent, cells a step', '0')
      .option('--vy <speed>', 'of the agent, cells a step', '0')
      .option('--reach <cells>', 'how far above something to stand on is looked at', '4')
      .addHelpText('after', '\nExample:\n  saccade field --policy compact-easy --level 7 --remove coin');
  },
  async run(flags, context) {
    const { runField } = await import('./insight/field.ts');
    await runField(flags, context);
  },
};
