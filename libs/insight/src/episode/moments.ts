/** Where to look in hours of play: bookmarks, surprising actions, failures that were or were not foreseen. */
import type { Trajectory } from './record.ts';

export interface Moment {
  /** Index of the trajectory, and the step in it. */
  readonly trajectory: number;
  readonly step: number;
  /** What it was chosen for: an advantage, a log-probability, a change of value. */
  readonly size: number;
}

/**
 * The steps of highest and lowest advantage, at most one an episode and sign (Understanding RL Vision's bookmarks).
 * @param advantages [T] of each trajectory
 */
export function bookmarks(
  advantages: readonly ArrayLike<number>[],
  count = 16,
): { readonly highest: readonly Moment[]; readonly lowest: readonly Moment[] } {
  const extreme = (sign: 1 | -1): Moment[] =>
    advantages
      .flatMap((steps, trajectory) => {
        let best = -1;
        for (let step = 0; step < steps.length; step++) {
          if (sign * steps[step] > 0 && (best < 0 || sign * steps[step] > sign * steps[best])) best = step;
        }
        return best < 0 ? [] : [{ trajectory, step: best, size: steps[best] }];
      })
      .sort((a, b) => sign * (b.size - a.size) || a.trajectory - b.trajectory)
      .slice(0, count);
  return { highest: extreme(1), lowest: extreme(-1) };
}

/** The least likely actions taken, one an episode, least likely first; `size` is the log-probability, nats. */
export function surprisingActions(trajectories: readonly Trajectory[], count = 16): Moment[] {
  return trajectories
    .map(({ logProbabilities }, trajectory) => {
      const step = logProbabilities.reduce((best, value, i) => (value < logProbabilities[best] ? i : best), 0);
      return { trajectory, step, size: logProbabilities[step] };
    })
    .sort((a, b) => a.size - b.size || a.trajectory - b.trajectory)
    .slice(0, count);
}

/** The largest one-step changes of the value, of either sign; `size` is V(t + 1) - V(t), `step` is t. */
export function valueChanges(trajectories: readonly Trajectory[], count = 16): Moment[] {
  return trajectories
    .flatMap(({ values }, trajectory) =>
      Array.from({ length: Math.max(0, values.length - 1) }, (_, step) => ({
        trajectory,
        step,
        size: values[step + 1] - values[step],
      })),
    )
    .sort((a, b) => Math.abs(b.size) - Math.abs(a.size) || a.trajectory - b.trajectory || a.step - b.step)
    .slice(0, count);
}

export interface Failure {
  readonly trajectory: number;
  readonly cause: string;
  readonly steps: number;
  /** Steps before the end at which the value had fallen below half of its highest and stayed there; 0: never. */
  readonly foreseen: number;
  /** Highest value of the episode and value at the last decision. */
  readonly highest: number;
  readonly last: number;
}

export function failures(trajectories: readonly Trajectory[]): Failure[] {
  return trajectories.flatMap(({ solved, cause, steps, values }, trajectory) => {
    if (solved) return [];
    const highest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    let foreseen = 0;
    while (foreseen < steps && values[steps - 1 - foreseen] < highest / 2) foreseen++;
    return [{ trajectory, cause, steps, foreseen, highest, last: values[steps - 1] }];
  });
}
