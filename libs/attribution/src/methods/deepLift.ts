/** DeepLift: contributions relative to a baseline in one pass back, exact in their sum. */
import { defineMethod, evaluationOf } from '../method.ts';
import { scoreOf, secant } from '../targets.ts';
import { total } from '../vectors.ts';
import { baselineOption } from './adaptive.ts';

/** Shrikumar, Greenside & Kundaje 2017, https://arxiv.org/abs/1704.02685, with the Rescale rule. */
export const deepLift = defineMethod({
  title: 'DeepLift',
  description: 'Slopes between a baseline and the activation in place of derivatives: contributions that sum exactly.',
  options: {
    baseline: baselineOption,
  },
  signed: true,
  family: 'propagation',
  async attribute(request) {
    const { activation, attributor, target } = request;
    const evaluation = evaluationOf(request);
    const baselines = request.baselines?.length ? request.baselines : [new Float32Array(attributor.size)];
    const { outputs: width } = attributor.model;
    const map = new Float64Array(attributor.size);
    let score = 0;
    let baselineScore = 0;
    for (const baseline of baselines) {
      const both = new Float32Array(2 * attributor.size);
      both.set(activation);
      both.set(baseline, attributor.size);
      const outputs = await attributor.outputs(both, evaluation);
      const [here, there] = [outputs.subarray(0, width), outputs.subarray(width)];
      const weights = Float32Array.from(secant(target, here, there));
      const options = { ...evaluation, baselines: baseline, ops: 'deepLift' } as const;
      const { gradients } = await attributor.pullBack(activation, weights, options);
      for (let i = 0; i < map.length; i++) map[i] += (gradients[i] * (activation[i] - baseline[i])) / baselines.length;
      score = scoreOf(target, here);
      baselineScore += scoreOf(target, there) / baselines.length;
    }
    return {
      map: Float32Array.from(map),
      shape: attributor.model.shape,
      signed: true,
      score,
      baselineScore,
      unattributed: score - baselineScore - total(map),
    };
  },
});
