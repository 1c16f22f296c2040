/** `saccade eval`: how often a policy solves levels it never trained on, beside two players that do not look. */
import type { CommandDefinition } from './shell/command.ts';

export const evaluate: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Play one episode a level and report the share solved with its 95% interval (Wilson), the failures by cause,\n' +
          'and the same for two blind players: the best constant action, and right with jumps at random.',
      )
      .requiredOption('--policy <name>', 'a bundled policy, or a path to a policy file or run folder')
      .option('--levels <set>', 'held-out, or training (the policy’s own levels)', 'held-out')
      .option('--episodes <n>', 'levels to play, each once', '1000')
      .option('--greedy', 'take the likeliest action instead of sampling')
      .option('--difficulty <name>', 'of coinrun, instead of the policy’s own: easy or hard')
      .option('--no-blind', 'leave the blind players out')
      .option('--device <name>', 'auto, cuda, webgpu or cpu', 'auto')
      .option('--threads <n>', 'threads of the CPU’s engine', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade eval --policy compact-easy --levels held-out --episodes 1000
  saccade eval --policy runs/mine --greedy --json`,
      );
  },
  async run(flags, context) {
    const { runEvaluation } = await import('./eval/run.ts');
    await runEvaluation(flags, context);
  },
};
