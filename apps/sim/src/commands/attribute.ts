/** `saccade attribute`: explains one frame, into files. */
import type { CommandDefinition } from './shell/command.ts';

export const attribute: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Explain one frame of an episode: what in it raised or lowered a target. Writes overlay.png (the map over the frame), map.npy (the raw map) and report.json.',
      )
      .requiredOption('--policy <name>', 'of models/, or a path to a policy file')
      .option('--level <seed>', 'level', '1')
      .option('--step <n>', 'instant of the episode, 0 being the first', '0')
      .option('--method <name>', 'attribution method; an unknown one is answered with the list', 'integratedGradients')
      .option('--layer <name>', 'layer, such as input or 2b', '2b')
      .option('--target <name>', 'an action, value, entropy, difference:<action>,<action> ...', 'value')
      .option('--factor <n>', 'with --method factors: one factor only')
      .option('--option <name=value...>', 'option of the method, such as steps=50')
      .option('--opacity <share>', 'of the map over the frame, 0 to 1', '0.7')
      .option('--scale <n>', 'pixels of the PNG a pixel of the frame', '8')
      .option('--out <folder>', 'where the files go; made if missing', 'attribution')
      .addHelpText(
        'after',
        `
The episode is the one that the viewer plays for the same policy, level and seed.

Examples:
  saccade attribute --policy compact --level 7 --step 20
  saccade attribute --policy compact --method gradCam --layer 2b --target jump --out out/jump`,
      );
  },
  async run(flags, context) {
    const { attributeSettings } = await import('./attribute/settings.ts');
    const settings = await attributeSettings(flags);
    const { runAttribute } = await import('./attribute/run.ts');
    await runAttribute(settings, context);
  },
};
