/** A picture that a factor likes, made by optimisation against the policy itself. */
import { encode } from 'fast-png';
import { createStream } from '@saccade/core';
import type { Cancellation } from '@saccade/core';
import { colourMatrix, visualiseFeature } from '@saccade/attribution';
import { createExplainer } from '@saccade/insight';
import type { Compile, Policy } from '@saccade/nn';
import type { FeaturePicture } from '@saccade/protocol';

interface PictureRequest {
  readonly layer: string;
  /** [factors][channels]. */
  readonly directions: readonly (readonly number[])[];
  /** Which of them. */
  readonly factors: readonly number[];
  /** RGB bytes of the policy's own frames: where the colours come from. */
  readonly frames: Uint8Array;
  readonly steps: number;
  readonly cancellation?: Cancellation;
  readonly progress?: (done: number) => void;
}

export async function featurePictures(
  policy: Policy,
  compile: Compile,
  { layer, directions, factors, frames, steps, cancellation, progress }: PictureRequest,
): Promise<FeaturePicture[]> {
  const explainer = createExplainer({ policy, compile });
  const [height, width] = policy.network.observationShape;
  const colours = colourMatrix(frames);
  const made: FeaturePicture[] = [];
  try {
    for (const [i, factor] of factors.entries()) {
      const { pictures, caption } = await visualiseFeature(
        explainer.unitsAt(layer),
        policy.network.layerShapes[layer],
        { kind: 'direction', direction: Float32Array.from(directions[factor]) },
        colours,
        {
          steps,
          random: createStream(factor, `picture of ${layer}`),
          cancellation,
          progress: (done) => progress?.((i + done) / factors.length),
        },
      );
      const data = Uint8Array.from(pictures[0], (value) => Math.round(255 * value));
      const png = Buffer.from(encode({ width, height, data, channels: 3, depth: 8 })).toString('base64');
      made.push({ layer, factor, png, caption });
    }
    return made;
  } finally {
    explainer.dispose();
  }
}
