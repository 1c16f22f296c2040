/** `saccade patch`: how much of an object's effect runs through each factor, by experiment. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const patch: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'Interchange patching: run each frame with an object and without it, give parts of the one to the other (a\n' +
          'factor, a position, a layer at the object), and see how much of the target’s change returns. Attribution\n' +
          'patching and integrated gradients stand beside it, with their correlation.',
      ),
      { name: 'patch', layer: '2b', dictionary: true, frames: '1024' },
    )
      .option('--object <kind>', 'coin, saw, enemy or crate', 'coin')
      .option('--target <target>', 'value, an action, log-probability:<action> ...', 'value')
      .option('--pairs <n>', 'frames with and without the object, at most', '64')
      .addHelpText('after', '\nExample:\n  saccade patch --policy compact-easy --object coin --target value');
  },
  async run(flags, context) {
    const { runPatch } = await import('./insight/patch.ts');
    await runPatch(flags, context);
  },
};
