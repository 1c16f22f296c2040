/** `saccade train`: PPO in an environment, into a run folder that can be stopped and gone on with at any time. */
import type { CommandDefinition } from './shell/command.ts';

export const train: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Train a policy with PPO into a run folder. Ctrl+C saves and stops; --resume goes on exactly where it stopped.',
      )
      .option('--run <folder>', 'where the run lives (default: runs/<environment>-<network>-<seed>)')
      .option('--resume', 'go on with the run in --run')
      .option('--from <policy>', 'start from a policy’s weights: a name in models/ or a file')
      .option('--config <file>', 'JSON as in a run folder’s config.json; flags win over it')
      .option('--environment <name>', 'coinrun or corridor')
      .option('--difficulty <name>', 'of coinrun: easy or hard')
      .option('--levels <count>', 'training levels: a number, or all (seeds below 2^31)')
      .option('--network <name>', 'compact, clear_cnn, impala, nature or perceptron')
      .option('--preset <name>', 'PPO settings to start from: fast, distill or procgen')
      .option('--total-timesteps <n>', 'environment steps of the whole run')
      .option('--num-envs <n>', 'environments stepped together')
      .option('--set <name=value...>', 'any other PPO option, such as learningRate=3e-4')
      .option('--device <name>', 'auto, cuda, webgpu or cpu; `saccade doctor` explains each', 'auto')
      .option('--threads <n>', 'threads of the CPU’s engine', '2')
      .option('--env-workers <n>', 'threads that step environments; 0: the training’s own. Never changes a result', '0')
      .option('--checkpoint-every <seconds>', 'what a kill -9 can cost; Ctrl+C saves at once', '60')
      .option('--evaluate-every <n>', 'environment steps between evaluations on held-out levels')
      .option('--evaluate-levels <n>', 'held-out levels of an evaluation')
      .option('--keep-every <n>', 'environment steps between policies kept in checkpoints/ (default: none)')
      .addHelpText(
        'after',
        `
Examples:
  saccade train --environment corridor --network perceptron --total-timesteps 20000
  saccade train --difficulty easy --network compact --run runs/compact-easy
  saccade train --run runs/compact-easy --resume

A run folder holds config.json, curve.jsonl (a line an update), evaluations.jsonl, checkpoint.safetensors and
the policies policy.safetensors (last), best.safetensors (best on held-out levels) and, with --keep-every,
checkpoints/<steps>.safetensors.`,
      );
  },
  async run(flags, context) {
    const [{ trainingConfig }, { runTraining }] = await Promise.all([
      import('./train/config.ts'),
      import('./train/run.ts'),
    ]);
    await runTraining(await trainingConfig(flags), context);
  },
};
