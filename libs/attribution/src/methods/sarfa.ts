/** SARFA: perturbation saliency that counts only what is specific to one action. */
import { defineMethod, expectSpatial } from '../method.ts';
import type { Attribution } from '../method.ts';
import { actionOf, scoreOf, softmax } from '../targets.ts';
import { blurOptions, blurSweep, spread } from './blurSweep.ts';
import type { BlurSweep } from './blurSweep.ts';

/**
 * KL divergence of the distributions over the actions other than `action`, each renormalised; 0 where one of them is
 * nowhere, an action being certain to the last digit.
 */
function divergence(p: Float64Array, q: Float64Array, action: number): number {
  // Added up, since 1 less a probability of almost 1 is off by as much as the rest amounts to.
  const others = (all: Float64Array): number => all.reduce((sum, value, i) => (i === action ? sum : sum + value), 0);
  const [restP, restQ] = [others(p), others(q)];
  if (restP === 0 || restQ === 0) return 0;
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const share = p[i] / restP;
    if (i !== action && share > 0) sum += share * Math.log(share / (q[i] / restQ));
  }
  return Math.max(0, sum);
}

/**
 * 2 K dp / (K + dp) where dp > 0, K = 1 / (1 + KL): how much likelier the action was, and how little else changed.
 * Puri et al. 2020, https://arxiv.org/abs/1912.12191, equations 1 to 3.
 */
export const sarfa = defineMethod({
  title: 'SARFA',
  description: 'How much less likely the action gets when a spot is blurred, as far as other actions keep their order.',
  options: {
    ...blurOptions,
    divergence: {
      kind: 'choice',
      choices: ['original-perturbed', 'perturbed-original'],
      default: 'original-perturbed',
      description: "Direction of the KL divergence: the official code's, or as some read the paper.",
    },
  },
  signed: false,
  family: 'perturbation',
  needs: ['logits'],
  async attribute(request, options) {
    const { attributor, target } = request;
    const [height, width] = expectSpatial('SARFA', attributor.model.shape);
    const { outputs: row, logits } = attributor.model;
    const mapOf = ({ grid, original, perturbed }: BlurSweep): Attribution => {
      const action = actionOf(target, original, logits);
      const p = softmax(original, logits);
      const values = Float32Array.from({ length: grid.height * grid.width }, (_, k) => {
        const q = softmax(perturbed, logits, k * row);
        const drop = p[action] - q[action];
        if (drop <= 0) return 0;
        const [from, to] = options.divergence === 'original-perturbed' ? [p, q] : [q, p];
        const specific = 1 / (1 + divergence(from, to, action));
        return (2 * specific * drop) / (specific + drop);
      });
      const score = scoreOf(target, original);
      return { map: spread(values, grid, height, width), shape: [height, width], signed: false, score };
    };
    const { draft } = request;
    return mapOf(await blurSweep(request, options, draft && ((sweep, done) => draft(mapOf(sweep), done))));
  },
});
