/** `saccade frame`: one frame of an episode read from all sides, by factor, channel, place, cell and layer. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const frame: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'Read one frame: what each factor, channel and place contributed to a target, with what no factor holds and the\n' +
          'integration error; why this action and not the next likeliest; the channels of single cells; where a later\n' +
          'layer’s activity comes from; and the way of the factors through the layers to the target.',
      ),
      { name: 'frame', layer: '2b', dictionary: true, frames: '512' },
    )
      .option('--level <seed>', 'of the level', '7')
      .option('--step <n>', 'of the episode, 0 being the first', '20')
      .option('--target <target>', 'value, an action, log-probability:<action>, td-residual ...', 'value')
      .option('--later <layer>', 'the layer that is traced back; the next one by default')
      .addHelpText('after', '\nExample:\n  saccade frame --policy compact-easy --level 7 --step 20 --target value');
  },
  async run(flags, context) {
    const { runFrame } = await import('./insight/frame.ts');
    await runFrame(flags, context);
  },
};
