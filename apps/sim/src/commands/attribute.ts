/** `saccade attribute`: explains one frame, into files. */
import { methodList } from './attribute/methodList.ts';
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
      .option('--target <name>', 'an action, value, entropy, difference:<action>,<action>, td-residual ...', 'value')
      .option('--gamma <share>', "with --target td-residual: the discount, 0 to 1 (the policy's own)")
      .option('--factor <n>', 'with --method factors: one factor only')
      .option('--option <name=value...>', 'option of the method, such as steps=50')
      .option('--opacity <share>', 'of the map over the frame, 0 to 1', '0.7')
      .option('--scale <n>', 'pixels of the PNG a pixel of the frame', '8')
      .option('--baseline <file.npy>', 'compare with this observation: the baseline of methods that have one')
      .option('--observation <file.npy>', 'explain this observation instead of a frame of a level')
      .option('--next <file.npy>', 'with --observation and --target td-residual: what was seen after the step; or end')
      .option('--reward <number>', 'with them: what the step brought')
      .option('--declaration <file.json>', 'what an ONNX policy does not say of itself: actions, layout, scale ...')
      .option('--format <name>', 'files (PNG, npy and JSON), or with --observation npy (the raw map alone)')
      .option('--out <path>', 'folder for the files, made if missing ("attribution"); with --observation the npy file')
      .addHelpText(
        'after',
        `
The episode is the one that the viewer plays for the same policy, level and seed.
What changed the target since the frame before: --method change. What went better or worse than expected in the step
that led to the frame: --target td-residual, which is reward + gamma x value - the value before. Its map is that of both
frames, added up. With --observation (before the step), --next (after it; "end" where the episode terminated) and
--reward the npy map is [frame, ...], the observation's first.

--observation takes NumPy's format: [height, width, channel], uint8 (scaled as the policy declares) or float32 (taken
as it is). The policy may then be an ONNX file; its layers are the graph's nodes. The target is an action's name, an
output's index or value. The npy map is [height, width, channel] of the layer, [height, width] where the method has no
channels.

${methodList}

Examples:
  saccade attribute --policy compact --level 7 --step 20
  saccade attribute --policy compact --method gradCam --layer 2b --target jump --out out/jump
  saccade attribute --policy compact --level 7 --step 20 --layer input --target td-residual --gamma 0.99
  saccade attribute --policy agent.onnx --observation x.npy --method saliency --layer input --target 0 --out map.npy`,
      );
  },
  async run(flags, context) {
    const { attributeSettings } = await import('./attribute/settings.ts');
    const settings = await attributeSettings(flags);
    const { runAttribute } = await import('./attribute/run.ts');
    await runAttribute(settings, context);
  },
};
