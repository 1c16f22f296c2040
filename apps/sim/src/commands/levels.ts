/** `saccade levels`: what can be said of levels before anyone trains on them. */
import type { CommandDefinition } from './shell/command.ts';

export const levels: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Generate a training and a test set, and report what their levels are like, which can be solved (a planner’s\n' +
          'actions, replayed through the dynamics) and how many test levels have a training level’s layout.',
      )
      .option('--train <n>', 'training levels, seeds 0 to n - 1', '500')
      .option('--test <n>', 'held-out levels, seeds 2^31 and on', '1000')
      .option('--difficulty <name>', 'easy or hard', 'easy')
      .option(
        '--set <name=value...>',
        'any other option of a layout: coinAnywhere=1, endWall=false, hazards={"lava":2,...}',
      )
      .option('--no-solve', 'leave the planner out')
      .option('--level <seed>', 'instead: one level as text, which `saccade play --text` and levelFromText read')
      .addHelpText(
        'after',
        `
Exits with 1 when a level could not be solved.

Examples:
  saccade levels --train 100 --test 1000
  saccade levels --difficulty hard --train 100000 --no-solve
  saccade levels --level 7 --difficulty hard`,
      );
  },
  async run(flags, context) {
    const { runLevels } = await import('./levels/run.ts');
    await runLevels(flags, context);
  },
};
