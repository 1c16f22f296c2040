/** `saccade scorecard`: which attribution methods tell the truth about a policy, and how sure that is. */
import type { CommandDefinition } from './shell/command.ts';

export const scorecard: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Score every attribution method by every metric: against what the policy uses (objects taken out of the level),\n' +
          'by deletion and insertion, by perturbation, by randomised layers. One frame a held-out level, targets the\n' +
          'value and the logit of the action taken; beside maps that know nothing of the policy, with paired bootstrap\n' +
          'intervals over levels and Holm’s correction; an untrained policy beside, and how alike policies rank methods.',
      )
      .requiredOption(
        '--policy <name>',
        'a bundled policy, or a path to a policy file or run folder; more than once to compare',
        (name: string, before: string[] | undefined) => [...(before ?? []), name],
      )
      .option('--frames <n>', 'held-out levels, one frame each', '500')
      .option('--methods <names>', 'with commas between; all for every one', 'all')
      .option('--layer <name>', 'of the methods that speak of a layer (Grad-CAM, conductance)', '2b')
      .option(
        '--check-frames <n>',
        'that also go through randomised layers and max-sensitivity, which take ten times as long; 0 leaves both out',
        '32',
      )
      .option('--examples <n>', 'frames whose maps are shown', '3')
      .option('--no-untrained', 'leave the untrained policy out')
      .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
      .option('--out <folder>', 'where scorecard.html and scorecard.json go', 'results/scorecard')
      .option('--threads <n>', 'threads', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade scorecard --policy compact-easy --frames 500
  saccade scorecard --policy compact-easy --methods saliency,integratedGradients --frames 100 --check-frames 0`,
      );
  },
  async run(flags, context) {
    const { runScorecard } = await import('./scorecard/run.ts');
    await runScorecard(flags, context);
  },
};
