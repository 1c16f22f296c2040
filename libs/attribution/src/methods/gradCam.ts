/** Grad-CAM: a layer's channels, each weighted by how much the target likes it on average. */
import { defineMethod, evaluationOf, expectSpatial } from '../method.ts';

/**
 * alpha_k = mean over xy of dy/dA_k; map = ReLU(sum over k of alpha_k A_k).
 * Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, equations 1 and 2; `counterfactual` uses -dy (section 3.3).
 */
export const gradCam = defineMethod({
  title: 'Grad-CAM',
  description:
    'Channels of the layer, weighted by their mean gradient and summed: where the layer sees what raises the target.',
  options: {
    counterfactual: {
      kind: 'boolean',
      default: false,
      description: 'Shows what lowers the target instead.',
    },
  },
  signed: false,
  family: 'gradient',
  async attribute(request, { counterfactual }) {
    const { activation, attributor, target } = request;
    const [height, width, channels] = expectSpatial('Grad-CAM', attributor.model.shape);
    const { scores, gradients } = await attributor.gradients(activation, target, evaluationOf(request));
    const positions = height * width;
    const alpha = new Float64Array(channels);
    for (let i = 0; i < gradients.length; i++) alpha[i % channels] += gradients[i] / positions;
    const map = new Float32Array(positions);
    for (let p = 0; p < positions; p++) {
      let sum = 0;
      for (let k = 0; k < channels; k++) sum += alpha[k] * activation[p * channels + k];
      map[p] = Math.max(0, counterfactual ? -sum : sum);
    }
    return { map, shape: [height, width], signed: false, score: scores[0] };
  },
});
