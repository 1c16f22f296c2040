/** `saccade dictionary`: a layer's channels gathered into a few factors, with everything that tells whether to trust them. */
import type { CommandDefinition } from './shell/command.ts';

export const dictionary: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Collect frames that a policy meets, gather a layer’s channels into factors (NMF), and report what each looks\n' +
          'like, how much of the policy it keeps beside controls of equal size, how stable it is, and how well it\n' +
          'aligns with the simulator’s classes, scored on levels that it was not fitted on.',
      )
      .requiredOption('--policy <name>', 'a bundled policy, or a path to a policy file or run folder')
      .option('--layer <name>', 'of the network', '2b')
      .option('--factors <n>', 'how many', '8')
      .option(
        '--attributions <target>',
        'fit signed attributions of a target (value, an action ...) instead of activations',
      )
      .option('--frames <n>', 'to collect', '4096')
      .option('--every <n>', 'steps of one environment between two of its frames', '128')
      .option('--bank <n>', 'frames of the frozen bank that the alignment is scored on', '2048')
      .option('--rows <n>', 'positions that the fit looks at, drawn from all frames', '200000')
      .option('--repeats <n>', 'refits of each kind for the stability; 0 leaves it out', '10')
      .option('--permutations <n>', 'of the alignment’s null', '100')
      .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
      .option('--out <folder>', 'where dictionary-report.html, its .json and dictionary.json go', 'results/dictionary')
      .option('--threads <n>', 'threads', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade dictionary --policy compact-easy --layer 2b --factors 8 --out results/compact-easy
  saccade dictionary --policy compact-easy --attributions value --frames 1024`,
      );
  },
  async run(flags, context) {
    const { runDictionary } = await import('./insight/dictionary.ts');
    await runDictionary(flags, context);
  },
};
