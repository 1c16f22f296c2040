/** `saccade misgeneralise`: does the policy want the coin, or the place where coins were? */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const misgeneralise: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'Goal misgeneralisation: the same levels with the coin at the end, in the middle or absent, and with the wall\n' +
          'behind the end or without it. Effects on value, on the logit of right and on the route, paired by level;\n' +
          'coin and wall vectors, tested by steering.',
      ),
      { name: 'misgeneralise', layer: '3a' },
    )
      .option('--levels <n>', 'held-out levels', '500')
      .option('--steps <n>', 'time limit of a route', '300')
      .addHelpText('after', '\nExample:\n  saccade misgeneralise --policy compact-easy --levels 500');
  },
  async run(flags, context) {
    const { runMisgeneralise } = await import('./insight/misgeneralise.ts');
    await runMisgeneralise(flags, context);
  },
};
