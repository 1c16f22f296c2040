/** `saccade episode`: what happened in a policy's episodes, and why, in words and pictures. */
import type { CommandDefinition } from './shell/command.ts';

export const episode: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Play episodes and explain them: bookmarks (highest and lowest advantages), surprising actions, failures with\n' +
          'their causes, the value’s rises and falls factor by factor, and hallucinations: factors that fire where\n' +
          'nothing of their class is in sight, and move the value.',
      )
      .requiredOption('--policy <name>', 'a bundled policy, or a path to a policy file or run folder')
      .option('--layer <name>', 'of the network', '2b')
      .option('--dictionary <file>', 'dictionary.json of `saccade dictionary`; without it one is fitted now')
      .option('--factors <n>', 'of a dictionary fitted now', '8')
      .option('--frames <n>', 'that dictionary and detectors are fitted on', '1024')
      .option('--every <n>', 'steps of one environment between two of its frames', '64')
      .option('--episodes <n>', 'held-out levels to play', '100')
      .option('--moments <n>', 'bookmarks of each sign, surprises and changes shown', '16')
      .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
      .option('--out <folder>', 'where episode.html and episode.json go', 'results/episode')
      .option('--threads <n>', 'threads', '2')
      .addHelpText('after', '\nExample:\n  saccade episode --policy compact-easy --episodes 100');
  },
  async run(flags, context) {
    const { runEpisode } = await import('./insight/episode.ts');
    await runEpisode(flags, context);
  },
};
