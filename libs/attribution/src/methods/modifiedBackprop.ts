/** The gradient with other rules at ReLUs: sharp maps that, it turned out, hardly depend on the weights. */
import { defineMethod, evaluationOf } from '../method.ts';
import type { Attribution, AttributionRequest } from '../method.ts';
import type { OpsTable } from '../ops/tables.ts';

/** Adebayo et al. 2018, https://arxiv.org/abs/1810.03292. */
export const randomisationWarning =
  'Known for failing the randomisation check: on many networks its maps stay much the same with random weights.';

export async function backpropWith(request: AttributionRequest, ops: OpsTable): Promise<Attribution> {
  const { activation, attributor, target } = request;
  const options = { ...evaluationOf(request), ops };
  const { scores, gradients } = await attributor.gradients(activation, target, options);
  return { map: gradients, shape: attributor.model.shape, signed: true, score: scores[0] };
}

/** Springenberg et al. 2015, https://arxiv.org/abs/1412.6806. */
export const guidedBackprop = defineMethod({
  title: 'Guided backprop',
  description:
    'Gradient that passes a ReLU only where both it and the activation are positive: crisp, but no evidence.',
  options: {},
  signed: true,
  family: 'propagation',
  warning: randomisationWarning,
  ofGradient: { ops: 'guidedBackprop', value: (slope) => slope },
  attribute: (request) => backpropWith(request, 'guidedBackprop'),
});

/** Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901. */
export const deconvnet = defineMethod({
  title: 'Deconvnet',
  description:
    'Gradient that passes a ReLU where it is positive, unpooled through the switches: what excites the target.',
  options: {},
  signed: true,
  family: 'propagation',
  warning: randomisationWarning,
  ofGradient: { ops: 'deconvnet', value: (slope) => slope },
  attribute: (request) => backpropWith(request, 'deconvnet'),
});
