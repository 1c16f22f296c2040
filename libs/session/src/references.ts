/** Pictures that an attribution may compare a frame with, beyond those of @saccade/insight. */
import { environmentOf } from '@saccade/agent';
import { resolveCoinRunConfig, velocitySquaresOf } from '@saccade/envs';
import type { References } from '@saccade/insight';
import type { Policy } from '@saccade/nn';

/**
 * `rest`: black, with the velocity squares as they are at rest. Plain black would read as full speed to the left,
 * falling. Empty for environments that paint no velocity.
 */
export function restPicture(policy: Policy): References {
  const { name, config } = environmentOf(policy);
  if (name !== 'coinrun' || !resolveCoinRunConfig(config).velocitySquares) return {};
  const [height, width, channels] = policy.network.observationShape;
  const rest = new Uint8Array(height * width * channels);
  const squares = velocitySquaresOf(height);
  for (let y = 0; y < squares.height; y++) {
    rest.fill(squares.atRest, y * width * channels, (y * width + squares.width) * channels);
  }
  return { rest };
}
