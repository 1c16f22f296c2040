/** `saccade play`: the world in the terminal, for a person with arrow keys, or to watch a planner or a policy. */
import type { CommandDefinition } from './shell/command.ts';

export const play: CommandDefinition = {
  describe(command) {
    command
      .description(
        'Play CoinRun in the terminal (24-bit colour): reach the coin, touch nothing sharp. The steps are an agent’s\n' +
          'own, marked as chosen by a person.',
      )
      .option('--level <seed>', 'level to begin with; the next ones, and all without it, are drawn by --seed')
      .option('--difficulty <name>', 'easy or hard (default: easy, or the watched policy’s own)')
      .option('--text <file>', 'a level drawn as text (`saccade levels --level 7` prints one)')
      .option('--watch <who>', 'planner, or a policy: it plays, you look on')
      .option('--speed <n>', 'steps a second; 0 waits for a key before each step', '12')
      .addHelpText(
        'after',
        `
Keys: left and right (a, d) run, up or space (w) jumps, down (s) drops through crates; r again, n next level, q quits.
With --json the screen is drawn on stderr, and stdout gets every step: action, actor, reward, state hash.

Examples:
  saccade play
  saccade play --level 7 --difficulty hard --speed 8
  saccade play --watch planner --level 7`,
      );
  },
  async run(flags, context) {
    const { playSettings } = await import('./play/settings.ts');
    const settings = await playSettings(flags);
    const { runPlay } = await import('./play/run.ts');
    await runPlay(settings, context);
  },
};
