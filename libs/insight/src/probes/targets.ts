/** What probes look for: facts of the simulator's state, one number a frame. */
import { MaskClass } from '@saccade/envs';
import type { CoinRunState } from '@saccade/envs';
import type { FrameSet } from '../frames/collect.ts';

export interface ProbeTarget {
  readonly name: string;
  /** Yes-or-no facts are scored by AUROC, numbers by R^2. */
  readonly kind: 'fact' | 'number';
  /** [frames]; facts are 0 or 1. */
  readonly values: Float64Array;
}

const near = 3;

/** CoinRun's facts; those that never vary in the set are left out. */
export function probeTargets(set: FrameSet): ProbeTarget[] {
  const pixels = set.shape[0] * set.shape[1];
  const inView = (code: number): Float64Array =>
    Float64Array.from({ length: set.count }, (_, i) =>
      set.masks?.classes.subarray(i * pixels, (i + 1) * pixels).includes(code) ? 1 : 0,
    );
  const states = set.states.map(({ game }) => game as CoinRunState);
  const of = (value: (state: CoinRunState) => number): Float64Array => Float64Array.from(states, value);
  const nearby =
    (kind: string) =>
    (state: CoinRunState): number =>
      state.objects.some(
        (object) => object.kind === kind && Math.hypot(object.x - state.agent.x, object.y - state.agent.y) <= near,
      )
        ? 1
        : 0;
  const targets: ProbeTarget[] = [
    { name: 'coin in view', kind: 'fact', values: inView(MaskClass.coin) },
    { name: 'lava in view', kind: 'fact', values: inView(MaskClass.lava) },
    { name: `saw within ${near} cells`, kind: 'fact', values: of(nearby('saw')) },
    { name: `enemy within ${near} cells`, kind: 'fact', values: of(nearby('enemy')) },
    { name: `crate within ${near} cells`, kind: 'fact', values: of(nearby('crate')) },
    { name: 'in the air', kind: 'fact', values: of(({ agent }) => (agent.vy !== 0 ? 1 : 0)) },
    { name: 'vx', kind: 'number', values: of(({ agent }) => agent.vx) },
    { name: 'vy', kind: 'number', values: of(({ agent }) => agent.vy) },
    {
      name: 'cells to the coin',
      kind: 'number',
      values: of(({ agent, objects }) => (objects.find(({ kind }) => kind === 'coin')?.x ?? 64) - agent.x),
    },
  ];
  return targets.filter(({ values }) => values.some((value) => value !== values[0]));
}

/** Where in the level the agent stands, [frames, 2]: what a probe could know without looking. */
export function positionFeatures(set: FrameSet): Float32Array {
  return Float32Array.from(
    set.states.flatMap(({ game }) => {
      const { agent } = game as CoinRunState;
      return [agent.x / 64, agent.y / 64];
    }),
  );
}
