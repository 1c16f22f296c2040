/** Greydanus' perturbation saliency: how far the policy moves when a spot goes out of focus. */
import { defineMethod, expectSpatial } from '../method.ts';
import type { Attribution } from '../method.ts';
import { scoreOf } from '../targets.ts';
import { blurOptions, blurSweep, spread } from './blurSweep.ts';
import type { BlurSweep } from './blurSweep.ts';

/** Half the squared change. Greydanus et al. 2018, https://arxiv.org/abs/1711.00138, equations 2 and 3. */
export const blurPerturbation = defineMethod({
  title: 'Blur perturbation',
  description: 'Half the squared change of the target (or of all logits) when a spot is blurred: where detail matters.',
  options: {
    ...blurOptions,
    of: {
      kind: 'choice',
      choices: ['target', 'policy'],
      default: 'target',
      description: 'The change of the target, or the squared length of the change of all logits.',
    },
  },
  signed: false,
  family: 'perturbation',
  async attribute(request, options) {
    const { attributor, target } = request;
    const [height, width] = expectSpatial('Blur perturbation', attributor.model.shape);
    const { outputs: row, logits } = attributor.model;
    const mapOf = ({ grid, original, perturbed }: BlurSweep): Attribution => {
      const score = scoreOf(target, original);
      const values = Float32Array.from({ length: grid.height * grid.width }, (_, k) => {
        const outputs = perturbed.subarray(k * row, (k + 1) * row);
        if (options.of === 'target') return 0.5 * (scoreOf(target, outputs) - score) ** 2;
        let squared = 0;
        for (let i = 0; i < logits; i++) squared += (outputs[i] - original[i]) ** 2;
        return 0.5 * squared;
      });
      return { map: spread(values, grid, height, width), shape: [height, width], signed: false, score };
    };
    const { draft } = request;
    return mapOf(await blurSweep(request, options, draft && ((sweep, done) => draft(mapOf(sweep), done))));
  },
});
