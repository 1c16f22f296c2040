/** `saccade export`: a policy as an ONNX file. */
import type { CommandDefinition } from './shell/command.ts';

export const exportPolicy: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Write a policy as an ONNX file that needs nothing else: preprocessing in the graph, layers under their names. The file is run beside the policy, and how far they differ is printed.',
      )
      .requiredOption('--policy <name>', 'of models/, or a path to a policy file, ONNX included')
      .requiredOption('--onnx <file>', 'where the file goes; a file that is there already is replaced')
      .option('--declaration <file.json>', 'what an ONNX policy does not say of itself: actions, layout, scale ...')
      .option('--frames <n>', 'observations that the outputs are compared on', '64')
      .addHelpText(
        'after',
        `
Input: observation, uint8 [batch, height, width, channel]. Outputs: logits [batch, action] and value [batch].

Examples:
  saccade export --policy compact --onnx compact.onnx`,
      );
  },
  async run(flags, context) {
    const { exportSettings } = await import('./export/settings.ts');
    const settings = await exportSettings(flags);
    const { runExport } = await import('./export/run.ts');
    await runExport(settings, context);
  },
};
