/** `saccade blind`: a policy made blind to one factor, and what that does to its failures, cause by cause. */
import type { CommandDefinition } from './shell/command.ts';

export const blind: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Project a factor’s direction out of the layers that read it, play the same levels with the same action noise\n' +
          'with and without the edit, and compare failures by cause: paired differences with bootstrap intervals, exact\n' +
          'McNemar tests, Holm correction. Controls: every other factor, random directions of equal variance, the\n' +
          'factor’s largest channel alone, and the hazard itself made invisible.',
      )
      .requiredOption('--policy <name>', 'a bundled policy, or a path to a policy file or run folder')
      .option('--layer <name>', 'of the network', '2b')
      .option(
        '--factor <n>',
        'number or name of the factor; auto chooses it, and the hazard, on discovery levels',
        'auto',
      )
      .option(
        '--hazard <name>',
        'saw, enemy (or "enemy moving left", "enemy moving right") or lava: the cause that is tested',
        'auto',
      )
      .option('--dictionary <file>', 'dictionary.json of `saccade dictionary`; without it one is fitted now')
      .option('--factors <n>', 'of a dictionary fitted now', '8')
      .option('--frames <n>', 'of a dictionary fitted now', '1024')
      .option('--every <n>', 'steps of one environment between two of its frames', '64')
      .option('--levels <n>', 'held-out levels', '10000')
      .option('--control-levels <n>', 'of those, played by the controls too; all of them by default')
      .option('--discovery-levels <n>', 'other levels, on which auto chooses', '500')
      .option('--strength <share>', 'of the direction to remove, 0-1', '1')
      .option('--controls <n>', 'random directions', '20')
      .option('--no-others', 'leave the other factors out')
      .option('--single-hazard <n>', 'levels of each single-hazard set; 0 leaves them out', '1000')
      .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
      .option('--resume', 'go on with the arms in --out')
      .option('--out <folder>', 'where blind.html, blind.json and the arms’ results go', 'results/blind')
      .option('--threads <n>', 'threads', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade blind --policy compact-easy --layer 2b --factor 3 --hazard saw --levels 10000
  saccade blind --policy compact-easy --factor auto --levels 2000 --controls 5 --out results/blind
  saccade blind --policy compact-easy --factor auto --levels 2000 --controls 5 --out results/blind --resume`,
      );
  },
  async run(flags, context) {
    const { runBlind } = await import('./insight/blind.ts');
    await runBlind(flags, context);
  },
};
