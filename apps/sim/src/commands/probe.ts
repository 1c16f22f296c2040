/** `saccade probe`: what can be read off each layer by a line, and which directions steer the policy. */
import type { CommandDefinition } from './shell/command.ts';
import { sharedOptions } from './insight/options.ts';

export const probe: CommandDefinition = {
  describe(command) {
    sharedOptions(
      command.description(
        'Linear probes of layers for facts of the simulator (coin in view, saw within 3 cells, vx ...), split by level,\n' +
          'beside permuted labels, an untrained network, raw pixels and the agent’s position; and concept vectors,\n' +
          'steered both ways against random vectors of equal length.',
      ),
      { name: 'probe', frames: '1024' },
    )
      .option('--layers <names>', 'separated by commas; every layer by default')
      .option('--target <target>', 'of the steering: value, an action ...', 'value')
      .option('--permutations <n>', 'of the labels', '20')
      .addHelpText('after', '\nExample:\n  saccade probe --policy compact-easy --layers 2b,3a,dense1');
  },
  async run(flags, context) {
    const { runProbe } = await import('./insight/probe.ts');
    await runProbe(flags, context);
  },
};
