/** `saccade represent`: what layers of networks make of the same frames, laid out and compared. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const represent: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        't-SNE and PCA of a layer over a bank of frames; debiased linear CKA between layers and policies; a map of all\n' +
          'representations (meta-SNE) by normalised distances, which neither rotation nor rescaling moves; and the\n' +
          'factors of a layer followed through checkpoints.',
      ),
      { name: 'represent', layer: '2b', frames: '300' },
    )
      .option('--with <policies...>', 'more policies, or checkpoints in order of training, to compare with')
      .option('--layers <names>', 'separated by commas; every layer by default')
      .option('--factors <n>', 'of the factors followed through checkpoints', '8')
      .addHelpText(
        'after',
        '\nExample:\n  saccade represent --policy compact-easy --with runs/study/100-0 runs/study/all-0 --layers 2b,dense1',
      );
  },
  async run(flags, context) {
    const { runRepresent } = await import('./insight/represent.ts');
    await runRepresent(flags, context);
  },
};
