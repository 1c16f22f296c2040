/** `saccade edit`: a layer changed while the policy looks and plays, and what that does. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const edit: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'Change a factor of a layer and measure: the change of value and policy on the frames that the policy meets, and,\n' +
          'on held-out levels with the same action noise, of return and of failures by cause. Edits: zero, mean and resample\n' +
          '(the factor’s component at its mean, or that of another frame), scale:<times>, steer:<added, in standard\n' +
          'deviations>, project:<share> (of the direction, out of the weights that read the layer), hide:<hazard>.',
      ),
      { name: 'edit', layer: '2b', dictionary: true, frames: '512' },
    )
      .option('--factor <names...>', 'numbers or names of factors; every one by default')
      .option('--do <edits...>', 'separated by spaces', [
        'zero',
        'mean',
        'resample',
        'scale:2',
        'steer:2',
        'steer:-2',
        'project:1',
      ])
      .option('--hide <hazards...>', 'saw, enemy or lava made invisible, as arms beside the edits', ['saw', 'lava'])
      .option('--levels <n>', 'held-out levels to play; 0 plays none', '300')
      .option('--play <factors>', 'factors whose edits are played: those that move the policy most', '2')
      .addHelpText(
        'after',
        `
Examples:
  saccade edit --policy compact-easy --factor 3 --do zero scale:0.5 steer:2 --levels 500
  saccade edit --policy compact-easy --levels 0`,
      );
  },
  async run(flags, context) {
    const { runEdit } = await import('./insight/edit.ts');
    await runEdit(flags, context);
  },
};
