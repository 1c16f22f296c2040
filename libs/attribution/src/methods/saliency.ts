/** The gradient itself: how the target would move with each value of the activation. */
import { defineMethod, evaluationOf } from '../method.ts';

/** Simonyan, Vedaldi & Zisserman 2013, https://arxiv.org/abs/1312.6034, section 3. */
export const saliency = defineMethod({
  title: 'Saliency',
  description: 'Absolute gradient of the target: where a small change would matter most, never in which direction.',
  options: {},
  signed: false,
  family: 'gradient',
  async attribute(request) {
    const { activation, attributor, target } = request;
    const { scores, gradients } = await attributor.gradients(activation, target, evaluationOf(request));
    return { map: gradients.map(Math.abs), shape: attributor.model.shape, signed: false, score: scores[0] };
  },
});

export const gradient = defineMethod({
  title: 'Signed gradient',
  description: 'Gradient of the target: whether more of each value would raise or lower it.',
  options: {},
  signed: true,
  family: 'gradient',
  async attribute(request) {
    const { activation, attributor, target } = request;
    const { scores, gradients } = await attributor.gradients(activation, target, evaluationOf(request));
    return { map: gradients, shape: attributor.model.shape, signed: true, score: scores[0] };
  },
});

/** Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713; at a hidden layer, Olah et al. 2018's spatial attribution. */
export const gradientTimesInput = defineMethod({
  title: 'Gradient x input',
  description: 'Gradient of the target times the activation: the linear estimate of what each value contributes.',
  options: {},
  signed: true,
  family: 'gradient',
  async attribute(request) {
    const { activation, attributor, target } = request;
    const { scores, gradients } = await attributor.gradients(activation, target, evaluationOf(request));
    const map = gradients.map((g, i) => g * activation[i]);
    return { map, shape: attributor.model.shape, signed: true, score: scores[0] };
  },
});
