/**
 * From a saliency map to the outline of a thing: what is most salient shows what the thing looks like, what is least
 * shows the background, and the cheapest cut between the two is its edge.
 */
import { expectLength } from '@saccade/core';
import { largestComponent } from './box.ts';
import { createFlowNetwork } from './maxFlow.ts';
import { fitMixture } from './mixture.ts';
import { magnitudeQuantile } from './paint.ts';
import type { Size } from './resize.ts';

/** Quantiles of saliency (Simonyan et al. 2013, section 3.2). */
const foregroundAbove = 0.95;
const backgroundBelow = 0.3;
/** How much an edge between equal colours costs against one unit of log likelihood (Rother et al. 2004). */
const smoothness = 50;
/** Keeps seeds on their side. */
const certain = 1e6;

/**
 * Simonyan, Vedaldi & Zisserman 2013, https://arxiv.org/abs/1312.6034, section 3.2; GraphCut: Boykov & Jolly 2001.
 * @param saliency at least 0, [height, width]
 * @param frame RGB bytes, [height, width, 3]
 * @returns 1 inside the thing, [height, width]: its largest connected part; all zero for a flat map
 */
export function segment(saliency: Float32Array, frame: Uint8Array, size: Size): Uint8Array {
  const { height, width } = size;
  const positions = height * width;
  expectLength('segment', 'saliency', [height, width], saliency.length);
  expectLength('segment', 'frame', [height, width, 3], frame.length);
  const high = magnitudeQuantile(saliency, foregroundAbove);
  const low = magnitudeQuantile(saliency, backgroundBelow);
  if (!(high > low)) return new Uint8Array(positions);
  const colour = (p: number): [number, number, number] => [frame[p * 3], frame[p * 3 + 1], frame[p * 3 + 2]];
  const coloursWhere = (wanted: (value: number) => boolean): Float64Array => {
    const colours: number[] = [];
    for (let p = 0; p < positions; p++) if (wanted(saliency[p])) colours.push(...colour(p));
    return Float64Array.from(colours);
  };
  const foreground = fitMixture(coloursWhere((value) => value >= high));
  const background = fitMixture(coloursWhere((value) => value <= low));

  const neighbours: [number, number, number, number][] = [];
  let squared = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [dy, dx] of [
        [0, 1],
        [1, 0],
        [1, 1],
        [1, -1],
      ]) {
        const [ny, nx] = [y + dy, x + dx];
        if (ny >= height || nx < 0 || nx >= width) continue;
        const [a, b] = [colour(y * width + x), colour(ny * width + nx)];
        const difference = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
        neighbours.push([y * width + x, ny * width + nx, difference, Math.hypot(dy, dx)]);
        squared += difference;
      }
    }
  }
  const contrast = squared === 0 ? 0 : neighbours.length / (2 * squared);

  const network = createFlowNetwork(positions + 2);
  const [source, sink] = [positions, positions + 1];
  for (let p = 0; p < positions; p++) {
    const seed = saliency[p] >= high ? 1 : saliency[p] <= low ? -1 : 0;
    const likelihood = foreground(...colour(p)) - background(...colour(p));
    network.connect(source, p, seed === 1 ? certain : seed === -1 ? 0 : Math.max(0, likelihood), 0);
    network.connect(p, sink, seed === -1 ? certain : seed === 1 ? 0 : Math.max(0, -likelihood), 0);
  }
  for (const [a, b, difference, distance] of neighbours) {
    const cost = (smoothness * Math.exp(-contrast * difference)) / distance;
    network.connect(a, b, cost, cost);
  }
  const { withSource } = network.cut(source, sink);
  return largestComponent(withSource.subarray(0, positions), size);
}
