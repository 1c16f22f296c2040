/** `saccade features`: what the factor legend and the map of the viewer show of a policy, made once and shipped. */
import type { CommandDefinition } from './shell/command.ts';

export const features: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Make features.json beside a policy: the factors of its layers with the frames in which each is strongest, how\n' +
          'well they go with the simulator’s classes, a map of frames and pictures made by optimisation. The viewer\n' +
          'shows them at once; of layers and policies without, it computes them when asked.',
      )
      .requiredOption('--policy <name>', 'of models/, or a path to a policy file')
      .option('--layers <names>', 'of the network, separated by commas; all but the first and the largest by default')
      .option('--factors <n>', 'of each layer', '8')
      .option('--levels <n>', 'to play for frames', '96')
      .option('--every <n>', 'steps between two frames of an episode', '8')
      .option('--pictures <layer>', 'layer whose factors get a picture; none leaves them out')
      .option('--out <file>', 'where it goes; beside the policy by default')
      .addHelpText('after', `\nExample:\n  saccade features --policy compact-easy`);
  },
  async run(flags, context) {
    const { runFeatures } = await import('./features/run.ts');
    await runFeatures(flags, context);
  },
};
