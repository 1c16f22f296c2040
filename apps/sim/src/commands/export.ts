/** `saccade export`: an episode as pictures, a film or a page of its own; a policy as an ONNX file. */
import type { CommandDefinition } from './shell/command.ts';

export const exportThings: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Write an episode as something to show: pictures, a film, or a single HTML file that plays it anywhere, each with what the agent attended to. Or write a policy as an ONNX file that needs nothing else.',
      )
      .option('--format <name>', 'of an episode: png, gif, mp4, webm or html')
      .option('--out <path>', 'the file to write; for png without --step a folder, made if missing')
      .option('--policy <name>', 'of models/, or a path to a policy file')
      .option('--level <seed>', 'level', '1')
      .option('--recording <folder>', 'instead of a level: an episode that was recorded')
      .option('--from <step>', 'first step of the episode to show', '0')
      .option('--to <step>', 'last step to show; all there are unless given')
      .option('--step <n>', 'with png: this step alone')
      .option(
        '--method <name>',
        'attribution method, or none; `saccade attribute --help` lists them',
        'integratedGradients',
      )
      .option('--layer <name>', 'layer, such as input or 2b', '2b')
      .option('--target <name>', 'an action, value, entropy, difference:<action>,<action> ...', 'value')
      .option('--option <name=value...>', 'option of the method, such as steps=50')
      .option('--opacity <share>', 'of the map over the frame, 0 to 1', '0.7')
      .option('--scale <n>', 'pixels a pixel of the observation: 8, for gif 6, for video 10')
      .option('--speed <n>', 'steps a second of a film', '15')
      .option('--browser <path>', 'with mp4 and webm: the Chromium that encodes them, unless one is on the PATH')
      .option('--onnx <file>', 'write the policy there instead; a file that is there already is replaced')
      .option('--declaration <file.json>', 'with --onnx: what an ONNX policy does not say of itself')
      .option('--frames <n>', 'with --onnx: observations that the outputs are compared on', '64')
      .addHelpText(
        'after',
        `
Episodes are those that the viewer plays for the same policy, level and seed. png, gif and html need no browser. Video is
encoded by an installed Chromium; which codec it has is printed. A recording is explained with the policy it names,
which must be there, unless --policy says another.

ONNX: input observation, uint8 [batch, height, width, channel]; outputs logits [batch, action] and value [batch]; layers
under their names. The file is run beside the policy, and how far they differ is printed.

Examples:
  saccade export --format gif --policy compact --level 7 --out level-7.gif
  saccade export --format html --recording runs/level-7 --method gradCam --target jump --out level-7.html
  saccade export --format png --policy compact --level 7 --step 20 --out step-20.png
  saccade export --onnx compact.onnx --policy compact`,
      );
  },
  async run(flags, context) {
    const { exportSettings } = await import('./export/settings.ts');
    const chosen = await exportSettings(flags);
    if (chosen.kind === 'onnx') {
      const { runOnnx } = await import('./export/runOnnx.ts');
      return runOnnx(chosen.settings, context);
    }
    const { runFilm } = await import('./export/film/run.ts');
    return runFilm(chosen.settings, context);
  },
};
