/** Plays level after level in the terminal until someone quits, and says how it went. */
import { createCoinRun, playEpisode, stateOfLevel } from '@saccade/envs';
import type { Chooser, CoinRunEnvironment, EpisodeRecord } from '@saccade/envs';
import type { CommandContext } from '../shell/command.ts';
import { humanChooser, plannerChooser } from './choosers.ts';
import type { Pace } from './choosers.ts';
import { HeldKeys } from './keys.ts';
import type { Key } from './keys.ts';
import { leastSize, pictureLines } from './picture.ts';
import type { Settings } from './settings.ts';
import { expectTerminal, openTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** How long the end of a watched episode stays, ms. */
const END_PAUSE = 1500;

/** What the keyboard asks for, and waiting until it asks or time is up. */
class Keyboard {
  readonly held = new HeldKeys();
  /** Asked for and not yet done. */
  wish: 'again' | 'next' | 'quit' | null = null;
  private wake: (() => void) | null = null;

  press(key: Key): void {
    if (key === 'again' || key === 'next' || key === 'quit') this.wish = key;
    else this.held.press(key, performance.now());
    this.wake?.();
  }

  quit(): void {
    this.press('quit');
  }

  /** Resolves after `milliseconds`, or at a wish; with `anyKey` at any key. */
  async wait(milliseconds: number, anyKey: boolean): Promise<void> {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && this.wish === null; left = end - performance.now()) {
      const woken = await new Promise<boolean>((resolve) => {
        // Longer than a timer can wait: until a key.
        const timer = left < 2 ** 31 ? setTimeout(() => resolve(false), left) : null;
        this.wake = () => {
          if (timer !== null) clearTimeout(timer);
          resolve(true);
        };
      });
      this.wake = null;
      if (woken && anyKey) return;
    }
  }
}

const keyHelp = '←→ run  ↑ jump  ↓ drop  r again  n next  q quit';

function frameLines(environment: CoinRunEnvironment, { columns, rows }: Terminal): string[] {
  if (columns < leastSize.columns || rows < leastSize.rows) {
    return [`${leastSize.columns} x ${leastSize.rows} characters needed`.slice(0, columns)];
  }
  const { levelSeed, step, episodeReturn, cause } = environment.info();
  const standing = `level ${levelSeed}  step ${step}  return ${episodeReturn}`;
  const end = cause === 'coin' ? 'The coin!' : `Over: ${cause}.`;
  const status = cause === null ? ` ${standing}   ${keyHelp}` : ` ${end}  r again  n next  q quit   ${standing}`;
  return [...pictureLines(environment.scene, columns, rows - 1), status.slice(0, columns)];
}

export async function runPlay(settings: Settings, { output, signal }: CommandContext): Promise<void> {
  const { level, difficulty, drawn, watched, speed, seed } = settings;
  const screen = output.json ? process.stderr : process.stdout;
  expectTerminal(process.stdin, screen, output.json ? 'stderr' : 'stdout');
  const watching =
    watched === null || watched === 'planner' ? null : await (await import('./watch.ts')).watchPolicy(watched, seed);
  const own = watching?.environment.config ?? {};
  const environment = createCoinRun({
    ...own,
    ...(difficulty === undefined ? {} : { difficulty }),
    levels: { kind: 'all' },
    seed,
  });

  const keyboard = new Keyboard();
  let due = performance.now();
  const pace: Pace = async () => {
    if (speed === 0) await keyboard.wait(Infinity, true);
    else {
      due = Math.max(due + 1000 / speed, performance.now());
      await keyboard.wait(due - performance.now(), false);
    }
    return keyboard.wish === null;
  };
  const chooser: Chooser =
    watching?.chooser(pace) ??
    (watched === 'planner' ? plannerChooser(environment, pace) : humanChooser(environment, keyboard.held, pace));

  const episodes: EpisodeRecord[] = [];
  const terminal = openTerminal(process.stdin, screen, {
    key: (key) => keyboard.press(key),
    resize: () => draw(),
    hangUp: () => keyboard.quit(),
  });
  const draw = (): void => terminal.draw(frameLines(environment, terminal));
  const stop = (): void => keyboard.quit();
  signal.addEventListener('abort', stop);
  try {
    let levelSeed = level;
    while (keyboard.wish !== 'quit' && !signal.aborted) {
      if (drawn !== null) environment.reset({ options: { state: stateOfLevel(drawn, environment.config, seed) } });
      else environment.reset({ options: { levelSeed } });
      keyboard.wish = null;
      keyboard.held.clear();
      draw();
      const episode = await playEpisode(environment, chooser, { onStep: draw });
      if (episode.steps.length > 0) episodes.push(episode);
      if (episode.cause !== null) await keyboard.wait(watched === null ? Infinity : END_PAUSE, false);
      levelSeed = keyboard.wish === 'again' ? episode.levelSeed : undefined;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    terminal.close();
    watching?.dispose();
  }
  for (const { levelSeed, steps, cause, return: total } of episodes) {
    output.print(`level ${levelSeed}: ${cause ?? 'left'} after ${steps.length} steps, return ${total}`);
  }
  output.result({ environment: 'coinrun', config: environment.config, episodes });
  signal.throwIfAborted();
}
