/** Pictures that an attribution may compare a frame with, beyond those of @saccade/insight. */
import { environmentOf } from '@saccade/agent';
import { resolveCoinRunConfig } from '@saccade/envs';
import type { References } from '@saccade/insight';
import type { Policy } from '@saccade/nn';

/** Side of a velocity square as a share of the picture's, and its shade when the agent stands still. */
const square = 0.2;
const atRest = 127;

/**
 * `rest`: black, with the velocity squares as they are at rest. Plain black would read as full speed to the left,
 * falling. Empty for environments that paint no velocity.
 */
export function restPicture(policy: Policy): References {
  const { name, config } = environmentOf(policy);
  if (name !== 'coinrun' || !resolveCoinRunConfig(config).velocitySquares) return {};
  const [height, width, channels] = policy.network.observationShape;
  const rest = new Uint8Array(height * width * channels);
  const columns = Math.round(2 * square * width);
  for (let y = 0; y < Math.round(square * height); y++) {
    rest.fill(atRest, y * width * channels, (y * width + columns) * channels);
  }
  return { rest };
}
