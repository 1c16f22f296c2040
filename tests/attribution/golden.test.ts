/** The gradient family against PyTorch's autograd in double precision, on the real architectures. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createExplainer } from '@saccade/insight';
import type { Explainer } from '@saccade/insight';
import { resizeBilinear } from '@saccade/attribution';
import '../support/allClose.ts';
import { goldenFrame, goldenPicks, goldenPolicy } from './golden.ts';
import { jitCompile } from './jit.ts';

interface GoldenCase {
  network: string;
  target: string;
  layer: string;
  frame: string;
  method: string;
  score: number;
  length: number;
  norm: number;
  values: number[];
}

const golden = JSON.parse(readFileSync('tests/golden/attribution/gradients.json', 'utf8')) as {
  actions: number;
  samples: number;
  cases: GoldenCase[];
};

const targets: Record<string, string> = {
  value: 'value',
  centred: 'action1',
  logProbability: 'log-probability:action2',
  entropy: 'entropy',
};

const explainers = new Map<string, Explainer>();
function explainerOf(network: string): Explainer {
  let explainer = explainers.get(network);
  if (!explainer) {
    explainer = createExplainer({ policy: goldenPolicy(network, golden.actions), compile: jitCompile });
    explainers.set(network, explainer);
  }
  return explainer;
}
afterAll(() => {
  for (const explainer of explainers.values()) explainer.dispose();
});

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
};
const norm = (a: ArrayLike<number>): number => distance(a, new Float64Array(a.length));

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i] * b[i];
  // Where nothing is attributed on either side there is no direction to differ in.
  return norm(a) + norm(b) === 0 ? 1 : dot / (norm(a) * norm(b));
};
/** Maps of Integrated Gradients that were compared. */
let cosines = 0;

const methods: Record<string, { method: string; options?: Record<string, string | number | boolean> }> = {
  gradient: { method: 'gradient' },
  gradientTimesInput: { method: 'gradientTimesInput' },
  integratedGradients: { method: 'integratedGradients', options: { steps: 20, adaptive: false, baseline: 'black' } },
  guidedBackprop: { method: 'guidedBackprop' },
  deconvnet: { method: 'deconvnet' },
  gradCam: { method: 'gradCam' },
  occlusion: { method: 'occlusion', options: { window: 16, stride: 16, baseline: 'black' } },
  blurSpots: { method: 'blurPerturbation', options: { stride: 8 } },
  sarfaSpots: { method: 'sarfa', options: { stride: 8 } },
};

const hiddenOptions: Record<string, { baseline: string }> = { integratedGradients: { baseline: 'default' } };

const groups = [...new Set(golden.cases.map((c) => `${c.network}, ${c.frame} frame, layer ${c.layer}`))];

describe('against an independent autograd', () => {
  it.each(groups)('%s', async (group) => {
    const cases = golden.cases.filter((c) => `${c.network}, ${c.frame} frame, layer ${c.layer}` === group);
    for (const { network, frame, layer, target, method, score, length, norm: wholeNorm, values } of cases) {
      const asked = methods[method];
      // A hidden layer's default baseline is silence; the script's is too, and black at the input.
      const options = layer === 'input' ? asked.options : { ...asked.options, ...hiddenOptions[method] };
      const explanation = await explainerOf(network).explain(goldenFrame(frame), {
        ...asked,
        options,
        layer,
        target: targets[target],
      });
      const name = `${method} of ${target}, ${group}`;
      expect(Math.abs(explanation.score - score), `score, ${name}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(score)));
      const isGrid = method.endsWith('Spots');
      const expected = isGrid
        ? resizeBilinear(Float32Array.from(values), { height: 8, width: 8 }, { height: 64, width: 64 })
        : Float32Array.from(values);
      const picked = isGrid
        ? explanation.map
        : Float32Array.from(goldenPicks(length, golden.samples), (at) => explanation.map[at]);
      // Integrated Gradients average over kinks, where single and double precision part ways.
      const tolerance = method === 'integratedGradients' ? 1e-2 : isGrid ? 1e-3 : 1e-5;
      // The norm is of the whole map: it says how large a sample's error may be, and that nothing else is amiss.
      const share = Math.sqrt(values.length / length) * wholeNorm;
      expect(distance(picked, expected), name).toBeLessThanOrEqual(tolerance * Math.max(norm(expected), share));
      if (method === 'integratedGradients') {
        expect(cosine(picked, expected), `cosine, ${name}`).toBeGreaterThanOrEqual(0.9999);
        cosines++;
      }
      if (isGrid) continue;
      expect(explanation.map).toHaveLength(length);
      expect(Math.abs(norm(explanation.map) - wholeNorm), `norm, ${name}`).toBeLessThanOrEqual(tolerance * wholeNorm);
    }
  });

  it('compares Integrated Gradients of every network, frame and kind of target', () => {
    expect(cosines).toBe(golden.cases.filter(({ method }) => method === 'integratedGradients').length);
    for (const network of ['nature', 'impala', 'clear_cnn']) {
      const own = golden.cases.filter((one) => one.network === network);
      expect(new Set(own.map(({ target }) => target))).toEqual(new Set(['value', 'centred', 'logProbability']));
      for (const kind of ['flat', 'noisy']) {
        expect(own.some(({ frame }) => frame.startsWith(kind))).toBe(true);
      }
    }
  });
});
