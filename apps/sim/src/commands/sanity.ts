/** `saccade sanity`: which attribution methods show the picture rather than what a policy learned. */
import type { CommandDefinition } from './shell/command.ts';

export const sanity: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Put every attribution method through the randomisation check (Adebayo et al. 2018): a method fails if its maps\n' +
          'of the policy with all layers randomised resemble those of the policy more than the maps of unrelated random\n' +
          'networks resemble each other (95th percentile). Writes randomisation.json beside the policy, from which the\n' +
          'viewer and `saccade attribute` warn wherever a failing method is shown.',
      )
      .requiredOption('--policy <name>', 'of models/, or a path to a policy file')
      .option('--frames <n>', 'held-out levels, one frame each; value and the action taken are explained in each', '16')
      .option('--methods <names>', 'with commas between; all for every one', 'all')
      .option('--layer <name>', 'of the methods that speak of a layer (Grad-CAM, conductance)', '2b')
      .option('--out <file>', 'where it goes; beside the policy by default')
      .option('--threads <n>', 'threads', '2')
      .addHelpText('after', `\nExample:\n  saccade sanity --policy compact-easy`);
  },
  async run(flags, context) {
    const { runSanity } = await import('./sanity/run.ts');
    await runSanity(flags, context);
  },
};
