/** Who plays without an engine: the person at the keyboard, and the planner. Each chooses in its own time. */
import type { Chooser, CoinRunEnvironment } from '@saccade/envs';
import type { HeldKeys } from './keys.ts';

/** Resolves when the next step is due: true; false to leave the episode. */
export type Pace = () => Promise<boolean>;

/** Chooses what is held down when a step is due. */
export function humanChooser({ actionSpace }: CoinRunEnvironment, held: HeldKeys, pace: Pace): Chooser {
  return {
    actor: 'human',
    choose: async () => ((await pace()) ? actionSpace.names.indexOf(held.action(performance.now())) : null),
  };
}

/** Wins where there is a way, and stands still where none was found. */
export function plannerChooser(environment: CoinRunEnvironment, pace: Pace): Chooser {
  let plan: number[] = [];
  return {
    actor: 'script',
    async choose(_observation, { step }) {
      if (step === 0) plan = (environment.plan() ?? []).reverse();
      return (await pace()) ? (plan.pop() ?? environment.actionSpace.names.indexOf('noop')) : null;
    },
  };
}
