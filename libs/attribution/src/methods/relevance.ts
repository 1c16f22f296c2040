/** Layer-wise relevance propagation as a method: the target's relevance handed back, operation by operation. */
import { defineMethod, evaluationOf } from '../method.ts';
import { scoreOf, tangent } from '../targets.ts';
import { total } from '../vectors.ts';

const rules = { epsilon: 'relevanceEpsilon', gamma: 'relevanceGamma', 'alpha1-beta0': 'relevancePositive' } as const;

/** Bach et al. 2015, https://doi.org/10.1371/journal.pone.0130140. Targets that are not linear enter by their tangent. */
export const relevance = defineMethod({
  title: 'Relevance propagation',
  description: 'The target shared out backwards in proportion to what each unit contributed; biases absorb a part.',
  options: {
    rule: {
      kind: 'choice',
      choices: ['epsilon', 'gamma', 'alpha1-beta0'],
      default: 'epsilon',
      description: 'Share by contribution, with positive weights favoured, or by positive contributions alone.',
    },
  },
  signed: true,
  family: 'propagation',
  async attribute(request, { rule }) {
    const { activation, attributor, target } = request;
    const evaluation = evaluationOf(request);
    const outputs = await attributor.outputs(activation, evaluation);
    const weights = Float32Array.from(tangent(target, outputs));
    const { gradients } = await attributor.pullBack(activation, weights, { ...evaluation, ops: rules[rule] });
    const score = scoreOf(target, outputs);
    const unattributed = score - total(gradients);
    return { map: gradients, shape: attributor.model.shape, signed: true, score, unattributed };
  },
});
