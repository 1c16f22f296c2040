/** `saccade study levels`: what training on more levels does to a policy's features, as one command that resumes. */
import type { Command } from 'commander';
import type { CommandDefinition } from './shell/command.ts';

let described: Command | undefined;

export const study: CommandDefinition = {
  describe(command) {
    described = command;
    command
      .usage('levels [options]')
      .allowExcessArguments(true)
      .description(
        'The diversity hypothesis: train policies on different numbers of levels, for equal environment steps and\n' +
          'several seeds each; test them on levels whose layouts none trained on; score their factors’ alignment on one\n' +
          'frozen bank of frames. Early checkpoints of the most diverse runs control for competence. A stopped study\n' +
          'goes on where it was when it is started again with the same flags.',
      )
      .option(
        '--counts <list>',
        'training levels, separated by commas; all is every seed below 2^31',
        '16,100,1000,all',
      )
      .option('--seeds <n>', 'policies of each count', '3')
      .option('--steps <n>', 'environment steps of each policy', '1000000')
      .option('--set <name=value...>', 'of PPO’s settings, as for train: learningRate=3e-4')
      .option('--take <policies...>', 'policies trained elsewhere for as many steps, beside those trained here')
      .option('--checkpoints <n>', 'early checkpoints of each run of the most levels', '6')
      .option('--network <name>', 'compact, clear_cnn, impala or nature', 'compact')
      .option('--layer <name>', 'whose factors are scored', '2b')
      .option('--factors <n>', 'of each dictionary', '8')
      .option('--difficulty <name>', 'of coinrun: easy or hard', 'easy')
      .option('--frames <n>', 'of the frozen bank, half to fit and half to score', '2000')
      .option('--evaluate-levels <n>', 'of each rate', '500')
      .option('--out <folder>', 'where the runs, study.html and study.json go', 'results/study')
      .option('--threads <n>', 'threads', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade study levels --counts 16,100,1000,all --seeds 3 --steps 1000000
  saccade study levels --counts 16,all --steps 50000 --checkpoints 2 --evaluate-levels 100 --out results/small`,
      );
  },
  async run(flags, context) {
    const { runStudy } = await import('./insight/study.ts');
    await runStudy(described?.args ?? [], flags, context);
  },
};
