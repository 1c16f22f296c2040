/** A blurred spot slid over the layer: the perturbation that Greydanus' method and SARFA share. */
import { evaluationOf, expectSpatial } from '../method.ts';
import type { AttributionRequest } from '../method.ts';
import type { OptionSpecs } from '../options.ts';
import { gaussianBlur } from '../picture/blur.ts';
import { resizeBilinear } from '../picture/resize.ts';
import type { Size } from '../picture/resize.ts';
import { sweepGrid } from '../sweep.ts';

export const blurOptions = {
  sigma: { kind: 'number', default: 3, minimum: 0.1, maximum: 64, description: 'Of the blur, positions.' },
  radius: { kind: 'number', default: 5, minimum: 0.5, maximum: 64, description: 'Of the spot, positions.' },
  stride: { kind: 'integer', default: 5, minimum: 1, maximum: 64, description: 'Positions between spots.' },
} as const satisfies OptionSpecs;

export interface BlurSweep {
  /** How many spots down and across. */
  readonly grid: Size;
  /** At the activation as it is, [outputs]. */
  readonly original: Float32Array;
  /** Under each spot, [spots, outputs]. */
  readonly perturbed: Float32Array;
}

/**
 * x (1 - M) + blur(x) M, where M is a Gaussian of height 1 around the spot.
 * Greydanus et al. 2018, https://arxiv.org/abs/1711.00138, equation 1.
 * @param draft called with a coarse sweep, and the share done, 0-1
 */
export async function blurSweep(
  request: AttributionRequest,
  { sigma, radius, stride }: { readonly sigma: number; readonly radius: number; readonly stride: number },
  draft?: (sweep: BlurSweep, done: number) => void,
): Promise<BlurSweep> {
  const { activation, attributor, cancellation, progress } = request;
  const [height, width, channels] = expectSpatial('Blur perturbation', attributor.model.shape);
  const { size, largestBatch } = attributor;
  const blurred = gaussianBlur(activation, attributor.model.shape, sigma);
  const grid = { height: Math.ceil(height / stride), width: Math.ceil(width / stride) };
  const falloff = (distance: number): number => Math.exp(-(distance * distance) / (2 * radius * radius));
  // Centred in its share of the layer, which is where resizing the grid puts its value.
  const centre = (spot: number, of: number, length: number): number => ((spot + 0.5) * length) / of - 0.5;
  const original = await attributor.outputs(activation, evaluationOf(request));
  const perturbed = await sweepGrid({
    title: 'Blur perturbation',
    grid,
    row: attributor.model.outputs,
    largest: largestBatch,
    cancellation,
    progress,
    draft: draft && ((coarse, done) => draft({ grid, original, perturbed: coarse }, done)),
    evaluate(spots) {
      const points = new Float32Array(spots.length * size);
      spots.forEach((spot, k) => {
        const centreY = centre(Math.floor(spot / grid.width), grid.height, height);
        const centreX = centre(spot % grid.width, grid.width, width);
        for (let y = 0, i = 0; y < height; y++) {
          const down = falloff(y - centreY);
          for (let x = 0; x < width; x++) {
            const mask = down * falloff(x - centreX);
            for (let c = 0; c < channels; c++, i++) {
              points[k * size + i] = activation[i] + mask * (blurred[i] - activation[i]);
            }
          }
        }
      });
      return attributor.outputs(points, evaluationOf(request));
    },
  });
  return { grid, original, perturbed };
}

/** A value a spot, brought to the layer's size. */
export function spread(values: Float32Array, grid: Size, height: number, width: number): Float32Array {
  return resizeBilinear(values, grid, { height, width });
}
