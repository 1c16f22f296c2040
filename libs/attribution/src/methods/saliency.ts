/** The gradient itself: how the target would move with each value of the activation. */
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionRequest, GradientMap } from '../method.ts';
import type { OptionSpecs, OptionValues } from '../options.ts';

const poolOptions = {
  smoothPools: {
    kind: 'boolean',
    default: false,
    description: 'Passes gradients of max pools back to whole windows: calmer, and no longer what the model computes.',
  },
} as const satisfies OptionSpecs;

async function fromGradient(
  request: AttributionRequest,
  { smoothPools }: OptionValues<typeof poolOptions>,
  signed: boolean,
  { value }: GradientMap,
): Promise<Attribution> {
  const { activation, attributor, target } = request;
  const ops = smoothPools ? 'smoothPools' : 'plain';
  const { scores, gradients } = await attributor.gradients(activation, target, { ...evaluationOf(request), ops });
  const map = gradients.map((gradient, i) => value(gradient, activation[i]));
  const note = smoothPools ? 'Made with smoothed max pools: not the gradient of the model.' : undefined;
  return { map, shape: attributor.model.shape, signed, score: scores[0], note };
}

const magnitude: GradientMap = { ops: 'plain', value: (slope) => Math.abs(slope) };
const slope: GradientMap = { ops: 'plain', value: (given) => given };
const product: GradientMap = { ops: 'plain', value: (given, activation) => given * activation };

/** Simonyan, Vedaldi & Zisserman 2013, https://arxiv.org/abs/1312.6034, section 3. */
export const saliency = defineMethod({
  title: 'Saliency',
  description: 'Absolute gradient of the target: where a small change would matter most, never in which direction.',
  options: poolOptions,
  signed: false,
  family: 'gradient',
  ofGradient: magnitude,
  attribute: (request, options) => fromGradient(request, options, false, magnitude),
});

export const gradient = defineMethod({
  title: 'Signed gradient',
  description: 'Gradient of the target: whether more of each value would raise or lower it.',
  options: poolOptions,
  signed: true,
  family: 'gradient',
  ofGradient: slope,
  attribute: (request, options) => fromGradient(request, options, true, slope),
});

/** Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713; at a hidden layer, Olah et al. 2018's spatial attribution. */
export const gradientTimesInput = defineMethod({
  title: 'Gradient x input',
  description: 'Gradient of the target times the activation: the linear estimate of what each value contributes.',
  options: poolOptions,
  signed: true,
  family: 'gradient',
  ofGradient: product,
  attribute: (request, options) => fromGradient(request, options, true, product),
});
