/** Guided Grad-CAM: guided backprop's detail where Grad-CAM says that the layer looks. */
import { internalError } from '@saccade/core';
import { defineMethod, expectSpatial } from '../method.ts';
import { resizeBilinear } from '../picture/resize.ts';
import { gradCam } from './gradCam.ts';
import { backpropWith, randomisationWarning } from './modifiedBackprop.ts';

/** Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, section 3.2. The map is of the input, not of the layer. */
export const guidedGradCam = defineMethod({
  title: 'Guided Grad-CAM',
  description: 'Guided backprop at the input times the Grad-CAM of the layer: fine detail where the layer looks.',
  options: { counterfactual: gradCam.options['counterfactual'] },
  signed: true,
  family: 'propagation',
  needs: ['source'],
  warning: randomisationWarning,
  async attribute(request, options) {
    const { source } = request;
    if (!source) throw internalError('guidedGradCam without a source');
    const [height, width, channels] = expectSpatial('Guided Grad-CAM', source.cut.attributor.model.shape);
    const cam = await gradCam.attribute({ ...request, options });
    const guided = await backpropWith({ ...request, ...source.cut }, 'guidedBackprop');
    const from = { height: cam.shape[0], width: cam.shape[1] };
    const where = resizeBilinear(cam.map, from, { height, width });
    const map = guided.map.map((value, i) => value * where[Math.floor(i / channels)]);
    return { map, shape: [height, width, channels], signed: true, score: cam.score };
  },
});
