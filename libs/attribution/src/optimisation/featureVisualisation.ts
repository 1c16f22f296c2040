/**
 * Feature visualisation: pictures that a unit, a channel or a direction of channels likes best. Beyond the first layer
 * of small agents these are mostly clouds of colour (Hilton et al. 2020 found so); dataset examples say more.
 */
import { expectShape, InputError, normal, throwIfAborted } from '@saccade/core';
import type { Cancellation, RandomStream } from '@saccade/core';
import type { Attributor } from '../attributor.ts';
import { affineMap } from '../picture/affine.ts';
import { createAscent } from './adam.ts';
import { mixColours, mixColoursBack } from './colour.ts';
import type { ColourMatrix } from './colour.ts';
import { likeness } from './diversity.ts';
import { createSpectrum } from './spectrum.ts';

/** What to raise, of a layer [height, width, channel]. */
export type FeatureObjective =
  | { readonly kind: 'channel'; readonly channel: number }
  | { readonly kind: 'unit'; readonly y: number; readonly x: number; readonly channel: number }
  /** The mean over positions of activation . direction; `direction` [channels]. */
  | { readonly kind: 'direction'; readonly direction: Float32Array };

export interface VisualisationOptions {
  /** Pictures made at once. 1 by default. */
  readonly pictures?: number;
  /** 512 by default. */
  readonly steps?: number;
  /** Of Adam; 0.05 by default. */
  readonly rate?: number;
  /** How much the pictures' textures are pushed apart. 0 by default; needs several pictures. */
  readonly diversity?: number;
  /** Largest shift a step, pixels; scale and turn vary with it. 2 by default, as at 64 pixels. */
  readonly jitter?: number;
  readonly random: RandomStream;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

export interface Visualisation {
  /** Values 0-1, [height, width, 3] each. */
  readonly pictures: readonly Float32Array[];
  /** The objective of each picture as it is, unshifted. */
  readonly scores: Float64Array;
  readonly caption: string;
}

export const visualisationCaption =
  'Made by optimisation. Beyond the first layer such pictures are mostly clouds of colour: look at dataset examples too.';

/** Steps in which closed ReLUs let gradients through, to leave a start where nothing is active. */
const redirectedSteps = 16;
/** Of scale and turn under jitter: a share, and degrees. */
const [scaleSpread, turnSpread] = [0.05, 5];
const initialDeviation = 0.01;
const grey = 0.5;

/** d objective / d layer, [outputs]; the objective is linear in the layer. */
function objectiveWeights(objective: FeatureObjective, [height, width, channels]: readonly number[]): Float32Array {
  const weights = new Float32Array(height * width * channels);
  const expectIndex = (what: string, index: number, count: number): void => {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new InputError(`visualiseFeature: expected a ${what} from 0 to ${count - 1}, got ${index}`);
    }
  };
  switch (objective.kind) {
    case 'channel':
      expectIndex('channel', objective.channel, channels);
      for (let i = objective.channel; i < weights.length; i += channels) weights[i] = 1 / (height * width);
      return weights;
    case 'unit':
      expectIndex('row', objective.y, height);
      expectIndex('column', objective.x, width);
      expectIndex('channel', objective.channel, channels);
      weights[(objective.y * width + objective.x) * channels + objective.channel] = 1;
      return weights;
    case 'direction':
      expectShape('visualiseFeature', 'direction', [channels], [objective.direction.length]);
      return weights.map((_, i) => objective.direction[i % channels] / (height * width));
    default:
      return objective satisfies never;
  }
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/**
 * Olah, Mordvintsev & Schubert 2017, https://doi.org/10.23915/distill.00007: preconditioned spectrum, decorrelated
 * colour, random transformations, diversity.
 * @param units inputs 0-1 [height, width, 3] -> the layer, flattened
 * @param layerShape [height, width, channel] of the layer
 * @param colours of one's own frames
 */
export async function visualiseFeature(
  units: Attributor,
  layerShape: readonly number[],
  objective: FeatureObjective,
  colours: ColourMatrix,
  {
    pictures = 1,
    steps = 512,
    rate = 0.05,
    diversity = 0,
    jitter = 2,
    random,
    cancellation,
    progress,
  }: VisualisationOptions,
): Promise<Visualisation> {
  const [height, width, channels] = units.model.shape;
  expectShape('visualiseFeature', 'inputs', [-1, -1, 3], units.model.shape);
  expectShape('visualiseFeature', 'layer', [-1, -1, -1], layerShape);
  const weights = objectiveWeights(objective, layerShape);
  const spectrum = createSpectrum(height, width, channels);
  const { size } = units;
  const amplitudes = Array.from({ length: pictures }, () =>
    Float32Array.from({ length: size }, () => initialDeviation * normal(random)),
  );
  const ascents = amplitudes.map(() => createAscent(size, rate));
  const pictureOf = (values: Float32Array): Float32Array =>
    mixColours(spectrum.toPicture(values), colours).map(sigmoid);
  const around = (spread: number): number => spread * (2 * random.next() - 1);

  for (let step = 0; step < steps; step++) {
    throwIfAborted(cancellation, 'visualiseFeature');
    const drawn = amplitudes.map(pictureOf);
    const moves = drawn.map(() =>
      affineMap(units.model.shape, {
        dx: Math.round(around(jitter)),
        dy: Math.round(around(jitter)),
        scale: jitter === 0 ? 1 : 1 + around(scaleSpread),
        degrees: jitter === 0 ? 0 : around(turnSpread),
      }),
    );
    const points = new Float32Array(pictures * size);
    drawn.forEach((picture, i) => points.set(moves[i].apply(picture, grey), i * size));
    const pulls = new Float32Array(pictures * weights.length);
    for (let i = 0; i < pictures; i++) pulls.set(weights, i * weights.length);
    if (diversity > 0 && pictures > 1) {
      const { gradient } = likeness(await units.outputs(points), pictures, layerShape[2]);
      for (let i = 0; i < pulls.length; i++) pulls[i] -= diversity * gradient[i];
    }
    const { gradients } = await units.pullBack(points, pulls, {
      ops: step < redirectedSteps ? 'redirected' : 'plain',
      cancellation,
    });
    drawn.forEach((picture, i) => {
      const atPicture = moves[i].pullBack(gradients.subarray(i * size, (i + 1) * size));
      const atColours = atPicture.map((g, at) => g * picture[at] * (1 - picture[at]));
      ascents[i](amplitudes[i], spectrum.pullBack(mixColoursBack(atColours, colours)));
    });
    progress?.((step + 1) / steps);
  }
  const finished = amplitudes.map(pictureOf);
  const scores = new Float64Array(pictures);
  for (const [i, picture] of finished.entries()) {
    const outputs = await units.outputs(picture);
    scores[i] = outputs.reduce((sum, value, at) => sum + value * weights[at], 0);
  }
  return { pictures: finished, scores, caption: visualisationCaption };
}
