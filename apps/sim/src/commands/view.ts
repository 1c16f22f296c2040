/** `saccade view`: the live viewer. */
import type { CommandDefinition } from './shell/command.ts';

export const view: CommandDefinition = {
  describe(command) {
    command
      .description('Open the live viewer: a policy plays, and the page shows what it sees and attends to.')
      .option('--port <n>', 'port on this machine; 0 takes any free one', '4700')
      .option('--policy <name>', 'of models/, or a path to a policy file: what the page shows first')
      .option('--level <seed>', 'level to begin with', '1')
      .addHelpText(
        'after',
        `
Prints one line with the address, then serves until Ctrl+C. Only this machine can open it.

Examples:
  saccade view
  saccade view --policy runs/compact-easy/policy.safetensors --level 7`,
      );
  },
  async run(flags, context) {
    const { viewSettings } = await import('./view/settings.ts');
    const settings = await viewSettings(flags);
    const { runView } = await import('./view/run.ts');
    await runView(settings, context);
  },
};
