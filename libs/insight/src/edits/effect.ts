/** What an edit of a layer does to decisions on given frames, before anything is played. */
import { scoreOf, softmax } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
import { policyDivergence } from '../dictionary/fidelity.ts';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';

export interface EditEffect {
  /** V' - V, one a frame. */
  readonly values: Float64Array;
  /** Change of the target, one a frame; of the value where none is asked for. */
  readonly target: Float64Array;
  /** KL(policy || edited policy), nats, one a frame. */
  readonly divergence: Float64Array;
  /** Mean change of each action's probability, [actions]. */
  readonly actions: Float64Array;
  /** Share of the frames whose likeliest action stays. */
  readonly sameAction: number;
}

/**
 * Two sets of outputs compared frame by frame.
 * @param before, after logits, then the value, [frames, actions + 1]
 */
export function outputsEffect(before: Float32Array, after: Float32Array, actions: number, target?: Target): EditEffect {
  const width = actions + 1;
  const count = before.length / width;
  const each = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, frame) => of(frame * width));
  const values = each((row) => after[row + actions] - before[row + actions]);
  const changes = new Float64Array(actions);
  let same = 0;
  for (let row = 0; row < before.length; row += width) {
    const [p, q] = [softmax(before, actions, row), softmax(after, actions, row)];
    for (let a = 0; a < actions; a++) changes[a] += (q[a] - p[a]) / count;
    const best = (of: Float64Array): number => of.indexOf(of.reduce((x, y) => Math.max(x, y)));
    if (best(p) === best(q)) same++;
  }
  return {
    values,
    target: target ? each((row) => scoreOf(target, after, row) - scoreOf(target, before, row)) : values,
    divergence: each((row) => policyDivergence(before, after, actions, row)),
    actions: changes,
    sameAction: same / count,
  };
}

/** @param activations in place of the states' own, from `editActivations` or any other change */
export async function editEffect(
  open: OpenLayer,
  states: LayerStates,
  activations: Float32Array,
  target?: Target,
): Promise<EditEffect> {
  const before = await open.outputs(states);
  const after = await open.outputs(states, activations);
  return outputsEffect(before, after, open.policy.network.actions, target);
}
