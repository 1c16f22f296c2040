/** `saccade view`: the live viewer. */
import type { CommandDefinition } from './shell/command.ts';

export const view: CommandDefinition = {
  describe(command) {
    command
      .description('Open the live viewer: a policy plays, and the page shows what it sees and attends to.')
      .option('--port <n>', 'port on this machine; 0 takes any free one', '4700')
      .option('--host <address>', 'address to listen on; others than this machine need the printed token', '127.0.0.1')
      .option('--policy <name>', 'of models/, or a path to a policy file, ONNX too: what the page shows first')
      .option('--level <seed>', 'level to begin with', '1')
      .option('--recording <folder>', 'recording that the page shows first')
      .option('--recordings <folder>', 'where the page finds and keeps recordings (default: runs/recordings)')
      .addHelpText(
        'after',
        `
Prints one line with the address, then serves until Ctrl+C. Only this machine can open it, unless --host names an
address that others reach (0.0.0.0: every one): then the address carries a token, and nothing is answered without it.

Examples:
  saccade view
  saccade view --policy runs/compact-easy/policy.safetensors --level 7
  saccade view --policy policy.onnx
  saccade view --recording runs/level-7
  saccade view --host 0.0.0.0`,
      );
  },
  async run(flags, context) {
    const { viewSettings } = await import('./view/settings.ts');
    const settings = await viewSettings(flags);
    const { runView } = await import('./view/run.ts');
    await runView(settings, context);
  },
};
