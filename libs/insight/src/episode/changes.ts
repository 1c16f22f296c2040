/** Why the value rose or fell from one frame to the next: the change attributed along the way between both. */
import { quadrature } from '@saccade/attribution';
import type { Target } from '@saccade/attribution';
import type { Dictionary } from '../dictionary.ts';
import { explainWithFactors } from '../explainFrame.ts';
import { sliceStates } from '../layer/openLayer.ts';
import type { LayerStates, OpenLayer } from '../layer/openLayer.ts';

export interface ChangeExplanation {
  /** target(after) - target(before). */
  readonly change: number;
  /** What each factor contributed to it, [factors], and what none accounts for. */
  readonly factors: Float64Array;
  readonly residual: number;
  /** [height, width, factor]. */
  readonly map: Float32Array;
  /** |sum - change|: of the quadrature, and of what bypasses the layer on residual networks. */
  readonly error: number;
}

/**
 * Integrated gradients of a target on the straight line from one frame's activation to the next one's, so that factors
 * and residual sum to the change.
 * @param states of two frames, the earlier first
 */
export async function explainChange(
  open: OpenLayer,
  states: LayerStates,
  target: Target,
  dictionary: Dictionary,
  steps = 24,
): Promise<ChangeExplanation> {
  const { size, channels, positions, attributor, layer, shape } = open;
  const before = states.activations.subarray(0, size);
  const after = states.activations.subarray(size, 2 * size);
  const { nodes, weights } = quadrature('gauss-legendre', steps);
  const points = new Float32Array(steps * size);
  nodes.forEach((node, k) => {
    for (let i = 0; i < size; i++) points[k * size + i] = before[i] + node * (after[i] - before[i]);
  });
  const { context } = sliceStates(states, 1, 2);
  const { gradients } = await attributor.gradients(points, target, { context });
  const map = new Float32Array(size);
  for (let k = 0; k < steps; k++) for (let i = 0; i < size; i++) map[i] += weights[k] * gradients[k * size + i];
  for (let i = 0; i < size; i++) map[i] *= after[i] - before[i];
  const [first, second] = await attributor.scores(states.activations, target, { context: states.context });
  const change = second - first;
  const named = { text: 'change', label: 'change', units: 'value', target } as const;
  const attribution = { map, shape, signed: true, score: change, method: 'integratedGradients', layer, target: named };
  const { factorAttributions, residual } = explainWithFactors(attribution, after, dictionary);
  const factors = new Float64Array(dictionary.factors);
  factorAttributions.forEach((value, at) => (factors[at % dictionary.factors] += value));
  let rest = 0;
  for (let p = 0; p < positions; p++) rest += residual[p];
  let total = 0;
  for (let i = 0; i < positions * channels; i++) total += map[i];
  return { change, factors, residual: rest, map: factorAttributions, error: Math.abs(total - change) };
}
